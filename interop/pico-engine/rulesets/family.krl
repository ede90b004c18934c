ruleset try.family {
  meta {
    use module io.picolabs.wrangler alias wrangler
    shares children, mine, ask, parent_name, heard, echo
  }
  global {
    children = function() { wrangler:children().map(function(c) { [c{"name"}, c{"eci"}.typeof(), c{"parent_eci"}.typeof()] }) }
    mine = function() { {"name": wrangler:name(), "myself": wrangler:myself(){"name"}, "rids": wrangler:installedRIDs(), "parent": wrangler:parent_eci().typeof()} }
    ask = function(name) { child = wrangler:children().filter(function(c) { c{"name"} == name }).head(); wrangler:picoQuery(child{"eci"}, "io.picolabs.wrangler", "myself", {}){"name"} }
    parent_name = function() { ctx:query(wrangler:parent_eci(), "io.picolabs.wrangler", "name") }
    heard = function() { ent:heard.defaultsTo([]) }
    echo = function(x, y) { {"x": x, "y": y} }
  }
  rule new_child { select when family new always { raise wrangler event "new_child_request" attributes {"name": event:attrs{"name"}, "backgroundColor": "#00ff00", "extra": "carried"} } }
  rule born { select when wrangler new_child_created always { ent:heard := heard().append("created " + event:attrs{"name"} + " " + event:attrs{"extra"}); raise family event "told" attributes {"keys": event:attrs.delete("_headers").keys().sort()} } }
  rule initialized { select when wrangler child_initialized always { ent:heard := heard().append("initialized " + event:attrs{"name"}) } }
  rule told { select when family told send_directive("told", event:attrs) }
  rule send_to { select when family send foreach ctx:children setting(c) event:send({"eci": c, "domain": "wrangler", "type": "name_changed", "attrs": {"name": event:attrs{"name"}}}) }
  rule query { select when family query ctx:eventQuery(ctx:children.head(), "wrangler", "name_changed", {"name": "asked"}, "io.picolabs.wrangler", "name") setting(r) fired { raise family event "told" attributes {"r": r} } }
  rule delete { select when family delete always { raise wrangler event "child_deletion_request" attributes {"eci": ctx:children.head()} } }
  rule deleted { select when wrangler child_deleted always { ent:heard := heard().append("deleted") } }
  rule self_send { select when family selfsend event:send({"eci": meta:eci, "domain": "family", "name": "came", "attrs": {"x": 1}}) }
  rule came { select when family came always { ent:heard := heard().append("came " + event:attrs{"x"} + " " + event:attrs{"_headers"}.typeof()) } }
}
