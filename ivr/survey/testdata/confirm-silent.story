# Silence keeps the choice.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 1s
key 3
  7.000s play chose-dissatisfied-1-or-2
hear all
wait 4s
  12.000s save [service rated dissatisfied=1 key 3 at 7000ms of reading 1 heard 3] (service 3 accepted)
saved
  12.000s play 300ms thank-you
hear all
  13.300s release
left
  13.300s save end completed
