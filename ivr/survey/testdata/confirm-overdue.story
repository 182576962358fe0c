# The dialplan is about to take the caller: the choice stands.
resume confirm none 15s
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 4900ms
key 2
  10.900s play chose-fair-1-or-2
hear all
wait 1100ms
  13.000s save [service rated fair=2 key 2 at 10900ms of reading 1 heard 3] (service 2 accepted) resumed 1
  13.000s release
left
  13.000s save [service rated fair=2 key 2 at 10900ms of reading 1 heard 3] (service 2 accepted) resumed 1 end completed
