plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 9
  4.500s stop
  4.500s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  8.500s stop
  8.500s save [service rated satisfied=3 key 1 at 4000ms of reading 2 heard 2] (service 9 wrong) (service 1 accepted)
saved
  8.500s play 300ms thank-you
hear all
  9.800s release
left
  9.800s save end completed
