ruleset try.broken.init {
  global { x = [1].map(5) }
}
