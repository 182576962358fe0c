plan no-retries
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 9
  3.000s stop
  3.000s release
left
  3.000s save [service invalid heard 1] (service 9 wrong) end wrong_keys
