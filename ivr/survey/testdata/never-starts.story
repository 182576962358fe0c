plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
wait 5s
  5.000s stop
  5.000s release
wait 6s
  7.000s release
  9.000s release
  11.000s save [service error heard 0] end audio
