ruleset try.persistent {
  meta { shares all, size }
  global {
    all = function() { ent:store }
    size = function() { ent:store.typeof() + ":" + ent:store.length() }
  }
  rule put { select when persistent put always { ent:store := event:attrs{"value"} } }
  rule at { select when persistent at always { ent:store{event:attrs{"path"}} := event:attrs{"value"} } }
  rule drop { select when persistent drop always { clear ent:store{event:attrs{"path"}} } }
  rule functions { select when persistent functions always { ent:store := {"f": function() { 1 }, "r": re#a#i, "n": null, "l": [function() { 1 }, re#b#, null]} } }
  rule grow { select when persistent grow foreach 1.range(50) setting(n) always { ent:store{"k" + n} := n } }
}
