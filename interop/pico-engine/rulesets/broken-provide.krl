ruleset try.broken.provide {
  meta { provides nowhere }
}
