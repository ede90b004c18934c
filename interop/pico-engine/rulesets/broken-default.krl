ruleset try.broken.default {
  global { f = function(a = 1, b) { a } }
}
