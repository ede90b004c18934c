ruleset org.example.sensor {
  meta {
    name "Sensor"
    use module io.picolabs.wrangler alias wrangler
    shares current, readings
  }
  global {
    threshold = function() { meta:rulesetConfig{"threshold"}.as("Number") }
    readings = function() { ent:readings.defaultsTo([]) }
    current = function() { readings().length() => readings()[readings().length() - 1] | null }
    kept = 100
  }

  // The device gets a channel by which it can tell what it measures.
  rule introduce {
    select when wrangler ruleset_installed where event:attrs{"rids"} >< meta:rid
    every {
      wrangler:createChannel(["device"],
        {"allow": [{"domain": "sensor", "name": "reading"}], "deny": []},
        {"allow": [{"rid": meta:rid, "name": "*"}], "deny": []}) setting(channel)
      event:send({
        "eci": wrangler:parent_eci(), "domain": "community", "type": "sensor_ready",
        "attrs": {"name": meta:rulesetConfig{"name"}, "channel": channel{"id"}}
      })
    }
  }

  rule keep {
    select when sensor reading temperature re#^(-?\d+(?:\.\d+)?)$# setting(text)
    pre {
      temperature = text.as("Number")
      all = readings().append(temperature)
      tooMany = all.length() - kept
    }
    always {
      ent:readings := tooMany > 0 => all.splice(0, tooMany) | all
      raise sensor event "threshold_violation" attributes {"temperature": temperature} if temperature > threshold()
    }
  }

  // One hot reading may be a mistake; three in a row are none.
  rule alarm {
    select when repeat 3 (sensor threshold_violation temperature re#(.+)#) avg(mean) within 1 hour
    event:send({
      "eci": wrangler:parent_eci(), "domain": "community", "type": "too_hot",
      "attrs": {"name": meta:rulesetConfig{"name"}, "temperature": mean}
    })
  }
}
