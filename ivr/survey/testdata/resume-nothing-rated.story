# Every question has its answer and none was rated: nothing is left to say.
resume one no_input 150s
  0.000s release
left
  0.000s save resumed 1 end silent
