ruleset try.broken.noselect {
  rule a { send_directive("x") }
}
