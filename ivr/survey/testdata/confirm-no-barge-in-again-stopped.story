# Without barge-in a caller who took the choice back is not thanked for it when
# the service is stopped during the sentence.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 3
  6.000s play chose-dissatisfied-1-or-2
hear start 1
wait 1100ms
key 2
stop
  7.100s stop
  7.100s release
left
  7.100s save [service error heard 3] (service 3 taken_back) (service 2 action) end stopped
