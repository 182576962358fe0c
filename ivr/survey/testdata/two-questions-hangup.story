plan two
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 2
hangup
  4.500s save [service hangup heard 2] [resolved not_reached heard 0] end caller_left
