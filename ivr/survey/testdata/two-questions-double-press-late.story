# Even when the next question is being spoken, a key within a second of it belongs to the one before.
plan two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 1
  6.000s save [service rated satisfied=3 key 1 at 6000ms of reading 1 heard 3] (service 1 accepted)
saved
  6.000s play 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear start 2
key 1
hear option 1
key 2
  9.000s stop
  9.000s save [resolved rated fair=2 key 2 at 3000ms of reading 1 heard 1] (service 1 late) (resolved 2 accepted)
saved
  9.000s play 300ms thank-you
hear all
  10.300s release
left
  10.300s save end completed
