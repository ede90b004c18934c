ruleset try.letters {
  meta {
    use module io.picolabs.did-o alias dido
    shares peers, heard, answer
  }
  global {
    peers = function() { dido:didMap().keys().length() }
    heard = function() { ent:heard.defaultsTo([]) }
    answer = function() { ent:answer }
    peer = function() { dido:didMap().keys().reverse().head() }
  }
  rule send { select when letters send pre { r = dido:sendEvent(peer(), {"domain": "letters", "name": "came", "attrs": {"text": event:attrs{"text"}}}) } }
  rule came { select when letters came always { ent:heard := heard().append(event:attrs{"text"}) } }
  rule ask { select when letters ask pre { r = dido:sendQuery(peer(), {"rid": "io.picolabs.wrangler", "name": "name", "args": {}}) } always { ent:answer := r } }
}
