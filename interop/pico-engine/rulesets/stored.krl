ruleset try.stored {
  meta {
    use module io.picolabs.pds alias pds
    shares items, one, keys, profile, settings, heard
  }
  global {
    items = function(ns) { pds:items(ns) }
    one = function(ns, key) { pds:items(ns, key) }
    keys = function(ns) { pds:get_keys(ns) }
    profile = function(key) { pds:profile(key) }
    settings = function(rid, key, detail) { pds:settings(rid, key, detail) }
    heard = function() { ent:heard.defaultsTo([]) }
  }
  rule put { select when stored put always { raise pds event "new_data_available" attributes {"namespace": event:attrs{"ns"}, "key": event:attrs{"key"}, "value": event:attrs{"value"}} } }
  rule update { select when stored update always { raise pds event "updated_data_available" attributes {"namespace": event:attrs{"ns"}, "key": event:attrs{"key"}, "value": event:attrs{"value"}} } }
  rule drop { select when stored drop always { raise pds event "remove_old_data" attributes {"namespace": event:attrs{"ns"}, "key": event:attrs{"key"}} } }
  rule dropns { select when stored dropns always { raise pds event "remove_namespace" attributes {"namespace": event:attrs{"ns"}} } }
  rule map_item { select when stored map always { raise pds event "map_item" attributes {"namespace": event:attrs{"ns"}, "mapvalues": {"a": 1, "b": 2}} } }
  rule profile_is { select when stored profile always { raise pds event "updated_profile" attributes {"name": "Pico", "notes": "n", "unknown": 1} } }
  rule settings_are { select when stored settings always { raise pds event "add_settings" attributes {"Name": "mine", "RID": meta:rid, "Schema": [], "Data": {"k": "v"}, "Attribute": "x", "Value": "y"} } }
  rule heard_of { select when pds data_added or pds data_updated or pds data_deleted or pds namespace_deleted or pds new_map_added or pds profile_updated or pds settings_added always { ent:heard := heard().append(event:name) } }
}
