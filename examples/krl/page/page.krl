ruleset org.example.page {
  meta {
    name "Page with a login"
    use module io.picolabs.wrangler alias wrangler
    shares home
  }
  global {
    name_of_cookie = "pico_session"
    hours = 8
    // Kept as a hash in the configuration: {"users": {"ada": "<sha256 of ada:password>"}}.
    users = meta:rulesetConfig{"users"}.defaultsTo({})

    html = function(text) {
      text.as("String").replace(re#&#g, "&amp;").replace(re#<#g, "&lt;").replace(re#"#g, "&quot;")
    }
    cookie = function(headers) {
      headers{"cookie"}.defaultsTo("").extract(re#(?:^|;\s*)pico_session=([^;]+)#).head()
    }
    // Who shows this cookie; null when nobody does, or not any more.
    visitor = function(headers) {
      session = ent:sessions{cookie(headers)}
      session && session{"until"} > time:now() => session{"user"} | null
    }
    event_url = function(name) { <</sky/event/#{ent:eci}/none/page/#{name}>> }
    here = function() { <</c/#{ent:eci}/query/#{meta:rid}/home.html>> }

    home = function(_headers, failed) {
      user = visitor(_headers)
      body = user => welcome(user) | form(failed)
      <<<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A pico's page</title></head>
<body>#{body}</body></html>
>>
    }
    form = function(failed) {
      warning = failed => "<p>That was not right.</p>" | ""
      <<#{warning}<form method="post" action="#{event_url("login")}">
<input name="user" placeholder="name"> <input name="password" type="password"> <button>Log in</button></form>
>>
    }
    welcome = function(user) {
      <<<h1>Hello #{html(user)}</h1><p>Visits: #{ent:visits{user}}</p>
<form method="post" action="#{event_url("logout")}"><button>Log out</button></form>
>>
    }
  }

  rule open {
    select when wrangler ruleset_installed where event:attrs{"rids"} >< meta:rid
    wrangler:createChannel(["page"],
      {"allow": [{"domain": "page", "name": "*"}], "deny": []},
      {"allow": [{"rid": meta:rid, "name": "home"}], "deny": []}) setting(channel)
    fired { ent:eci := channel{"id"} }
  }

  rule login {
    select when page login
    pre {
      user = event:attrs{"user"}.defaultsTo("")
      known = users{user} == math:hash("sha256", user + ":" + event:attrs{"password"})
      token = random:uuid()
    }
    if known then every {
      send_directive("_cookie", {"cookie": <<#{name_of_cookie}=#{token}; Path=/; HttpOnly; SameSite=Strict>>})
      send_directive("_redirect", {"url": here()})
    }
    fired {
      ent:sessions{token} := {"user": user, "until": time:add(time:now(), {"hours": hours})}
      ent:visits{user} := ent:visits{user}.defaultsTo(0) + 1
    } else {
      raise page event "login_failed"
    }
  }

  rule refuse {
    select when page login_failed
    send_directive("_redirect", {"url": here() + "?failed=1"})
  }

  rule logout {
    select when page logout
    pre { token = cookie(event:attrs{"_headers"}) }
    every {
      send_directive("_cookie", {"cookie": <<#{name_of_cookie}=; Path=/; Max-Age=0>>})
      send_directive("_redirect", {"url": here()})
    }
    fired { clear ent:sessions{token} if token }
  }
}
