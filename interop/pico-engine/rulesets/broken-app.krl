ruleset try.broken.app {
  rule a { select when a b always { app:x := 1 } }
}
