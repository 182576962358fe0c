# Stopped again: released at once, and the choice is kept.
plan confirm-two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
wait 1s
stop
  6.500s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 2] (service 2 accepted)
stop
  6.500s release
left
  6.500s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 2] [resolved not_reached heard 0] (service 2 accepted) end stopped
