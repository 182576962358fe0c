# Without barge-in a choice that was taken back before the connection was cut is
# not read back again: the menu is.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s play chose-satisfied-1-or-2
hear start 1
wait 1100ms
key 2
cut
wait 100ms
restored
  7.200s stop
  7.200s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 3
  13.200s play chose-dissatisfied-1-or-2
hear all
wait 4s
  18.200s save [service rated dissatisfied=1 key 3 at 6000ms of reading 2 heard 3] (service 1 taken_back) (service 2 action) (service 3 accepted) resumed 1
saved
  18.200s play 300ms thank-you
hear all
  19.500s release
left
  19.500s save resumed 1 end completed
