ruleset try.broken.share {
  meta { shares there, nowhere }
  global { there = 1 }
}
