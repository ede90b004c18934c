ruleset try.nothing {
  meta { shares literal, parameter, missing_key, missing_index, missing_attr, unset, undefined_result, empty_head, in_map, in_list, passed, conditional, stored, from_library, from_json, encoded, chevron, equal }
  global {
    literal = function() { null }
    parameter = function(x) { x }
    missing_key = function() { {"a": 1}{"b"} }
    missing_index = function() { [1][5] }
    missing_attr = function(_headers) { _headers{"nope"} }
    unset = function() { ent:unset }
    undefined_result = function() { function() { null }() }
    empty_head = function() { [].head() }
    in_map = function(x) { {"literal": null, "parameter": x, "missing": {"a": 1}{"b"}, "index": [][0], "ent": ent:unset, "head": [].head(), "reduce": [].reduce(function(a, b) { a }), "chr": "x".chr(), "ord": "".ord(), "call": parameter(), "and": null && 1, "or": null || ent:unset, "cond": true => null | 1, "get": {}.get("a"), "getpath": {}.get(["a", "b"]), "as": "x".as("Number"), "defaults": null.defaultsTo(null), "klog": null.klog("k"), "decode": "null".decode(), "extract": "b".extract(re#(a)?b#), "put": {}.put("a", null), "math": math:abs("x"), "arith": + "x"} }
    in_list = function(x) { [null, x, {"a": 1}{"b"}, ent:unset] }
    passed = function() { {"a": parameter(null), "b": parameter({}{"x"}), "c": [null].map(parameter), "d": {"k": null}.map(function(v) { v }), "e": {"k": ent:unset}.map(function(v) { v }), "f": [null].filter(function(v) { true }), "g": {"a": null, "b": ent:unset}.keys(), "h": {"a": null, "b": ent:unset}.values(), "i": {"a": null}.length(), "j": {"a": ent:unset}.put("b", null)} }
    conditional = function() { false => 1 | null }
    stored = function() { ent:stored }
    from_library = function() { [[].head(), [].join(), null.as("String"), null.typeof(), {}.get("x").typeof(), null.length(), null.keys(), null.encode(), ent:unset.encode()] }
    from_json = function() { "{\"a\":null,\"b\":[null]}".decode() }
    encoded = function(x) { {"a": null, "b": ent:unset, "c": x, "d": [null, ent:unset]}.encode() }
    chevron = function(x) { <<#{null}|#{x}|#{ent:unset}|#{{}{"a"}}>> + null + x }
    equal = function(x) { [null == x, x == ent:unset, {"a": null} == {}, {"a": null} == {"a": ent:unset}, [null] == [ent:unset], null.isnull(), {}{"x"}.isnull()] }
  }
  rule store { select when nothing store always { ent:stored := {"literal": null, "attr": event:attrs{"nope"}, "given": event:attrs{"given"}, "ent": ent:unset, "list": [null, event:attrs{"nope"}]} } }
  rule raised { select when nothing raise always { raise nothing event "told" attributes {"literal": null, "attr": event:attrs{"nope"}, "given": event:attrs{"given"}, "ent": ent:unset} } }
  rule told { select when nothing told send_directive("told", event:attrs.put("more", null).put("attr2", event:attrs{"zip"})) }
  rule direct { select when nothing direct send_directive("direct", {"literal": null, "attr": event:attrs{"nope"}, "given": event:attrs{"given"}, "fn": literal(), "attr_old": event:attr("nope")}) }
  rule optionless { select when nothing optionless every { send_directive("none", null) send_directive("missing", event:attrs{"nope"}) send_directive("text", "text") send_directive("list", [1]) } }
  rule nameless { select when nothing nameless send_directive(event:attrs{"nope"}) }
}
