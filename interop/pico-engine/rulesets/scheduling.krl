ruleset try.scheduling {
  meta { shares fired, jobs, shapes, kept, one }
  global {
    fired = function() { ent:fired.defaultsTo([]) }
    jobs = function() { schedule:list().length() }
    shapes = function() { schedule:list().map(function(job) { job.put("id", job{"id"}.typeof()).put("time", job{"time"}.typeof()) }) }
    kept = function() { ent:id.typeof() }
    one = function() { schedule:get(ent:id){"event"} }
  }
  rule soon { select when scheduling soon always { schedule scheduling event "fired" at time:add(time:now(), {"milliseconds": 300}) attributes {"n": event:attrs{"n"}} setting(id); ent:id := id } }
  rule far { select when scheduling far always { schedule scheduling event "fired" at "2999-01-02T03:04:05.678Z" attributes {"n": "far"} setting(id); ent:id := id } }
  rule often { select when scheduling often always { schedule scheduling event "fired" repeat "5 4 3 2 1" attributes {"n": "often"} setting(id); ent:id := id } }
  rule each_second { select when scheduling second always { schedule scheduling event "fired" repeat "* * * * * *" attributes {"n": "second"} setting(id); ent:id := id } }
  rule remove { select when scheduling remove schedule:remove(ent:id) setting(r) fired { ent:removed := r } }
  rule clear { select when scheduling clear schedule:clear() }
  rule fired { select when scheduling fired send_directive("fired", {"attrs": event:attrs}) always { ent:fired := fired().append(event:attrs{"n"}) } }
  rule bad_time { select when scheduling badtime always { schedule scheduling event "fired" at "not a time" setting(id); ent:id := id } }
  rule bad_cron { select when scheduling badcron always { schedule scheduling event "fired" repeat "61 61 61 61 61" setting(id); ent:id := id } }
  rule action_at { select when scheduling actionat schedule:at("2999-01-01T00:00:00.000Z", meta:eci, "scheduling", "fired", {"n": "action"}) setting(r) fired { raise scheduling event "told" attributes {"r": r.typeof()} } }
  rule told { select when scheduling told send_directive("told", event:attrs) }
}
