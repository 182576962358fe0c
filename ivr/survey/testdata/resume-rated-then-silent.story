# Every question has its answer; one of them was rated.
resume two rated,no_input 150s
  0.000s play 300ms thank-you
hear all
  1.300s release
left
  1.300s save resumed 1 end silent
