# A wrong key that came last changes nothing: the wait begins, and in it a key counts at once.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s play chose-satisfied-1-or-2
wait 200ms
hear start 1
wait 900ms
key 9
hear all
wait 3s
key 8
wait 900ms
key 1
  12.000s save [service rated satisfied=3 key 1 at 6000ms of reading 1 heard 3] (service 1 accepted) (service 9 wrong) (service 8 wrong) (service 1 action)
saved
  12.000s play 300ms thank-you
hear all
  13.300s release
left
  13.300s save end completed
