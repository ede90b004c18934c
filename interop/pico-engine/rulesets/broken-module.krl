ruleset try.broken.module {
  meta { use module nowhere.to.be.found }
}
