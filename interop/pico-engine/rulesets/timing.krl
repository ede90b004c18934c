ruleset try.timing {
  meta { shares now, new, add, format, bad }
  global {
    t = "2026-02-28T23:59:58.123Z"
    now = function() { [time:now(), time:now().typeof(), time:now() > "2020", time:now({"tz": "America/Denver"}).length() > 10] }
    new = function() { [time:new("2010-08-08"), time:new("2010-08-08T00:00:00Z"), time:new("20100808"), time:new("2010-08-08T05:00:00-06:00")] }
    add = function() { [time:add(t, {"seconds": 2}), time:add(t, {"days": 1}), time:add(t, {"months": 1}), time:add(t, {"years": -1, "days": 1}), time:add(t, {"weeks": 1}), time:add(t, {"hours": 1, "minutes": 30}), time:add(t, {"milliseconds": 877}), time:add("2024-01-31T00:00:00Z", {"months": 1}), time:add("2024-02-29", {"years": 1}), time:add(t, {"nothing": 1}), time:add(t, {"day": 1}), time:add(t, {})] }
    format = function() { [time:strftime(t, "%F %T"), time:strftime(t, "%A %d %b %Y"), time:strftime(t, "%c"), time:strftime(t, "%D|%e|%H|%I|%j|%k|%l|%L|%m|%M|%p|%P|%s|%S|%u|%w|%y|%Z|%z|%%"), time:strftime(t, "%a %B %h %n %R %r %t %U %v %x %X %o"), time:strftime("2010-10-06T18:15:24.000Z", "%q")] }
    bad = function(f) { f == "zero" => time:new(0) | f == "number" => time:new(1234567890123) | f == "null" => time:new(null) | f == "addnumber" => time:add(1234567890123, {"seconds": 1}) | f == "emptyfmt" => time:strftime(t, "") | f == "ordinal" => time:new("2010-220") | f == "week" => time:new("2011W206T071000Z") | f == "digits" => time:new("1967342") | f == "clock" => time:new("083023Z").length() | f == "rfc" => time:new("Sun, 08 Aug 2010 00:00:00 GMT") | f == "new" => time:new("nonsense") | f == "none" => time:new() | f == "add" => time:add("nonsense", {"days": 1}) | f == "spec" => time:add(t, 5) | f == "fmt" => time:strftime("x", "%F") | f == "nofmt" => time:strftime(t) | time:nothing() }
  }
}
