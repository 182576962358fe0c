# Too little time is left to read the choice back again: it stands when the wait is over.
resume confirm none 18s
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 2
  6.000s play chose-fair-1-or-2
hear all
cut
wait 3s
restored
wait 1s
  11.000s save [service rated fair=2 key 2 at 6000ms of reading 1 heard 3] (service 2 accepted) resumed 1
saved
  11.000s play 300ms thank-you
hear all
  12.300s release
left
  12.300s save resumed 1 end completed
