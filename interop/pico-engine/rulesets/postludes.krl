ruleset try.postludes {
  meta { shares store, value, log }
  global {
    store = function() { {"a": ent:a, "map": ent:map, "list": ent:list, "n": ent:n, "f": ent:f.typeof(), "none": ent:none} }
    value = function(name) { name == "a" => ent:a | name == "map" => ent:map | ent:n }
    log = function() { ent:log.defaultsTo([]) }
  }
  rule set { select when post set fired { ent:a := event:attrs{"a"}; ent:map := {"k": {"deep": [1, 2, 3]}, "n": null}; ent:list := [1, null, "x", {"y": 1}] } }
  rule path { select when post path fired { ent:map{["k", "deep", 1]} := "changed"; ent:map{"new"} := 1; ent:map{["x", "y"]} := true; ent:list{2} := "two"; ent:fresh{"a"} := 1 } }
  rule clears { select when post clear always { clear ent:map{["k", "deep"]}; clear ent:a; clear ent:nothing; clear ent:list{0} } }
  rule nulls { select when post null always { ent:a := null; ent:map{"new"} := null; ent:n := 0; ent:f := false } }
  rule both { select when post both if event:attrs{"yes"} == "1" then noop() fired { ent:log := log().append("fired") } else { ent:log := log().append("notfired") } finally { ent:log := log().append("finally") } }
  rule notfired_first { select when post notfired if event:attrs{"yes"} == "1" then noop() notfired { ent:log := log().append("notfired") } else { ent:log := log().append("fired") } }
  rule always { select when post always if false then noop() always { ent:log := log().append("always"); x = 5; ent:n := x * 2; ent:n := ent:n + 1 if ent:n > 9; ent:a := "guarded" if false } }
  rule raise1 { select when post raise always { raise post event "raised" attributes {"n": 1}; raise event "post:whole" attributes {"n": 2}; raise post event ("com" + "puted") attributes event:attrs; ent:log := log().append("after raise") } }
  rule raised { select when post raised or post whole or post computed send_directive("raised", {"name": event:name, "domain": event:domain, "attrs": event:attrs.delete("_headers")}) always { ent:log := log().append(event:name) } }
  rule raise_odd { select when post odd always { raise post event "raised" attributes event:attrs{"what"} } }
  rule raise_none { select when post noattrs always { raise post event "raised" } }
  rule order1 { select when post order send_directive("order1") always { raise post event "deep" attributes {"d": 1} } }
  rule order2 { select when post order send_directive("order2") }
  rule deep { select when post deep send_directive("deep", {"d": event:attrs{"d"}}) always { raise post event "deep" attributes {"d": event:attrs{"d"} + 1} if event:attrs{"d"} < 3 } }
  rule logs { select when post log always { log info "info"; log warn {"a": 1}; log error "error"; log debug [1] } }
  rule errors { select when post error send_directive("before") always { error info "an info" if event:attrs{"level"} == "info"; error warn {"w": 1} if event:attrs{"level"} == "warn"; error error "bad" if event:attrs{"level"} == "error"; ent:log := log().append("after error") } }
  rule errors2 { select when post error send_directive("later rule") }
  rule caught { select when system error send_directive("caught", event:attrs) }
  rule fails { select when post fails send_directive("before") always { ent:n := "half"; ent:a := "two" * 1; ent:n := "whole" } }
  rule fails2 { select when post fails send_directive("after") }
  rule failing_pre { select when post failpre pre { x = [1].map(5) } send_directive("x", {"x": x}) }
  rule final { select when post final foreach [1, 2, 3] setting(v) always { ent:log := log().append(v); ent:n := v on final; raise post event "raised" attributes {"v": v} on final } }
  rule reset { select when post reset always { clear ent:log; clear ent:n } }
}
