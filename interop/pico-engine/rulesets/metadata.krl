ruleset try.metadata {
  meta {
    name "Metadata"
    description "what a ruleset knows of itself"
    author "Picomesh"
    version "2.0"
    shares meta_of, ctx_of, outside
  }
  global {
    outside = [meta:rid, meta:inEvent, meta:inQuery, meta:eci, meta:ruleName, event:domain]
    meta_of = function() { {"rid": meta:rid, "host": meta:host, "eci": meta:eci, "pico": meta:picoId.typeof(), "rule": meta:ruleName, "inEvent": meta:inEvent, "inQuery": meta:inQuery, "url": meta:rid_url, "uri": meta:rulesetURI, "txn": meta:txnId.typeof(), "config": meta:rulesetConfig} }
    ctx_of = function() { {"rid": ctx:rid, "name": ctx:rid_name, "version": ctx:rid_version, "description": ctx:rid_description, "author": ctx:rid_author, "url": ctx:rid_url, "config": ctx:rid_config, "parent": ctx:parent.typeof(), "children": ctx:children, "channels": ctx:channels.map(function(c) { c{"tags"} }), "rulesets": ctx:rulesets.map(function(r) { r{"rid"} })} }
  }
  rule told { select when metadata told send_directive("told", {"meta": meta_of(), "rule": meta:ruleName, "event": [event:domain, event:name, event:eci, event:time.typeof(), event:eid.typeof()], "ctx": ctx:rid_name}) }
  rule told2 { select when metadata told send_directive("told2", {"rule": meta:ruleName, "same": meta:txnId == event:eid}) }
}
