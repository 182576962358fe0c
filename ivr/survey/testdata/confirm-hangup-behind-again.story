# A choice that was taken back is no rating.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
key 2
  5.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
hangup
  8.500s save [service hangup heard 2] (service 2 taken_back) (service 2 action) end caller_left
