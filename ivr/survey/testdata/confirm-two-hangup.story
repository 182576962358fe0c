# The second question was not reached.
plan confirm-two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
hangup
  4.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] [resolved not_reached heard 0] (service 1 accepted) end caller_left
