# The list broke off, and the caller is still there and rates.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
break
wait 500ms
key 1
  3.500s save [service rated satisfied=3 key 1 at 3500ms of reading 1 heard 1] (service 1 accepted)
saved
  3.500s play 300ms thank-you
hear all
  4.800s release
left
  4.800s save end completed
