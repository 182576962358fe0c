# The choice is read back and kept; press time and heard are those of the key that chose.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
wait 1s
key 1
  6.500s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 2] (service 2 accepted) (service 1 action)
saved
  6.500s play 300ms thank-you
hear all
  7.800s release
left
  7.800s save end completed
