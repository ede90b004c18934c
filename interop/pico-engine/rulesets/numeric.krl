ruleset try.numeric {
  meta { shares hashes, base64, rounding, random, bad, hexes }
  global {
    hashes = function() { {"md5": math:hash("md5", "abc"), "sha1": math:hash("sha1", "abc"), "sha256": math:hash("sha256", "é"), "b64": math:hash("sha256", "abc", "base64"), "hmac": math:hmac("sha256", "key", "message"), "hmac64": math:hmac("sha1", "key", "message", "base64"), "map": math:hash("sha256", {"a": [1, null]}), "number": math:hash("sha256", 5), "null": math:hash("md5", null), "has": math:hashAlgorithms >< "sha256", "functions": math:hashFunctions() >< "sha512"} }
    hexes = function() { [math:hash("md5", "x").length(), math:hash("sha512", "x").length()] }
    base64 = function() { [math:base64encode("}{"), math:base64decode("fXs="), math:base64encode("é😀"), math:base64decode(math:base64encode("é😀")), math:base64encode("0a0b", "hex"), math:base64decode("Cgs=", "hex"), math:base64encode(5), math:base64decode("!!")] }
    rounding = function() { [math:abs(-5.5), math:ceiling(1.2), math:floor(-1.2), math:int(-1.8), math:round(2.5), math:round(-2.5), math:round(1.2345, 2), math:round(1234.5, -2), math:abs("x"), math:floor("3.7"), math:int(null), math:round(1.005, 2), math:ceiling(5)] }
    random = function() { r = random:integer(10); n = random:number(); i = random:integer(3, 5); m = random:number(9, 8) return [r >= 0 && r <= 10, n >= 0 && n < 1, i >= 3 && i <= 5, m >= 8 && m < 9, random:word().typeof(), random:uuid().typeof(), random:uuid() == random:uuid(), random:integer(0), random:integer().typeof(), random:word() == ""] }
    bad = function(f) { f == "hash" => math:hash("nope", "x") | f == "hmac" => math:hmac("nope", "k", "x") | f == "none" => math:hash() | f == "enc" => math:base64encode("x", "nope") | f == "int" => random:integer("x") | f == "num" => random:number("x", "y") | math:nothing(1) }
  }
}
