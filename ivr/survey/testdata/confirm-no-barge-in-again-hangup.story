# Without barge-in a caller who takes the choice back and hangs up during the
# sentence has not rated.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s play chose-satisfied-1-or-2
hear start 1
wait 1100ms
key 2
hangup
  7.100s save [service hangup heard 3] (service 1 taken_back) (service 2 action) end caller_left
