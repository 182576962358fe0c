# Only wrong keys came: invalid, not no_input.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
key 9
  0.000s stop
  0.000s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  12.000s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  24.000s release
left
  24.000s save [service invalid heard 3] (service 9 wrong) end wrong_keys
