# A double press has the same key twice. Another one takes the choice back as
# soon as the caller begins to hear it, not before.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
wait 100ms
key 2
hear start 1
wait 100ms
key 2
  3.200s stop
  3.200s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 3
key 3
  9.200s stop
  9.200s play chose-dissatisfied-1-or-2
hear all
wait 4s
  14.200s save [service rated dissatisfied=1 key 3 at 6000ms of reading 2 heard 2] (service 1 taken_back) (service 2 late) (service 2 action) (service 3 accepted)
saved
  14.200s play 300ms thank-you
hear all
  15.500s release
left
  15.500s save end completed
