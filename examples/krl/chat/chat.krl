ruleset org.example.chat {
  meta {
    name "Chat"
    description <<Talks with other picos, and with anybody who knows basic messages, over DIDComm v2.>>
    use module io.picolabs.wrangler alias wrangler
    use module io.picolabs.did-o alias didcomm
    shares friends, talk
  }
  global {
    basic_message = "https://didcomm.org/basicmessage/2.0/message"
    friends = function() { didcomm:didMap().keys() }
    talk = function() { ent:talk.defaultsTo([]) }
    may_send = {
      "allow": ["invite", "accept", "say"].map(function(name) { {"domain": "chat", "name": name} }),
      "deny": []
    }
    may_ask = {"allow": [{"rid": meta:rid, "name": "*"}], "deny": []}
  }

  // `chat:received` is not among what the channel lets through: only the router of DIDComm
  // messages raises it.
  rule start {
    select when wrangler ruleset_installed where event:attrs{"rids"} >< meta:rid
    pre { routed = didcomm:addRoute(basic_message, "chat", "received") }
    wrangler:createChannel(["chat"], may_send, may_ask)
  }

  rule invite {
    select when chat invite
    send_directive("invitation", {"url": didcomm:generate_invitation(wrangler:name())})
  }

  rule accept {
    select when chat accept url re#(.+_oob=.+)# setting(url)
    always { raise dido event "receive_invite" attributes {"invite": url} }
  }

  rule say {
    select when chat say text re#(.+)# setting(text)
    foreach friends() setting(friend)
    pre {
      message = didcomm:generate_message({
        "type": basic_message, "from": didcomm:didMap(){friend}, "to": [friend], "body": {"content": text}
      })
      sent = didcomm:send(friend, message)
    }
    always { ent:talk := talk().append({"by": "me", "text": text}) on final }
  }

  rule received {
    select when chat received
    pre { message = event:attrs{"message"} }
    if friends() >< message{"from"} then noop()
    fired { ent:talk := talk().append({"by": "friend", "text": message{["body", "content"]}}) }
  }
}
