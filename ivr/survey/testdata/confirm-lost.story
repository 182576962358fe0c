# Asterisk went away: the choice was made before.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
lost
  5.500s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 2] (service 2 accepted) end completed
