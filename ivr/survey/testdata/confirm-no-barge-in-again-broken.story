# Without barge-in a sentence that broke off does not keep what was taken back.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s play chose-satisfied-1-or-2
hear start 1
wait 1100ms
key 2
hear failure
wait 1s
  8.100s release
left
  8.100s save [service error heard 3] (service 1 taken_back) (service 2 action) end audio
