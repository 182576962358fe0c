# A sound that Asterisk skipped makes the list too short.
plan one
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all without 5
wait 1s
  6.500s release
left
  6.500s save [service error heard 2] end audio
