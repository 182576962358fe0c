# Killed in the second question: only that one is asked; keys go on counting.
resume two rated 150s
  0.000s play 500ms rate-resolved 500ms satisfied-1 500ms fair-2 500ms dissatisfied-3
hear all
key 3
  6.000s save [resolved rated dissatisfied=1 key 3 at 6000ms of reading 1 heard 3] (resolved 3 accepted) resumed 1
saved
  6.000s play 300ms thank-you
hear all
  7.300s release
left
  7.300s save resumed 1 end completed
