# A caller who hangs up ends the list a moment before leaving.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
break
wait 5ms
hangup
  3.005s save [service hangup heard 1] end caller_left
