# The cut was over before the second question: its silence is the caller's.
plan two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
cut
restored
  3.000s stop
  3.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
key 1
  3.000s stop
  3.000s save [service rated satisfied=3 key 1 at 0ms of reading 2 heard 1] (service 1 accepted) resumed 1
saved
  3.000s play 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  14.000s play nothing-heard 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  26.000s save [resolved no_input heard 3] resumed 1
saved
  26.000s play 300ms thank-you
hear all
  27.300s release
left
  27.300s save resumed 1 end silent
