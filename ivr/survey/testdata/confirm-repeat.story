# A repeat before the choice is one of its own; behind it, its key is a wrong one.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 0
  3.000s stop
  3.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  6.000s stop
  6.000s play chose-satisfied-1-or-2
hear all
key 0
wait 4s
  11.000s save [service rated satisfied=3 key 1 at 3000ms of reading 2 heard 1] (service 0 action) (service 1 accepted) (service 0 wrong)
saved
  11.000s play 300ms thank-you
hear all
  12.300s release
left
  12.300s save end completed
