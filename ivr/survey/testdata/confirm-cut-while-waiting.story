# The connection does not come back in time: the choice stands.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  4.500s stop
  4.500s play chose-fair-1-or-2
hear all
cut
wait 4s
  9.500s save [service rated fair=2 key 2 at 4500ms of reading 1 heard 2] (service 2 accepted)
saved
  9.500s play 300ms thank-you
hear all
  10.800s release
left
  10.800s save end completed
