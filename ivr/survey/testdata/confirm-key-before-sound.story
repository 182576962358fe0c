# A key before the first sound is read back too.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
key 2
  0.000s stop
  0.000s play chose-fair-1-or-2
hear all
key 2
  1.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 1
  5.500s stop
  5.500s play chose-satisfied-1-or-2
hear all
wait 4s
  10.500s save [service rated satisfied=3 key 1 at 4500ms of reading 2 heard 2] (service 2 taken_back) (service 2 action) (service 1 accepted)
saved
  10.500s play 300ms thank-you
hear all
  11.800s release
left
  11.800s save end completed
