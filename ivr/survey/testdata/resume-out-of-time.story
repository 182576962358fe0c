# Asked again, and over before the dialplan takes the caller.
resume one none 15s
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 9s
  11.000s play nothing-heard 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
  13.000s stop
  13.000s release
  15.000s release
left
  15.000s save [service error heard 3] resumed 1 end overdue
