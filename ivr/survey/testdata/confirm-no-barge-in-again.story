# Without barge-in the choice is taken back at the end of the sentence.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s play chose-satisfied-1-or-2
wait 200ms
hear start 1
wait 900ms
key 1
key 2
hear all
  8.100s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 3
  14.100s play chose-dissatisfied-1-or-2
hear all
wait 4s
  19.100s save [service rated dissatisfied=1 key 3 at 6000ms of reading 2 heard 3] (service 1 taken_back) (service 1 early) (service 2 action) (service 3 accepted)
saved
  19.100s play 300ms thank-you
hear all
  20.400s release
left
  20.400s save end completed
