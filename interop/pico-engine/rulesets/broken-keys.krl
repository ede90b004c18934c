ruleset try.broken.keys {
  meta { keys secret "x" }
}
