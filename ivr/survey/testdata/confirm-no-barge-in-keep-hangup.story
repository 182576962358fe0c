# Without barge-in a choice stands if the last key of the sentence does not
# take it back.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s play chose-satisfied-1-or-2
hear start 1
wait 1100ms
key 2
key 7
hangup
  7.100s save [service rated satisfied=3 key 1 at 6000ms of reading 1 heard 3] (service 1 accepted) (service 2 early) (service 7 early) end completed
