ruleset try.broken.order {
  global { a = b  b = 1 }
}
