# What was missed behind a choice is made good by reading it back: silence is the caller's.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
cut
restored
  5.500s play chose-fair-1-or-2
hear all
key 2
  6.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  17.500s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  29.500s release
left
  29.500s save [service no_input heard 3] (service 2 taken_back) (service 2 action) resumed 1 end silent
