# The sentence need not be heard to its end.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
wait 500ms
hear start 1
wait 600ms
key 1
  4.100s stop
  4.100s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted) (service 1 action)
saved
  4.100s play 300ms thank-you
hear all
  5.400s release
left
  5.400s save end completed
