# A wrong key during the menu is answered at its end.
plan no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 9
hear all
  6.000s play wrong-key 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  13.000s save [service rated satisfied=3 key 1 at 7000ms of reading 2 heard 3] (service 9 wrong) (service 1 accepted)
saved
  13.000s play 300ms thank-you
hear all
  14.300s release
left
  14.300s save end completed
