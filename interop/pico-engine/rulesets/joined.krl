ruleset try.joined {
  meta {
    use module io.picolabs.subscription alias subs
    use module io.picolabs.wrangler alias wrangler
    shares established, waiting, wellknown, heard
  }
  global {
    shown = function(s) { {"keys": s.keys(), "roles": [s{"Rx_role"}, s{"Tx_role"}], "tx": s{"Tx"}.typeof()} }
    established = function() { subs:established().map(shown) }
    waiting = function() { {"in": subs:inbound().map(shown), "out": subs:outbound().map(shown)} }
    wellknown = function() { subs:wellKnown_Rx(){"tags"} }
    heard = function() { ent:heard.defaultsTo([]) }
  }
  rule propose {
    select when joined propose
    pre { wk = ctx:query(wrangler:children().head(){"eci"}, "io.picolabs.subscription", "wellKnown_Rx"){"id"} }
    always { raise wrangler event "subscription" attributes {"wellKnown_Tx": wk, "Rx_role": "boss", "Tx_role": "worker", "name": "job", "channel_type": "subscription"} }
  }
  rule added { select when wrangler subscription_added always { ent:heard := heard().append("added " + event:attrs{"Tx_role"}) } }
  rule pending { select when wrangler outbound_pending_subscription_added or wrangler subscription_request_needed always { ent:heard := heard().append(event:name) } }
  rule removed { select when wrangler subscription_removed always { ent:heard := heard().append("removed") } }
  rule accept_there { select when joined accept event:send({"eci": wrangler:children().head(){"eci"}, "domain": "wrangler", "name": "pending_subscription_approval", "attrs": {"Id": subs:outbound().head(){"Id"}}}) }
  rule cancel { select when joined cancel always { raise wrangler event "subscription_cancellation" attributes {"Id": subs:established().head(){"Id"}} } }
  rule on_subs { select when joined tell always { raise wrangler event "send_event_on_subs" attributes {"domain": "wrangler", "type": "name_changed", "Tx_role": "worker", "attrs": {"name": "told over subscription"}} } }
  rule bad { select when joined bad always { raise wrangler event "subscription" attributes {"wellKnown_Tx": "nowhere", "name": "x"} } }
  rule failed { select when wrangler wellKnown_Tx_format_failure or wrangler no_Tx_failure always { ent:heard := heard().append(event:name) } }
}
