# Taken back: the menu is read again, and what is chosen then counts.
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
hear option 3
key 3
  11.000s stop
  11.000s play chose-dissatisfied-1-or-2
hear all
wait 2s
key 1
  14.000s save [service rated dissatisfied=1 key 3 at 6000ms of reading 2 heard 2] (service 1 taken_back) (service 2 action) (service 3 accepted) (service 1 action)
saved
  14.000s play 300ms thank-you
hear all
  15.300s release
left
  15.300s save end completed
