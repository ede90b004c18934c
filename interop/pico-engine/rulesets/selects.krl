ruleset try.selects {
  meta { shares nothing }
  global { nothing = null  limit = 2 }
  rule r_or { select when s a or s b send_directive("or") }
  rule r_and { select when s a and s b send_directive("and") }
  rule r_then { select when s a then s b send_directive("then") }
  rule r_before { select when s a before s b send_directive("before") }
  rule r_after { select when s a after s b send_directive("after") }
  rule r_between { select when s b between(s a, s c) send_directive("between") }
  rule r_notbetween { select when s b not between(s a, s c) send_directive("not between") }
  rule r_any { select when any 2 (s a, s b, s c) send_directive("any") }
  rule r_count { select when count 2 (s a) send_directive("count") }
  rule r_repeat { select when repeat 2 (s a) send_directive("repeat") }
  rule r_colon { select when s:a send_directive("colon") }
  rule r_where { select when s a where event:attrs{"n"} > limit send_directive("where") }
  rule r_attr { select when s a n re#^(\d)(\d*)$# setting(first, rest) send_directive("attr", {"first": first, "rest": rest}) }
  rule r_attr_where { select when s a n re#(.+)# setting(n) where n > 5 send_directive("attr where", {"n": n}) }
  rule r_attrs { select when s a n re#(1)# m re#(2)# setting(n, m) send_directive("attrs", {"n": n, "m": m}) }
  rule r_missing { select when s a zzz re#^$# send_directive("missing") }
  rule r_sum { select when count 3 (s d n re#(.*)#) sum(total) send_directive("sum", {"total": total}) }
  rule r_max { select when repeat 3 (s d n re#(.*)#) max(top) send_directive("max", {"top": top}) }
  rule r_push { select when repeat 2 (s d n re#(.*)#) push(list) send_directive("push", {"list": list}) }
  rule r_avg { select when count 2 (s d n re#(.*)#) avg(mean) send_directive("avg", {"mean": mean}) }
  rule r_min { select when count 2 (s d n re#(.*)#) min(least) send_directive("min", {"least": least}) }
  rule r_carry { select when s e n re#(.*)# setting(kept) then s f m re#(.*)# setting(later) send_directive("carry", {"kept": kept, "later": later}) }
  rule r_within { select when s a before s b within 1 hour send_directive("within") }
  rule r_nested { select when (s a or s b) before (s c and s d) send_directive("nested") }
  rule r_prefix { select when then(s a, s b, s c) send_directive("prefix") }
  rule r_where_any { select where event:name == "special" && event:domain == "s" send_directive("special") }
  rule r_where_number { select where event:name == "special" => 1 | 0 send_directive("number") }
}
