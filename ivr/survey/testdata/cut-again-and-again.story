# A question is asked again twice; then its silence is our fault.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
cut
restored
  3.000s stop
  3.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
cut
restored
  6.000s stop
  6.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
cut
restored
hear all
wait 5s
  17.000s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  29.000s release
left
  29.000s save [service error heard 3] resumed 2 end lost
