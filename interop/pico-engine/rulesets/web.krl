ruleset try.web {
  meta { shares get, shape, last, status, bad }
  global {
    get = function(url) { r = http:get(url, {"a": 1, "b": "é x", "c": [1, 2]}, {"x-test": "hi"}); r{"content"}.decode() }
    shape = function(url) { r = http:get(url); {"keys": r.keys(), "type": r{"content_type"}, "length": r{"content_length"}, "status": r{"status_code"}, "line": r{"status_line"}, "x": r{["headers", "x-answer"]}, "typeof": r{"content"}.typeof()} }
    status = function(url) { r = http:get(url, dontFollowRedirect = true); [r{"status_code"}, r{"status_line"}, r{["headers", "location"]}, r{"content"}] }
    last = function() { ent:last }
    bad = function(url) { http:get(url) }
  }
  rule post { select when web post http:post(event:attrs{"url"}, qs = {"q": 1}, json = {"a": [1, null]}, headers = {"x-test": "posted"}) setting(r) always { ent:last := r{"content"}.decode() } }
  rule form { select when web form http:post(event:attrs{"url"}, form = {"a": "1 2", "b": "é"}) setting(r) always { ent:last := r{"content"}.decode() } }
  rule body { select when web body http:put(event:attrs{"url"}, body = "raw text", auth = {"username": "u", "password": "p"}) setting(r) always { ent:last := r{"content"}.decode() } }
  rule parse { select when web parse http:patch(event:attrs{"url"}, json = "text", parseJSON = true) setting(r) always { ent:last := r{"content"} } }
  rule delete { select when web delete http:delete(event:attrs{"url"}, parseJSON = true) setting(r) always { ent:last := r{"content"} } }
  rule raising { select when web raising http:post(event:attrs{"url"}, json = {"x": 1}, autoraise = "a label") setting(r) always { ent:last := r.delete("headers") } }
  rule raised { select when http post where event:attrs{"label"} == "a label" send_directive("raised", {"keys": event:attrs.keys(), "content": event:attrs{"content"}.decode(), "code": event:attrs{"status_code"}}) }
  rule sending { select when web sending http:get(event:attrs{"url"}, autosend = {"eci": meta:eci, "domain": "web", "type": "sent", "name": "sent"}) setting(r) always { ent:last := r } }
  rule sent { select when web sent always { ent:last := {"sent": event:attrs{"status_code"}, "content": event:attrs{"content"}.decode()} } }
}
