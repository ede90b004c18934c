ruleset try.channeling {
  meta { shares tags, visible, hidden, last }
  global {
    tags = function() { ctx:channels.map(function(c) { c{"tags"} }) }
    visible = function() { "visible" }
    hidden = function() { "hidden" }
    last = function() { ent:last }
  }
  rule create { select when channeling create ctx:newChannel(event:attrs{"tags"}, event:attrs{"eventPolicy"}, event:attrs{"queryPolicy"}) setting(c) fired { ent:last := c; raise channeling event "created" attributes c } }
  rule created { select when channeling created send_directive("created", event:attrs) }
  rule change { select when channeling change ctx:putChannel(event:attrs{"eci"}, event:attrs{"tags"}, event:attrs{"eventPolicy"}, event:attrs{"queryPolicy"}) setting(c) fired { raise channeling event "created" attributes c } }
  rule upsert { select when channeling upsert ctx:upsertChannel(event:attrs{"tags"}, event:attrs{"eventPolicy"}, event:attrs{"queryPolicy"}) setting(c) fired { raise channeling event "created" attributes c } }
  rule remove { select when channeling remove ctx:delChannel(event:attrs{"eci"}) setting(r) fired { raise channeling event "created" attributes {"removed": r.typeof()} } }
  rule ping { select when channeling ping send_directive("pong") }
  rule other { select when other ping send_directive("other pong") }
}
