ruleset try.rules {
  meta { shares seen, total }
  global {
    seen = function() { ent:seen.defaultsTo([]) }
    total = function() { ent:total }
    act = defaction(name, options = {"by": "default"}) {
      greeting = "hi " + name
      send_directive(greeting, options)
    }
    choosing = defaction(which) {
      choose which {
        one => send_directive("one")
        two => send_directive("two", {"n": 2})
      }
      return "chose " + which
    }
    guarded = defaction(x) {
      if x > 5 then every {
        send_directive("big", {"x": x})
        send_directive("also")
      }
      return {"was": x}
    }
  }
  rule plain { select when rules plain send_directive("plain", {"attrs": event:attrs.delete("_headers")}) }
  rule every { select when rules every every { send_directive("first") send_directive("second", {"a": [1, null, {"b": null}]}); send_directive("third") } }
  rule conditional { select when rules conditional if event:attrs{"x"} > 5 then send_directive("large") fired { raise rules event "fired" } else { raise rules event "notfired" attributes {"x": event:attrs{"x"}} } }
  rule after_fired { select when rules fired or rules notfired send_directive("after", {"name": event:name, "attrs": event:attrs}) }
  rule chosen { select when rules choose choosing(event:attrs{"which"}) setting(answer) fired { ent:seen := seen().append(answer) } }
  rule chosen_direct { select when rules direct pre { which = event:attrs{"which"} } choose which { a => send_directive("A") c => noop() } fired { raise rules event "fired" attributes {"by": "direct"} } }
  rule own_action { select when rules act every { act("you") act("me", {"a": 1}) act(name = "named") } }
  rule guarded { select when rules guarded guarded(event:attrs{"x"}.as("Number")) setting(r) fired { raise rules event "fired" attributes r } }
  rule sampled { select when rules sample sample { send_directive("only") } }
  rule looped {
    select when rules loop
    foreach ["a", "b", "c"] setting(v, i)
    pre { label = v + i }
    send_directive(label, {"i": i})
    fired { ent:seen := seen().append(label); raise rules event "fired" attributes {"v": v} on final }
  }
  rule nested {
    select when rules nested
    foreach {"x": [1, 2], "y": [3]} setting(list, key)
    foreach list setting(n, i)
    if n != 2 then send_directive("n", {"key": key, "n": n, "i": i})
    fired { ent:total := ent:total.defaultsTo(0) + n } else { ent:total := ent:total.defaultsTo(0) + 100 }
    finally { raise rules event "fired" attributes {"total": ent:total} on final }
  }
  rule empty_loop { select when rules emptyloop foreach [] setting(x) send_directive("never") always { ent:total := "never" } }
  rule loop_number { select when rules loopnumber foreach 5 setting(x, k) send_directive("x", {"x": x, "k": k}) }
  rule loop_text { select when rules looptext foreach "ab" setting(x, k) send_directive("x", {"x": x, "k": k}) }
  rule loop_null { select when rules loopnull foreach null setting(x, k) send_directive("x", {"x": x, "k": k}) }
  rule first { select when rules last send_directive("first") fired { last } }
  rule second { select when rules last send_directive("second") }
  rule guard_last { select when rules lastif send_directive("first") fired { last if event:attrs{"stop"} } }
  rule guard_second { select when rules lastif send_directive("second") }
  rule off is inactive { select when rules off send_directive("off") }
  rule on is active { select when rules on send_directive("on") }
  rule no_action { select when rules noaction fired { ent:total := 7 } }
  rule pre_only { select when rules preonly pre { a = 1 b = a + 1 c = function() { b } } send_directive("pre", {"a": a, "b": b, "c": c()}) }
  rule nothing { select when rules nothing }
  rule clear { select when rules clear always { clear ent:seen; clear ent:total } }
}
