# 0 repeats twice, after that it is a wrong key.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 0
  3.000s stop
  3.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 3
key 0
  9.000s stop
  9.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 0
  13.500s stop
  13.500s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  17.500s stop
  17.500s save [service rated satisfied=3 key 1 at 4000ms of reading 4 heard 2] (service 0 action) (service 0 action) (service 0 wrong) (service 1 accepted)
saved
  17.500s play 300ms thank-you
hear all
  18.800s release
left
  18.800s save end completed
