ruleset org.example.counter {
  meta {
    name "Counter"
    description <<Counts, and remembers who counted last.>>
    use module io.picolabs.wrangler alias wrangler
    shares tally, last
  }
  global {
    tally = function() { ent:count.defaultsTo(0) }
    last = function() { ent:last }
    may_send = {
      "allow": [{"domain": "counter", "name": "up"}, {"domain": "counter", "name": "reset"}],
      "deny": []
    }
    may_ask = {"allow": [{"rid": meta:rid, "name": "*"}], "deny": []}
  }

  // Others get a channel that lets them count and nothing else.
  rule open {
    select when wrangler ruleset_installed where event:attrs{"rids"} >< meta:rid
    if wrangler:channels(["counter"]).length() == 0 then
      wrangler:createChannel(["counter"], may_send, may_ask)
  }

  rule up {
    select when counter up
    pre {
      by = event:attrs{"by"}.defaultsTo(1).as("Number")
      total = tally() + by
    }
    if by.typeof() == "Number" then send_directive("counted", {"count": total})
    fired {
      ent:count := total
      ent:last := event:attrs{"who"}.defaultsTo("somebody")
      raise counter event "round" attributes {"count": total} if total % 10 == 0
    }
  }

  rule round {
    select when counter round
    send_directive("round", {"count": event:attrs{"count"}})
  }

  rule reset {
    select when counter reset
    always {
      clear ent:count
      clear ent:last
    }
  }
}
