plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear failure
wait 1s
  1.000s release
left
  1.000s save [service error heard 0] end audio
