# The first stop lets the thank-you play, the second ends it.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted)
saved
  3.000s play 300ms thank-you
wait 200ms
stop
wait 200ms
stop
  3.400s stop
  3.400s release
left
  3.400s save end completed
