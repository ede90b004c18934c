ruleset try.thermometer {
  meta {
    name "Thermometer"
    description <<
      Takes readings, keeps them, and says when one is too high.
    >>
    use module io.picolabs.wrangler alias wrangler
    use module io.picolabs.subscription alias subs
    provides readings, violations, calm, profile
    shares readings, violations, calm, profile, page, summary
  }
  global {
    default_threshold = 30
    threshold = function() { ent:profile{"threshold"}.defaultsTo(default_threshold, "no threshold yet") }
    readings = function() { ent:readings.defaultsTo([]) }
    violations = function() { ent:violations.defaultsTo([]) }
    calm = function() { readings().filter(function(r) { not (violations() >< r) }) }
    profile = function() { {"name": ent:profile{"name"}, "threshold": threshold(), "location": ent:profile{"location"}} }
    summary = function() {
      temperatures = readings().map(function(r) { r{"temperature"} })
      n = temperatures.length()
      sum = temperatures.reduce(function(a, b) { a + b }, 0)
      return {
        "count": n,
        "mean": n > 0 => math:round(sum / n, 1) | null,
        "highest": temperatures.sort("ciremun").head(),
        "byHundred": temperatures.collect(function(t) { t > threshold() => "high" | "fine" }).map(function(list) { list.length() })
      }
    }
    page = function() {
      rows = readings().map(function(r, i) { <<<tr><td>#{i + 1}</td><td>#{r{"temperature"}}</td><td class="#{violations() >< r => "high" | "fine"}">#{r{"timestamp"}}</td></tr>
>> }).join("")
      <<<table>
#{rows}</table>
>>
    }
  }
  rule start {
    select when wrangler ruleset_installed where event:attrs{"rids"} >< meta:rid
    always { ent:readings := []; ent:violations := []; ent:profile := {} }
  }
  rule heartbeat {
    select when sensor heartbeat where event:attrs{"genericThing"}
    pre {
      reading = event:attrs{["genericThing", "data", "temperature"]}.head(){"temperatureF"}
    }
    if reading.typeof() == "Number" then send_directive("heartbeat", {"temperature": reading})
    fired { raise sensor event "new_reading" attributes {"temperature": reading, "timestamp": event:attrs{"at"}.defaultsTo("then")} }
    else { raise sensor event "bad_reading" attributes {"given": reading.typeof()} }
  }
  rule bad { select when sensor bad_reading given re#(.+)# setting(given) send_directive("bad", {"given": given}) }
  rule keep {
    select when sensor new_reading
    pre { reading = event:attrs.filter(function(v, k) { k == "temperature" || k == "timestamp" }) }
    always { ent:readings := readings().append(reading) }
  }
  rule high {
    select when sensor new_reading where event:attrs{"temperature"} > threshold()
    always { ent:violations := violations().append(event:attrs.delete("_headers")); raise sensor event "threshold_violation" attributes event:attrs }
  }
  rule tell {
    select when sensor threshold_violation
    send_directive(<<#{event:attrs{"temperature"}} is above #{threshold()}>>)
  }
  rule three_high { select when repeat 3 (sensor threshold_violation temperature re#(\d+)#) avg(mean) within 1 hour send_directive("three", {"mean": mean}) }
  rule changed {
    select when sensor profile_updated
    pre { wanted = event:attrs.klog("attrs") }
    if wanted{"threshold"}.isnull() || wanted{"threshold"}.as("Number") != null then noop()
    fired {
      ent:profile{"name"} := wanted{"name"} if wanted{"name"}
      ent:profile{"threshold"} := wanted{"threshold"}.as("Number") if wanted{"threshold"}
      ent:profile{"location"} := wanted{"location"} if wanted >< "location"
    }
  }
  rule reset { select when sensor reading_reset always { clear ent:readings; clear ent:violations } }
}
