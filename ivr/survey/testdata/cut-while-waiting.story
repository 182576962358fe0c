# Keys do not reach us: that no key came is our fault, not the caller's silence.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
cut
wait 5s
  11.000s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all silently
wait 3s
  21.000s stop
wait 5s
  26.000s release
left
  26.000s save [service error heard 3] end lost
