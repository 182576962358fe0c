# A second behind choose-again its key rates as ever.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
key 2
  4.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
wait 1s
key 2
  5.000s stop
  5.000s play chose-fair-1-or-2
hear all
wait 4s
  10.000s save [service rated fair=2 key 2 at 0ms of reading 2 heard 1] (service 1 taken_back) (service 2 action) (service 2 accepted)
saved
  10.000s play 300ms thank-you
hear all
  11.300s release
left
  11.300s save end completed
