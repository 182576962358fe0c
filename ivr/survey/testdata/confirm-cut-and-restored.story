# A key that took the choice back may have been missed: it is read back again.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
cut
wait 1s
restored
  6.500s play chose-fair-1-or-2
hear all
wait 1s
key 2
  8.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  11.500s stop
  11.500s play chose-satisfied-1-or-2
hear all
key 1
  12.500s save [service rated satisfied=3 key 1 at 3000ms of reading 2 heard 2] (service 2 taken_back) (service 2 action) (service 1 accepted) (service 1 action) resumed 1
saved
  12.500s play 300ms thank-you
hear all
  13.800s release
left
  13.800s save resumed 1 end completed
