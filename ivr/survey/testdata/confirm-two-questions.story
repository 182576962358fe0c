# The key that kept the first choice, pressed twice, is none of the second question.
plan confirm-two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s play chose-satisfied-1-or-2
hear all
wait 1s
key 1
  5.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted) (service 1 action)
saved
  5.000s play 500ms rate-resolved 500ms dissatisfied-3 fair-2 500ms satisfied-1
key 1
hear option 2
key 2
  9.000s stop
  9.000s play chose-fair-1-or-2
key 2
hear start 1
key 2
hear all
wait 4s
  14.000s save [resolved rated fair=2 key 2 at 4000ms of reading 1 heard 2] (service 1 late) (resolved 2 accepted) (resolved 2 late) (resolved 2 late)
saved
  14.000s play 300ms thank-you
hear all
  15.300s release
left
  15.300s save end completed
