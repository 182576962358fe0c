plan no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 2
  6.000s save [service rated fair=2 key 2 at 6000ms of reading 1 heard 3] (service 2 accepted)
saved
  6.000s play 300ms thank-you
hear all
  7.300s release
left
  7.300s save end completed
