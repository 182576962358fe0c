# Questions and choices together are repeated twice; then the wait goes on.
plan confirm
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
cut
restored
  4.500s stop
  4.500s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
key 2
  9.000s stop
  9.000s play chose-fair-1-or-2
hear all
cut
restored
  10.000s play chose-fair-1-or-2
hear all
wait 1s
cut
restored
wait 3s
  15.000s save [service rated fair=2 key 2 at 4500ms of reading 2 heard 2] (service 2 accepted) resumed 2
saved
  15.000s play 300ms thank-you
hear all
  16.300s release
left
  16.300s save resumed 2 end completed
