# Asterisk never says that the caller left.
plan no-retries
  0.000s play 500ms rate-service 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
wait 5s
  11.000s release
wait 6s
  13.000s release
  15.000s release
  17.000s save [service no_input heard 3] end silent
