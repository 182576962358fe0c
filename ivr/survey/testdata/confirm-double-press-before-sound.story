# Before the sentence has begun no key answers it, however long that takes.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
wait 3s
key 2
hear all
wait 4s
  12.500s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 2] (service 2 accepted) (service 2 late)
saved
  12.500s play 300ms thank-you
hear all
  13.800s release
left
  13.800s save end completed
