ruleset try.broken.any {
  rule a { select when any 2 (a b, c d) }
}
