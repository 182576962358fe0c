# Each question has choose-agains of its own.
plan confirm-two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
key 2
  4.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  7.000s stop
  7.000s play chose-satisfied-1-or-2
hear all
key 1
  8.000s save [service rated satisfied=3 key 1 at 3000ms of reading 2 heard 1] (service 1 taken_back) (service 2 action) (service 1 accepted) (service 1 action)
saved
  8.000s play 500ms rate-resolved 500ms dissatisfied-3 fair-2 500ms satisfied-1
hear option 1
key 1
  11.000s stop
  11.000s play chose-satisfied-1-or-2
hear all
key 2
  12.000s play 500ms rate-resolved 500ms dissatisfied-3 fair-2 500ms satisfied-1
hear option 3
key 3
  17.500s stop
  17.500s play chose-dissatisfied-1-or-2
hear all
wait 4s
  22.500s save [resolved rated dissatisfied=1 key 3 at 5500ms of reading 2 heard 2] (resolved 1 taken_back) (resolved 2 action) (resolved 3 accepted)
saved
  22.500s play 300ms thank-you
hear all
  23.800s release
left
  23.800s save end completed
