# Asked again in full after the cut: silence is the caller's now.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
cut
wait 1s
restored
  4.000s stop
  4.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  15.000s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  27.000s release
left
  27.000s save [service no_input heard 3] resumed 1 end silent
