ruleset try.broken.action {
  meta { shares act }
  global { act = defaction() { noop() } }
}
