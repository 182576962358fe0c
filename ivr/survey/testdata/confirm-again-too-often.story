# The caller has chosen again as often as may be: the next choice stands at
# once, because it could not be taken back any more.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
key 2
  4.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  8.500s stop
  8.500s play chose-fair-1-or-2
hear all
wait 3s
key 2
  12.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 3
key 3
  18.500s stop
  18.500s save [service rated dissatisfied=1 key 3 at 6000ms of reading 3 heard 2] (service 1 taken_back) (service 2 action) (service 2 taken_back) (service 2 action) (service 3 accepted)
wait 100ms
key 2
saved
  18.600s play 300ms thank-you
hear all
  19.900s release
left
  19.900s save (service 2 late) end completed
