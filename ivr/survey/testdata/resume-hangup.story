# The caller hangs up in the question that is asked again.
resume two rated 150s
  0.000s play 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear option 1
hangup
  3.000s save [resolved hangup heard 1] resumed 1 end caller_left
