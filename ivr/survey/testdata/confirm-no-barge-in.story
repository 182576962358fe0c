# Without barge-in both lists are heard to their end, and the last key of each counts then.
plan confirm-no-barge-in
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
hear option 2
key 2
hear all
  6.000s play chose-fair-1-or-2
wait 200ms
hear start 1
wait 900ms
key 2
key 1
hear all
  8.100s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 3] (service 1 early) (service 2 accepted) (service 2 early) (service 1 action)
saved
  8.100s play 300ms thank-you
hear all
  9.400s release
left
  9.400s save end completed
