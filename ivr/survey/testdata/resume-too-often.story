# Taken up again five times already: the caller is released.
resume one none 150s again 6
  0.000s release
left
  0.000s save [service error heard 0] resumed 6 end lost
