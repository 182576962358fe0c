# A key during the menu counts at once; one option was heard to its end.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
wait 200ms
key 3
  3.200s stop
  3.200s save [service rated dissatisfied=1 key 3 at 3200ms of reading 1 heard 1] (service 3 accepted)
saved
  3.200s play 300ms thank-you
hear all
  4.500s release
left
  4.500s save end completed
