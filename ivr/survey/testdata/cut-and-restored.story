# A key that comes after the connection stands again counts.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
cut
wait 1s
restored
  5.500s stop
  5.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
key 2
  5.500s stop
  5.500s save [service rated fair=2 key 2 at 0ms of reading 2 heard 2] (service 2 accepted) resumed 1
saved
  5.500s play 300ms thank-you
hear all
  6.800s release
left
  6.800s save resumed 1 end completed
