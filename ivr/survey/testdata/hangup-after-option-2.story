plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
wait 100ms
hangup
  4.600s save [service hangup heard 2] end caller_left
