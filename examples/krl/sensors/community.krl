ruleset org.example.community {
  meta {
    name "Community of sensors"
    use module io.picolabs.wrangler alias wrangler
    shares sensors, temperatures, alarms, report
  }
  global {
    sensor_url = meta:rulesetURI.replace(re#[^/]*$#, "sensor.krl")
    sensors = function() { ent:sensors.defaultsTo({}) }
    alarms = function() { ent:alarms.defaultsTo([]) }
    report = function() { ent:report }

    // Asks every sensor; one that does not answer is left out.
    temperatures = function() {
      sensors()
        .map(function(sensor) { wrangler:picoQuery(sensor{"eci"}, "org.example.sensor", "current") })
        .filter(function(answer) { answer.typeof() == "Number" })
    }
  }

  rule need_sensor {
    select when community sensor_needed name re#(.+)# setting(name)
    if not (sensors() >< name) then noop()
    fired {
      raise wrangler event "new_child_request" attributes {
        "name": name, "backgroundColor": "#00a000", "threshold": event:attrs{"threshold"}
      }
    } else {
      log warn "there is a sensor " + name
    }
  }

  // The child has its own channels by now; it gets its ruleset, with what it should know.
  rule equip_sensor {
    select when wrangler new_child_created
    event:send({
      "eci": event:attrs{"eci"}, "domain": "wrangler", "type": "install_ruleset_request",
      "attrs": {
        "url": sensor_url,
        "config": {"name": event:attrs{"name"}, "threshold": event:attrs{"threshold"}.defaultsTo(30)}
      }
    })
    fired { ent:sensors{event:attrs{"name"}} := {"eci": event:attrs{"eci"}} }
  }

  // Only a sensor of ours comes by its family channel, and it names itself.
  rule know_sensor {
    select when community sensor_ready
    pre { name = event:attrs{"name"} }
    if sensors() >< name then noop()
    fired { ent:sensors{[name, "channel"]} := event:attrs{"channel"} }
  }

  rule hear_alarm {
    select when community too_hot
    pre { alarm = event:attrs.filter(function(v, k) { ["name", "temperature"] >< k }) }
    always { ent:alarms := alarms().append(alarm) }
  }

  rule start_reports {
    select when community reports_wanted
    if ent:job.isnull() then noop()
    fired {
      schedule community event "report_due" repeat event:attrs{"cron"}.defaultsTo("0 * * * *") setting(id)
      ent:job := id
    }
  }

  rule make_report {
    select when community report_due
    pre {
      all = temperatures()
      n = all.length()
      sum = all.values().reduce(function(sum, t) { sum + t }, 0)
    }
    if n > 0 then noop()
    fired { ent:report := {"sensors": n, "mean": math:round(sum / n, 1), "at": time:now()} }
  }

  rule stop_reports {
    select when community reports_unwanted
    schedule:remove(ent:job)
    fired { clear ent:job }
  }

  rule remove_sensor {
    select when community sensor_unneeded name re#(.+)# setting(name)
    pre { sensor = sensors(){name} }
    if sensor then noop()
    fired {
      raise wrangler event "child_deletion_request" attributes {"eci": sensor{"eci"}}
      clear ent:sensors{name}
    }
  }
}
