ruleset try.broken.duplicate {
  rule a { select when a b }
  rule a { select when a c }
}
