# The second press of choose-again, on a key of the menu, does not rate; another key does at once.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
wait 1s
key 2
  5.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
wait 300ms
key 2
key 3
  5.300s stop
  5.300s play chose-dissatisfied-1-or-2
hear all
wait 4s
  10.300s save [service rated dissatisfied=1 key 3 at 0ms of reading 2 heard 1] (service 1 taken_back) (service 2 action) (service 2 late) (service 3 accepted)
saved
  10.300s play 300ms thank-you
hear all
  11.600s release
left
  11.600s save end completed
