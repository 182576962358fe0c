plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted)
wait 3s
  6.000s release
left
  6.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted) end store
