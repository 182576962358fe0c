# A key that comes before the first sound is real.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
key 1
  0.000s stop
  0.000s save [service rated satisfied=3 key 1 at 0ms of reading 1 heard 0] (service 1 accepted)
saved
  0.000s play 300ms thank-you
hear all
  1.300s release
left
  1.300s save end completed
