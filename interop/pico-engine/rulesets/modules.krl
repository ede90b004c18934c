ruleset try.modules {
  meta {
    use module try.counting alias plainone
    use module try.counting alias bytwo with word = "two" and step = 2
    use module io.picolabs.wrangler alias wrangler
    shares plain, aliased, word, values, hidden, core
  }
  global {
    plain = function() { [plainone:tally(), plainone:nothidden()] }
    aliased = function() { [bytwo:tally(), bytwo:nothidden()] }
    word = function() { bytwo:word }
    values = function() { [wrangler:name(), wrangler:myself().keys()] }
    hidden = function() { bytwo:hidden() }
    core = function() { [math:hashAlgorithms.typeof(), meta:rid, ctx:rid, time:now().typeof()] }
  }
  rule add { select when modules add bytwo:add(event:attrs{"n"}.as("Number")) setting(r) fired { raise modules event "added" attributes {"r": r} } }
  rule added { select when modules added send_directive("added", event:attrs) }
  rule nofn { select when modules nofn bytwo:missing() }
}
