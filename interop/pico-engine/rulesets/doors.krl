ruleset try.doors {
  meta { shares hello, page, number, nothing, list, table, bool, args, headers, empty, broken, fn, re, long }
  global {
    hello = function(name = "World") { "Hello " + name }
    page = function(title) { <<<!doctype html><title>#{title}</title><p>ä &amp; 😀</p> >> }
    number = 42.50
    nothing = function() { null }
    list = function() { [1, null, "é", {"a": null, "b": [null]}, hello, re#x#] }
    table = function() { {"b": 1, "a": null, "2": 2, "1": 1, "f": hello, "r": re#x#g} }
    bool = function() { false }
    args = function(a, b, _headers) { {"a": a, "b": b, "h": _headers.typeof()} }
    headers = function(_headers) { _headers{"x-test"} }
    empty = function() { "" }
    broken = function() { [1].map(5) }
    fn = function() { hello }
    re = function() { re#a/b#gi }
    long = function(n) { 1.range(n.as("Number")).map(function(x) { "0123456789" }).join("") }
  }
  rule echo { select when doors echo send_directive("echo", {"attrs": event:attrs.delete("_headers"), "test": event:attrs{["_headers", "x-test"]}, "attr": event:attr("a"), "domain": event:domain, "name": event:name}) }
  rule cookie { select when doors cookie every { send_directive("_cookie", {"cookie": "a=" + event:attrs{"v"} + "; Path=/; HttpOnly"}) send_directive("_cookie", {"cookie": "b=2"}) send_directive("_cookie", {}) } }
  rule redirect { select when doors redirect send_directive("_redirect", {"url": event:attrs{"to"}}) }
  rule both { select when doors both every { send_directive("_cookie", {"cookie": "c=3"}) send_directive("_redirect", {"url": "/x"}) } }
  rule silent { select when doors silent }
}
