# Without barge-in the menu is read to its end; then the last key counts.
plan no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
hear option 2
key 2
hear all
  6.000s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 3] (service 1 early) (service 2 accepted)
saved
  6.000s play 300ms thank-you
hear all
  7.300s release
left
  7.300s save end completed
