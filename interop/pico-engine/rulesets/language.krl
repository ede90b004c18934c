ruleset try.language {
  meta {
    name "Language"
    description <<
Expressions, functions and declarations.
    >>
    author "Picomesh"
    version "1.2.3"
    shares precedence, logic, comparisons, equality, additions, chevrons, paths, functions, closures,
      recursion, named, conditionals, types, literals, plain, table, missing, late, endless, shadow
  }
  global {
    plain = "a plain value"
    table = {"one": 1, "list": [1, 2, 3], "deep": {"a": {"b": "c"}}, "10": "ten", "2": "two"}
    precedence = function() {
      [1 + 2 * 3, (1 + 2) * 3, 10 - 4 - 3, 2 * 3 % 4, 7 / 2, 7 % 3, -3 + 1, - 2 * 3, not false && false,
       not (false && false), true || false && false, 1 < 2 == true, 5 <=> 3, "b" cmp "a", 1 + 1 + "x", "x" + 1 + 1,
       1 / 0, 1 % 0, 0.1 + 0.2, .5 + 1.25, 100000000000000000000000 * 10, 1 / 3]
    }
    logic = function() {
      {"and": 1 && 2, "and0": 0 && 2, "or": 0 || "x", "or2": "" || null, "not": not "", "notlist": not [],
       "map": {} => "truthy" | "falsy", "zero": 0 => "truthy" | "falsy", "text0": "0" => "truthy" | "falsy",
       "chain": false => 1 | false => 2 | 3, "nested": true => (false => 1 | 2) | 3}
    }
    comparisons = function() {
      [1 < 2, "10" < "9", "a" < "b", "B" < "a", null < 1, true < 2, [1, 2] < 3, "2" >= 2, "x" > 1, {} <= 0,
       "abc" like "b", "abc" like re#^a#, "abc" like "^b", [1, 2] >< 2, {"k": 1} >< "k", "abc" >< "b",
       1 <=> "1", "10" <=> "9", "a" <=> "b", "10" cmp "9", null <=> null, "1.0" <=> 1]
    }
    equality = function() {
      [1 == 1, 1 == "1", "a" == "a", null == null, [1, [2]] == [1, [2]], {"a": 1, "b": 2} == {"b": 2, "a": 1},
       1 != 2, null != 0, [] == {}, re#a# == re#a#, "" == null, 0 == false, missing("x") == null, 0 / 0 == null]
    }
    additions = function() {
      [1 + "2", "1" + "2", 1 + null, null + null, true + 1, [1] + [2], {} + 1, "a" + [1], "a" + {"b": 1}, re#x#g + "",
       1 + "x", "3" - "1", "3" * "2", "" + 1.50, "n" + 1000000000000000000000000]
    }
    chevrons = function() {
      name = "World"
      return [<<Hello #{name}!>>, <<#{1 + 1} and #{"a" + <<b#{name.lc()}>>}>>, <<a \> b \#{x} \\ c "quoted">>, <<
two
lines>>, <<#{[1, 2]} #{{"a": 1}} #{null} #{true} #{re#a/b#i} #{1.0}>>, "a \"quote\" and \\ and \n stays",
"two
lines"]
    }
    paths = function() {
      list = ["a", ["b", "c"]]
      return [table{"one"}, table{["deep", "a", "b"]}, table{["deep", "x", "b"]}, table{"nope"}, list[0], list[1][1], list[7],
       list[-1], table{"list"}[1], table.get(["list", 1]), "text"{"x"}, null{"x"}, list{1}, table{"2"}, table{10},
       table{["list", "length"]}, list.length(), {"a.b": 5}{"a.b"}]
    }
    functions = function() {
      add = function(a, b) { a + b }
      twice = function(f, x) { f(f(x)) }
      default = function(a, b = a + 1, c = b * 2) { [a, b, c] }
      return [add(1, 2), 1.add(2), add(1), twice(function(x) { x * 3 }, 2), default(1), default(1, 5), default(1, c = 0),
        (function(x) { y = x + 1  y * 2 })(4), [1, 2].map(function(x) { x.add(10) }), add("a", "b"), add(1, 2, 3, 4)]
    }
    counterOf = function(start) {
      step = start
      function(n) { step + n }
    }
    closures = function() {
      a = counterOf(1); b = counterOf(10)
      return [a(1), b(1), a(2), [1, 2, 3].map(counterOf(100)), later(4)]
    }
    later = function(x) { x => earlier(x - 1) | "end" }
    earlier = function(x) { later(x) }
    recursion = function(n) {
      fact = function(n) { n <= 1 => 1 | n * fact(n - 1) }
      fib = function(n) { n < 2 => n | fib(n - 1) + fib(n - 2) }
      return {"fact": fact(n.as("Number")), "fib": fib(n.as("Number"))}
    }
    named = function() {
      f = function(a, b = 2, c = 3) { <<#{a},#{b},#{c}>> }
      return [f(a = 1), f(c = 1, a = 9), f(1, c = 4), "a-b-c".split(splitOn = "-"), 7.range(end = 5)]
    }
    conditionals = function(x) {
      x == "1" => "one" | x == "2" => "two" | x.isnull() => "nothing" | "many: " + x
    }
    types = function() {
      [1, 1.5, "a", "0x1F", "", null, true, [], {}, re#a#, function() { 1 }, missing, noop, "".klog].map(function(v) { v.typeof() })
    }
    literals = function() {
      {"int": 007, "big": 12345678901234567890, "float": 1.10, "half": .5, "empty": "", "list": [1, 2, ], "map": {"a": 1, },
       "true": true, "false": false, "null": null, "re": re#a\#b/c#gi, "nested": [[], {}, [null]]}
    }
    missing = function(x) { x }
    late = function() { table{"list"}.reduce(function(a, b) { a + b }) }
    endless = function(n) { endless(n) + 1 }
    shadow = function(table) { plain = 1  return [plain, table] }
  }
}
