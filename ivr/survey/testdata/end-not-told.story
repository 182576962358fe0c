# The event of the end was lost; the last sound had begun.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all silently
wait 3s
  9.000s stop
wait 1s
key 1
  10.000s save [service rated satisfied=3 key 1 at 10000ms of reading 1 heard 3] (service 1 accepted)
saved
  10.000s play 300ms thank-you
hear all
  11.300s release
left
  11.300s save end completed
