ruleset try.broken.declared {
  global { a = 1  a = 2 }
}
