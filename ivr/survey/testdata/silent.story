# Nobody presses anything: one retry, then the caller goes on.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  11.000s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  23.000s release
left
  23.000s save [service no_input heard 3] end silent
