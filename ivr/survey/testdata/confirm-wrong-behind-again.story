# Wrong keys of the menu are counted as ever, those behind a choice are not.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
key 9
key 9
key 2
  5.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
wait 1s
key 9
  6.500s stop
  6.500s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 9
  10.500s stop
  10.500s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 9
  14.500s stop
  14.500s release
left
  14.500s save [service invalid heard 2] (service 2 taken_back) (service 9 wrong) (service 9 wrong) (service 2 action) (service 9 wrong) (service 9 wrong) (service 9 wrong) end wrong_keys
