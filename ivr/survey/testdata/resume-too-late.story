# What is left of the dialplan's limit is too short to ask.
resume one none 10s
  0.000s release
left
  0.000s save [service error heard 0] resumed 1 end lost
