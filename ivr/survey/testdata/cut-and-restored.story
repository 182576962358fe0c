# A key that comes after the connection stands again counts.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
cut
wait 1s
restored
key 2
  5.500s stop
  5.500s save [service rated fair=2 key 2 at 5500ms of reading 1 heard 2] (service 2 accepted)
saved
  5.500s play 300ms thank-you
hear all
  6.800s release
left
  6.800s save end completed
