# Events of a list that is over are ignored.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 9
  3.000s stop
  3.000s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
late-finish
hear option 1
key 1
  7.000s stop
  7.000s save [service rated satisfied=3 key 1 at 4000ms of reading 2 heard 1] (service 9 wrong) (service 1 accepted)
saved
  7.000s play 300ms thank-you
late-finish
hear all
  8.300s release
left
  8.300s save end completed
