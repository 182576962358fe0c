# The rating stands; only the thank-you has no time any more.
resume one rated 2s
  0.000s release
left
  0.000s save resumed 1 end completed
