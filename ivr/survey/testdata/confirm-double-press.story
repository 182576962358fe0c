# The second press of a double press is no confirmation: the choice can still be taken back.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
wait 100ms
key 1
hear start 1
wait 800ms
key 1
hear all
key 2
  4.900s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 3
key 3
  10.900s stop
  10.900s play chose-dissatisfied-1-or-2
hear all
key 1
  11.900s save [service rated dissatisfied=1 key 3 at 6000ms of reading 2 heard 2] (service 1 taken_back) (service 1 late) (service 1 late) (service 2 action) (service 3 accepted) (service 1 action)
saved
  11.900s play 300ms thank-you
hear all
  13.200s release
left
  13.200s save end completed
