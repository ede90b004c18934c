ruleset try.broken.syntax {
  global {
    x = = 1
  }
}
