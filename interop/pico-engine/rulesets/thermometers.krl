ruleset try.thermometers {
  meta {
    use module io.picolabs.wrangler alias wrangler
    shares sensors, temperatures, log
  }
  global {
    sensors = function() { ent:sensors.defaultsTo({}).keys().sort() }
    temperatures = function() {
      ent:sensors.map(function(sensor, name) {
        ctx:query(sensor{"eci"}, "try.thermometer", "readings").map(function(r) { r{"temperature"} })
      })
    }
    log = function() { ent:log.defaultsTo([]) }
  }
  rule add {
    select when manager new_sensor
    pre { name = event:attrs{"name"} exists = ent:sensors >< name }
    if exists then send_directive("exists", {"name": name})
    notfired { raise wrangler event "new_child_request" attributes {"name": name, "backgroundColor": "#ff69b4", "at": event:attrs{"at"}} }
  }
  rule created {
    select when wrangler new_child_created
    pre { eci = event:attrs{"eci"} name = event:attrs{"name"} }
    event:send({"eci": eci, "eid": "install-ruleset", "domain": "wrangler", "type": "install_ruleset_request", "attrs": {"absoluteURL": meta:rulesetURI, "rid": "thermometer", "config": {}}})
    fired { ent:sensors{name} := {"eci": eci, "name": name}; ent:log := log().append("created " + name) }
  }
  rule initialized {
    select when wrangler child_initialized
    pre { name = event:attrs{"name"} }
    event:send({"eci": ent:sensors{[name, "eci"]}, "domain": "sensor", "type": "profile_updated", "attrs": {"name": name, "threshold": 50}})
    fired { ent:log := log().append("initialized " + name) }
  }
  rule pass {
    select when manager heartbeat name re#(.+)# setting(name)
    pre { eci = ent:sensors{[name, "eci"]} }
    if eci then event:send({"eci": eci, "domain": "sensor", "type": "heartbeat", "attrs": {"genericThing": {"data": {"temperature": [{"temperatureF": event:attrs{"t"}.as("Number")}]}}}})
    notfired { raise manager event "unknown" attributes {"name": name} }
  }
  rule unknown { select when manager unknown send_directive("unknown", event:attrs) }
  rule remove {
    select when manager unneeded_sensor
    pre { name = event:attrs{"name"} eci = ent:sensors{[name, "eci"]} }
    if eci then send_directive("removing", {"name": name})
    fired { raise wrangler event "child_deletion_request" attributes {"eci": eci}; clear ent:sensors{name} }
  }
}
