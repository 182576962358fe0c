# The second choose-again is one too many: a wrong key, and the wait goes on.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
key 2
  4.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  8.500s stop
  8.500s play chose-fair-1-or-2
hear all
wait 3s
key 2
wait 1s
  13.500s save [service rated fair=2 key 2 at 4500ms of reading 2 heard 2] (service 1 taken_back) (service 2 action) (service 2 accepted) (service 2 wrong)
saved
  13.500s play 300ms thank-you
hear all
  14.800s release
left
  14.800s save end completed
