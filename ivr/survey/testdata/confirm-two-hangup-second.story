# Both are rated: the second choice stands.
plan confirm-two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
key 1
  4.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted) (service 1 action)
saved
  4.000s play 500ms rate-resolved 500ms dissatisfied-3 fair-2 500ms satisfied-1
hear option 3
key 3
  9.500s stop
  9.500s play chose-dissatisfied-1-or-2
hangup
  9.500s save [resolved rated dissatisfied=1 key 3 at 5500ms of reading 1 heard 2] (resolved 3 accepted) end completed
