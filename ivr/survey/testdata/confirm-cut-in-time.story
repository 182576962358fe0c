# There is no time to ask again, but enough to read the choice back again.
resume confirm none 20s
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 2
  6.000s play chose-fair-1-or-2
hear all
cut
wait 3s
restored
  10.000s play chose-fair-1-or-2
hear all
wait 4s
  15.000s save [service rated fair=2 key 2 at 6000ms of reading 1 heard 3] (service 2 accepted) resumed 2
saved
  15.000s play 300ms thank-you
hear all
  16.300s release
left
  16.300s save resumed 2 end completed
