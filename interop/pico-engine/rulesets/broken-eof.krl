ruleset try.broken.eof {
  meta { name "x
