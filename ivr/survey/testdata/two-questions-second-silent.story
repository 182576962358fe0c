# Whoever rated one question is thanked.
plan two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s save [service rated satisfied=3 key 1 at 6000ms of reading 1 heard 3] (service 1 accepted)
saved
  6.000s play 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  17.000s play nothing-heard 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  29.000s save [resolved no_input heard 3]
saved
  29.000s play 300ms thank-you
hear all
  30.300s release
left
  30.300s save end silent
