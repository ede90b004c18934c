ruleset try.library {
  meta { shares strings, numbers, conversions, lists, maps, iterators, sets, sorting, regexes, json, bits, defaults, odd, one }
  global {
    strings = function() {
      return {"capitalize": "abc def".capitalize(), "lc": "ÀB".lc(), "uc": "straße".uc(), "trim": "  a b ".trim(), "left": "  a ".trimLeading() + "|",
       "right": "  a ".trimTrailing() + "|", "substr": "This is a string".substr(5), "substr2": "This is a string".substr(5, 4),
       "substr3": "This is a string".substr(5, -5), "substr4": "This is a string".substr(25), "substr5": "abc".substr(-2, 1),
       "starts": "hello".startsWith("he"), "ends": "hello".endsWith("lo"), "contains": "hello".contains("ll"), "notin": "hello".contains("x"),
       "split": "a,b,,c".split(","), "splitre": "a1b22c".split(re#\d+#), "splitc": "a1b".split(re#(\d)#), "chars": "abc".split(""),
       "ord": "A".ord(), "ord0": "".ord(), "chr": 74.chr(), "length": "häß😀".length(), "len": 12345.length(),
       "replace": "a-b-c".replace("-", "+"), "replacere": "a-b-c".replace(re#-#g, "+"), "dollar": "john smith".replace(re#(\w+) (\w+)#, "$2 $1"),
       "fn": "a1b2".replace(re#([a-z])(\d)#g, function(all, l, d, at) { l.uc() + (d.as("Number") + 1) + at }),
       "case": "Hello".replace(re#L#ig, "_"), "sprintf": "A %s and %d".sprintf("x"), "sprintfn": 5.sprintf("< %d >"), "decode": "{\"a\":[1,2]}".decode(),
       "extract": "This is a string".extract(re#(is)#), "extract2": "This is".extract(re#(s).*(i)#), "extract0": "abc".extract(re#x#), "extractg": "s1s2".extract(re#s(\d)#g),
       "match": "abc".match(re#b#), "matchs": "abc".match("b"), "matchno": "abc".match(re#x#), "isnull": "".isnull(), "head": "abc".head()}
    }
    numbers = function() {
      return {"range": 1.range(5), "down": 5.range(1), "same": 3.range(3), "neg": (-1).range(1), "chr": 65.chr(), "cmp": 5 <=> 6, "frac": 1.5.range(3), "text": "1".range("3"),
       "sci": 1000000 * 1000000 * 1000000 * 1000000, "small": 1 / 10000000, "negzero": 0 * -1, "prec": 1.005 * 100, "huge": 9007199254740993, "plus": + "5"}
    }
    conversions = function() {
      return {"n": "42".as("Number"), "nf": "4.50".as("Number"), "nx": "abc".as("Number"), "nnull": null.as("Number"), "ntrue": true.as("Number"), "nhex": "0x1F".as("Number"),
       "nlist": [1, 2].as("Number"), "nmap": {"a": 1}.as("Number"), "nempty": "".as("Number"), "nsp": " 5 ".as("Number"), "nexp": "1e3".as("Number"),
       "s": 42.as("String"), "sf": 1.50.as("String"), "snull": null.as("String"), "slist": [1].as("String"), "smap": {}.as("String"), "sre": re#a/b#gi.as("String"), "sbool": false.as("String"), "sfn": strings.as("String"),
       "b": "true".as("Boolean"), "bf": "false".as("Boolean"), "b0": 0.as("Boolean"), "bs0": "0".as("Boolean"), "bempty": "".as("Boolean"), "blist": [].as("Boolean"), "bnull": null.as("Boolean"),
       "re": "ab+c".as("RegExp"), "rere": re#x#i.as("RegExp"), "hex": 31.as("Hex"), "hexs": "1F".as("Hex"),
       "typeof": ["42".as("Number"), null.as("String"), "a".as("RegExp")].map(function(x) { x.typeof() })}
    }
    lists = function() {
      a = [3, 4, 5]
      return {"head": a.head(), "tail": a.tail(), "head0": [].head(), "headn": 5.head(), "tailn": 5.tail(), "length": a.length(), "append": a.append(6), "append2": a.append([6, 7], 8), "appendv": 1.append(2),
       "index": a.index(4), "index0": a.index(9), "join": a.join("-"), "joind": a.join(), "joinn": 5.join("x"), "reverse": a.reverse(), "slice": ["a", "b", "c", "d", "e"].slice(1, 3), "slice1": ["a", "b", "c"].slice(1),
       "slicebad": ["a", "b"].slice(5), "slicen": ["a", "b"].slice(-1), "splice": ["a", "b", "c", "d"].splice(1, 2), "splice1": ["a", "b", "c"].splice(1, 1, "x"), "splicel": ["a", "b", "c"].splice(1, 1, ["x", "y"]), "splice0": ["a"].splice(0, 0, "b"),
       "splicen": ["a", "b", "c"].splice(-2, 1), "empty": [].isEmpty(), "emptyn": 5.isEmpty(), "emptys": "".isEmpty(), "emptym": {"a": 1}.isEmpty(), "none": [].length(), "put": a.put([1], "x"), "putfar": a.put([5], "x"), "set": a.set([0], "y"), "get": a.get([2]), "getn": a.get(9),
       "delete": a.delete([1]), "keys": a.keys(), "values": a.values(), "encode": a.encode(), "has": a >< 4}
    }
    maps = function() {
      m = {"colors": "many", "pi": [3, 1, 4, 1, 5], "foo": {"bar": {"10": "I like cheese"}}}
      return {"delete": m.delete("pi"), "deletep": m.delete(["foo", "bar", "10"]), "deleteno": m.delete(["no", "x"]), "keys": m.keys(), "keysp": m.keys(["foo", "bar"]), "keysno": m.keys(["no"]), "values": m.values(), "valuesp": m.values(["foo"]),
       "put": m.put(["foo"], {"baz": "qux"}), "putp": m.put(["foo", "bar", "new"], 1), "putm": m.put({"foo": 1, "z": 2}), "putdeep": {}.put(["a", "b", "c"], 1), "putlist": {"a": [1, 2]}.put(["a", 0], "x"), "putlistk": {"a": [1, 2]}.put(["a", "k"], "x"),
       "put0": {"a": 1}.put("b", 2), "putnull": {"a": 1}.put("a", null), "set": m.set("pi", 3), "setp": m.set(["foo", "bar"], "b"), "get": m.get(["foo", "bar", "10"]), "getk": m.get("colors"), "getno": m.get(["a", "b"]), "length": m.length(),
       "encode": m.encode(), "encode2": {"a": [1]}.encode(2), "join": m.join(","), "put2": null.put("a", 1), "put3": 5.put(["a"], 1), "order": {"b": 1, "2": 1, "a": 1, "1": 1}.keys(), "head": m.head(), "append": m.append(1), "putarr": [1].put(["k"], 2)}
    }
    iterators = function() {
      a = [3, 4, 5]; m = {"x": 1, "y": 2}
      return {"map": a.map(function(v, i, c) { [v, i, c.length()] }), "mapm": m.map(function(v, k, c) { k + v + c.length() }), "filter": a.filter(function(v, i) { v < 5 && i > 0 }), "filterm": m.filter(function(v, k) { k == "y" }), 
       "all": a.all(function(x) { x < 10 }), "any": a.any(function(x) { x > 4 }), "none": a.none(function(x) { x > 9 }), "notall": a.notall(function(x) { x > 3 }), "alle": [].all(function(x) { false }), "anye": [].any(function(x) { true }),
       "collect": [7, 4, 3, 5, 2].collect(function(x) { x < 5 => "x" | "y" }), "collectb": [1, 2].collect(function(x) { x > 1 }), "reduce": a.reduce(function(r, v) { r + v }), "reduced": a.reduce(function(r, v) { r + v }, 10), "reduceft": a.reduce(function(r, v, i) { r - v + i }), "reduce0": [].reduce(function(r, v) { r + v }), "reduced0": [].reduce(function(r, v) { r + v }, 15), "reduce1": [7].reduce(function(r, v) { r + v }), 
       "pairwise": [[1, 2], [3, 4]].pairwise(function(x, y) { x + y }), "pairshort": [[1, 2, 3], [3]].pairwise(function(x, y) { [x, y] })}
    }
    sets = function() {
      a = [1, 2, 3]; b = [3, 4]
      return {"intersection": a.intersection(b), "union": a.union(b), "difference": a.difference(b), "has": a.has([1, 3]), "hasno": a.has(b), "once": [1, 2, 1, 3].once(), "duplicates": [1, 2, 1, 3, 1].duplicates(), "unique": [1, 2, 1, [1], [1], {"a": 1}, {"a": 1}].unique(), "deep": [[1]].intersection([[1]]),
       "empty": [].union([]), "intno": [1].intersection([2]), "single": 1.union([2]), "diffs": [1, 2].difference(2), "text": ["1"].intersection([1])}
    }
    sorting = function() {
      a = [5, 3, 10, "b", "a", 1]
      return {"default": a.sort(), "defaults": a.sort("default"), "reverse": a.sort("reverse"), "numeric": [5, 3, 10, 1].sort("numeric"), "ciremun": [5, 3, 10, 1].sort("ciremun"), "fn": [5, 3, 10, 1].sort(function(x, y) { y <=> x }), "fnb": [5, 3, 10].sort(function(x, y) { x < y => -1 | x == y => 0 | 1 }),
       "bad": a.sort("nope"), "kept": a, "maps": [{"n": 2}, {"n": 1}].sort(function(x, y) { x{"n"} <=> y{"n"} }), "nulls": [null, 1, "a", true].sort(), "map": {"b": 2, "a": 1}.sort()}
    }
    regexes = function() {
      return {"look": "price: 42€".extract(re#(\d+)(?=€)#), "behind": "$42".extract(re#(?<=\$)(\d+)#), "lazy": "<a><b>".extract(re#<(.+?)>#), "back": "abab".match(re#^(ab)\1$#), "named": "2026-12".extract(re#(?<y>\d{4})-(?<m>\d\d)#), "unicode": "é".match(re#^\w$#), "dot": "a
b".match(re#a.b#), "multi": "a
b".match(re#^b$#m), "alt": "xbz".replace(re#a|b|c#, "[$&]"), "before": "abc".replace(re#b#, "[$`|$']"), "ten": "abcdefghijk".replace(re#(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)#, "$10$1"), "opt": "ac".extract(re#a(b)?(c)#), "empty": "abc".split(re##), "class": "a-b_c".replace(re#[^a-z]#g, ""), "global": "aXbX".replace(re#x#gi, ""), "quant": "aaaa".extract(re#(a{2,3})#), "word": "foo bar".replace(re#\b#g, "|")}
    }
    json = function() {
      return {"fn": strings.encode(), "nested": {"f": function() { 1 }, "r": re#a#i, "n": null, "l": [null, 1.0, "é\"x"]}.encode(), "text": "a\"b".encode(), "num": 1.50.encode(), "null": null.encode(), "decode": "[1,{\"a\":null}]".decode(), "bad": "{not json".decode(), "n": 5.decode(), "list": [1].decode(), "indent": [1, {"a": 2}].encode(4), "str": "\"x\"".decode(), "uni": "\"\u00e9\"".decode(), "big": "12345678901234567890".decode()}
    }
    bits = function() {
      [5.band(3), 5.bor(3), 5.bxor(3), 5.bnot(), 20.shiftRight(2), (-20).shiftRight(2), "5".band("3"), 1.bor(4294967296), 5.band(null)]
    }
    defaults = function() {
      [null.defaultsTo("x"), 0.defaultsTo("x"), "".defaultsTo("x"), null.defaultsTo("x", "a message"), missing().defaultsTo(1), 5.klog("five"), null.klog("nothing")]
    }
    missing = function(x) { x }
    odd = function() { ["a".length("x"), [1, 2].length(5), 5.capitalize(), null.length(), null.keys(), true.split(""), [1].uc(), {}.trim(), null.split(","), 5.replace("5", "6"), 12.substr(1), null.head(), "abc".has("b"), 5.sort(), null.join(",")] }
    one = function(f) { f == "reversetext" => "abc".reverse() | f == "asbad" => "x".as("Nothing") | f == "asarray" => [1].as("Array") | f == "mapnumber" => 5.map(function(v, k) { [v, k] }) | f == "filternumber" => 5.filter(function(v) { v == 5 }) | f == "reducemap" => {"x": 1, "y": 2}.reduce(function(r, v) { r + v }, 0) | f == "mapnull" => null.map(function(x) { x }) | f == "mapnofn" => [1].map() | f == "pairvalue" => [[1, 2], 5].pairwise(function(x, y) { x + y }) | f == "chrbad" => "x".chr() | f == "range" => "x".range(3) | f == "rangenull" => 1.range() | f == "pair" => [[1, 2]].pairwise(function(x) { x }) | f == "pairfn" => [[1], [2]].pairwise() | f == "reduce" => [1, 2].reduce(5) | f == "sprintf" => [1].sprintf("%s") | f == "repl" => "a".replace() | f == "collect" => [1].collect(5) | f == "mul" => "two" * 1 | f == "mulm" => [1] * "x" | f == "sub" => "x" - 1 | f == "div" => 5 / "x" | f == "mod" => 5 % "x" | f == "neg" => -{} | f == "negs" => -"x" | f == "sort" => [1, 2].sort(5) | f == "all" => [1].all(5) | f == "append" => null.append(1) | f == "slice" => [1].slice("a") | f == "splice" => [1].splice() | f == "extract" => "a".extract("a") | f == "match" => "a".match(5) | f == "call" => 5() | f == "callnull" => f{"x"}() | "unknown" }
  }
}
