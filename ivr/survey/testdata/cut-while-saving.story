# A cut while a rating is on its way changes nothing.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
key 1
  3.000s stop
  3.000s save [service rated satisfied=3 key 1 at 3000ms of reading 1 heard 1] (service 1 accepted)
cut
restored
saved
  3.000s play 300ms thank-you
hear all
  4.300s release
left
  4.300s save end completed
