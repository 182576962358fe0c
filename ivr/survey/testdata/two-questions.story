plan two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s save [service rated satisfied=3 key 1 at 6000ms of reading 1 heard 3] (service 1 accepted)
saved
  6.000s play 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 3
  10.500s stop
  10.500s save [resolved rated dissatisfied=1 key 3 at 4500ms of reading 1 heard 2] (resolved 3 accepted)
saved
  10.500s play 300ms thank-you
hear all
  11.800s release
left
  11.800s save end completed
