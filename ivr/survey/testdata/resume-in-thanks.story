# Killed in the thank-you: the rating is safe, and is thanked for.
resume one rated 150s
  0.000s play 300ms thank-you
hear all
  1.300s release
left
  1.300s save resumed 1 end completed
