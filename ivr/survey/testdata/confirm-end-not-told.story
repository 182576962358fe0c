# The end of the sentence is not told: the wait begins all the same.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all silently
wait 3s
  8.500s stop
key 2
  8.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  11.500s stop
  11.500s play chose-satisfied-1-or-2
hear all
wait 4s
  16.500s save [service rated satisfied=3 key 1 at 3000ms of reading 2 heard 2] (service 2 taken_back) (service 2 action) (service 1 accepted)
saved
  16.500s play 300ms thank-you
hear all
  17.800s release
left
  17.800s save end completed
