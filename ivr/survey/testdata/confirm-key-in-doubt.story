# The sentence broke off, and the caller is still there and takes the choice back.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
wait 500ms
hear start 1
wait 600ms
break
wait 500ms
key 2
  6.100s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  9.100s stop
  9.100s play chose-satisfied-1-or-2
hear all
key 1
  10.100s save [service rated satisfied=3 key 1 at 3000ms of reading 2 heard 2] (service 2 taken_back) (service 2 action) (service 1 accepted) (service 1 action)
saved
  10.100s play 300ms thank-you
hear all
  11.400s release
left
  11.400s save end completed
