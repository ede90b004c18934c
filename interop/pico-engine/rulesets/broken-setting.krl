ruleset try.broken.setting {
  rule a { select when a b noop() setting(x, y) }
}
