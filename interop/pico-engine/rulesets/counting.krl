ruleset try.counting {
  meta {
    name "Counting"
    provides tally, add, word, nothidden, step
    shares tally
    configure using
      word = "default word"
      step = 1
  }
  global {
    tally = function() { ent:count.defaultsTo(0) }
    hidden = function() { "hidden" }
    nothidden = function() { [word, step, hidden(), meta:rid, ctx:rid, ctx:rid_name] }
    reset_if = defaction(n) { noop() return n }
    add = defaction(n = 1) {
      every {
        send_directive("adding", {"n": n, "word": word})
        reset_if(n) setting(x)
      }
      return n + step
    }
  }
  rule up { select when counting up send_directive("up", {"step": step}) always { ent:count := tally() + step } }
}
