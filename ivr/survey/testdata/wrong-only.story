# Two retries, the third wrong key ends it.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
key 9
  0.000s stop
  0.000s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 8
  4.000s stop
  4.000s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 7
  11.000s release
left
  11.000s save [service invalid heard 3] (service 9 wrong) (service 8 wrong) (service 7 wrong) end wrong_keys
