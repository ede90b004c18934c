ruleset try.broken.undefined {
  global { f = function() { nowhere + 1 } }
}
