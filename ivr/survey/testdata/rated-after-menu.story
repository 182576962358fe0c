# The caller hears everything and rates.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 1s
key 2
  7.000s save [service rated fair=2 key 2 at 7000ms of reading 1 heard 3] (service 2 accepted)
wait 4ms
saved
  7.004s play 300ms thank-you
hear all
  8.304s release
left
  8.304s save end completed
