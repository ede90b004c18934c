//! Programs in source, from text to effects.

#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

use picomesh_krl::compile::{Program, compile};
use picomesh_krl::fault::Fault;
use picomesh_krl::library::Meter;
use picomesh_krl::machine::{
    EventFacts, Instance, Machine, MetaFacts, Module, Modules, Request, RuleEnd, Step,
};
use picomesh_krl::parser;
use picomesh_krl::value::{Map, Value, json};
use std::sync::Arc;

fn program(source: &str) -> Arc<Program> {
    let parsed = parser::parse(source);
    let ruleset = parsed.ruleset.unwrap_or_else(|| panic!("{:?}", parsed.errors));
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    compile(&ruleset).unwrap_or_else(|error| panic!("{error} at {:?}", error.span))
}

/// Runs to the end; what is asked for is noted and answered with nothing.
fn finish(machine: &mut Machine, asked: &mut Vec<String>) -> Result<Step, Fault> {
    loop {
        match machine.run(1_000)? {
            Step::Slice => {}
            Step::Request(request) => {
                asked.push(match request {
                    Request::Directive { rid, name, options } => {
                        format!("{rid}: directive {} {}", name.to_text(), show(&options))
                    }
                    Request::EntityPut { rid, name, path, value } => {
                        let path = path.map(|path| format!("{{{}}}", show(&path)));
                        format!("{rid}: {name}{} := {}", path.unwrap_or_default(), show(&value))
                    }
                    Request::Module { rid, domain, name, args, .. } => {
                        let args: Vec<String> = args.positional.iter().map(show).collect();
                        format!("{rid}: {domain}:{name}({})", args.join(", "))
                    }
                    Request::Raise { domain, name, for_rid, attrs, .. } => {
                        let rid = for_rid.map(|rid| format!(" for {rid}")).unwrap_or_default();
                        format!("raise {domain}:{name}{rid} {}", show(&attrs))
                    }
                    Request::Schedule { domain, name, .. } => format!("schedule {domain}:{name}"),
                    other => format!("{other:?}"),
                });
                machine.answer(Ok(Value::Null));
            }
            done => return Ok(done),
        }
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Array(array) => {
            let items: Vec<String> = array.items().iter().map(show).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
            format!("{{{}}}", entries.join(" "))
        }
        other => other.to_text().to_string(),
    }
}

fn link(source: &str, uses: Vec<Module>) -> Result<Arc<Instance>, Fault> {
    let mut machine = Machine::new(Meter::default());
    machine.init(program(source), Modules::standard(), uses);
    finish(&mut machine, &mut Vec::new())?;
    Ok(machine.take_instance().unwrap())
}

fn query(instance: &Arc<Instance>, name: &str) -> Result<String, Fault> {
    let mut machine = Machine::new(Meter::default());
    machine.query(instance, name, &Map::default())?;
    match finish(&mut machine, &mut Vec::new())? {
        Step::Done(value) => Ok(show(&value)),
        other => panic!("{other:?}"),
    }
}

/// The value of a function's body.
fn value(body: &str) -> Result<String, Fault> {
    let source =
        format!("ruleset r {{ meta {{ shares f }} global {{ f = function() {{ {body} }} }} }}");
    query(&link(&source, vec![])?, "f")
}

fn values(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        let found = value(body).unwrap_or_else(|fault| fault.to_string());
        assert_eq!(&found, expected, "{body}");
    }
}

/// What a query for the value is answered; an empty text for nothing at all.
fn answer(expression: &str) -> String {
    let source = format!("ruleset r {{ meta {{ shares f }} global {{ f = {expression} }} }}");
    let mut machine = Machine::new(Meter::default());
    machine.query(&link(&source, vec![]).unwrap(), "f", &Map::default()).unwrap();
    let Step::Done(value) = finish(&mut machine, &mut Vec::new()).unwrap() else { panic!() };
    let meter = &mut Meter::default();
    let text = json::answer(&value, meter).unwrap();
    let again = json::to_json(&value, meter).unwrap().map(|json| json.to_string());
    assert_eq!(text, again);
    text.unwrap_or_default()
}

#[test]
fn nothing_has_two_forms() {
    let cases = [
        ("function() { null }", ""),
        ("function(x) { x }", ""),
        ("function() { function() { null }() }", ""),
        ("function() { [].head() }", ""),
        ("function() { false => 1 | null }", ""),
        ("function() { {\"a\": 1}{\"b\"} }", "null"),
        ("function() { {\"a\": null}{\"a\"} }", "null"),
        ("function() { [1][5] }", "null"),
        ("function() { {\"a\": 1}{[\"a\", \"b\"]} }", "null"),
        (
            "function(x) { {\"a\": null, \"b\": x, \"c\": {}{\"x\"}, \"d\": [null, x]} }",
            r#"{"c":null,"d":[null,null]}"#,
        ),
        ("function() { {\"a\": null && 1, \"b\": null || {}{\"x\"}} }", r#"{"b":null}"#),
        ("function() { {\"k\": null}.map(function(v) { v }) }", "{}"),
        ("function() { {\"k\": {}{\"x\"}}.map(function(v) { v }) }", r#"{"k":null}"#),
        ("function() { {\"k\": null}.keys() }", r#"["k"]"#),
        ("function() { {\"a\": {}{\"x\"}}.put(\"b\", null) }", r#"{"a":null}"#),
        (
            "function() { {\"a\": \"x\".chr(), \"b\": \"\".ord(), \"c\": \"x\".as(\"Number\")} }",
            r#"{"a":null,"b":null,"c":null}"#,
        ),
        ("function() { \"b\".extract(re#(a)?b#) }", "[null]"),
        ("function() { \"{\\\"a\\\":null}\".decode() }", r#"{"a":null}"#),
        ("function() { {\"a\": null}.encode() }", r#""{\"a\":null}""#),
        (
            "function() { [null == {}{\"x\"}, {\"a\": null} == {\"a\": {}{\"x\"}}, {\"a\": null} == {}] }",
            "[true,true,false]",
        ),
        (
            "function() { [null.typeof(), {}{\"x\"}.typeof(), null.isnull(), {}{\"x\"}.isnull()] }",
            r#"["Null","Null",true,true]"#,
        ),
        // Only what was not given has a default.
        (
            "function() { f = function(x = 5) { x } return [f(), f(null), f({}{\"x\"})] }",
            "[5,5,null]",
        ),
        // JavaScript sorts `undefined` last and `null` as text.
        ("function() { [null, \"z\", {}{\"x\"}, \"a\"].sort() }", r#"["a",null,"z",null]"#),
        ("{\"a\": null, \"b\": re#x#, \"c\": uc}", r#"{"b":{}}"#),
    ];
    for (expression, expected) in cases {
        assert_eq!(answer(expression), expected, "{expression}");
    }
}

#[test]
fn expressions_have_values() {
    values(&[
        ("1 + 2 * 3", "7"),
        ("not 0 && (null || \"x\")", "x"),
        ("1 < 2 => \"a\" | \"b\"", "a"),
        ("<<a#{1 + 1}b#{null}c>>", "a2bnullc"),
        ("{\"a\": [1, {\"b\": 5}]}{[\"a\", 1, \"b\"]}", "5"),
        ("[4, 5][1]", "5"),
        ("null{\"a\"}", "null"),
        ("m = {\"k\": 1} m.k + m{\"k\"}", "2"),
        ("[3, 1, 2].sort().map(function(x, i) { x * i })", "[0 2 6]"),
        ("1.range(4).reduce(function(a, b) { a + b })", "10"),
        ("[\"a\", \"b\"].map(uc)", "[A B]"),
        ("x = 1 f = function() { x = 2 x + 1 } f() + x", "4"),
        ("x = 1 f = function(x) { x } f(5) + x", "6"),
    ]);
}

#[test]
fn calls_find_their_arguments() {
    values(&[
        ("f = function(a, b = a + 1, c = b) { [a, b, c] } f(1)", "[1 2 2]"),
        ("f = function(a, b = 2) { [a, b] } f(b = 5, a = 4)", "[4 5]"),
        ("f = function(a, b) { [a, b] } f(1, b = 3)", "[1 3]"),
        ("f = function(a, b) { [a, b] } f(1, 2, 3)", "[1 2]"),
        ("f = function(a, b) { [a, b] } f()", "[null null]"),
        ("b = 9 f = function(a = b, b = 2) { [a, b] } f()", "[9 2]"),
        ("5", "5"),
        ("x = 5 x()", "TypeError: 5 is not a function"),
        ("nothing:at()", "TypeError: Cannot read properties of null (reading 'at')"),
        ("ctx:none()", "TypeError: null is not a function"),
        ("typeof(ctx:query)", "Function"),
        ("noop.typeof()", "ActionFunction"),
    ]);
}

#[test]
fn blocks_see_what_the_reference_sees() {
    values(&[
        // Functions see the whole block, expressions what stands before them.
        ("f = function() { g() + x } g = function() { 1 } x = 2 f()", "3"),
        (
            "even = function(n) { n == 0 || odd(n - 1) } odd = function(n) { n != 0 && even(n - 1) } even(100)",
            "true",
        ),
        ("x = 1 f = function() { y = x + 1 h = function() { y + x } h } g = f() g()", "3"),
        (
            "f = function() { x } y = f() x = 1 y",
            "ReferenceError: Cannot access 'it' before initialization",
        ),
        ("f = function(n) { g = function() { f(n - 1) } n < 1 => \"done\" | g() } f(3)", "done"),
        (
            "fs = [1, 2].map(function(n) { get2 = function() { n + k } k = 10 get2 }) fs.map(function(f) { f() })",
            "[11 12]",
        ),
    ]);
    let global = "ruleset r { global { a = b() b = function() { c } c = 1 } }";
    assert!(parser::parse(global).ruleset.is_some_and(|ruleset| compile(&ruleset).is_err()));
    let early = "ruleset r { global { b = function() { c } a = b() c = 1 } }";
    let fault = link(early, vec![]).unwrap_err();
    assert_eq!(fault.to_string(), "ReferenceError: Cannot access 'c' before initialization");
}

/// Bad inputs, row 69: nothing runs for ever.
#[test]
fn endless_programs_end() {
    let limit = |name: &str| format!("Error: limit {name} reached");
    let depth = "RangeError: Maximum call stack size exceeded";
    values(&[
        ("f = function(f) { f(f) } f(f)", depth),
        ("f = function(n) { g(n) } g = function(n) { f(n) + 1 } f(1)", depth),
        ("f = function(a) { [a].map(f) } f(1)", depth),
        ("0.range(1000000000).map(function(x) { x })", &limit("HEAP_BYTES_MAX")),
        (
            "f = function(n) { 0.range(1000).map(function(x) { n > 0 => f(n - 1) | x }) } f(9)",
            &limit("FUEL_MAX"),
        ),
    ]);
}

/// Bad inputs, row 70: nothing grows for ever.
#[test]
fn growing_programs_end() {
    let heap = "Error: limit HEAP_BYTES_MAX reached";
    values(&[
        ("0.range(40).reduce(function(a, x) { a + a }, \"0123456789\")", heap),
        ("0.range(40).reduce(function(a, x) { [a, a].join(\",\") }, \"0123456789\")", heap),
        ("0.range(40).reduce(function(a, x) { <<#{a}#{a}>> }, \"0123456789\")", heap),
        ("0.range(40).reduce(function(a, x) { a.append(a) }, [1, 2])", heap),
        ("0.range(2000).reduce(function(a, x) { [a] }, 1)", "Error: limit DEPTH_MAX reached"),
        ("0.range(40).reduce(function(a, x) { [a, a] }, 1).length()", "2"),
    ]);
}

/// Bad inputs, row 71: patterns are bounded.
#[test]
fn patterns_are_bounded() {
    let text = "a".repeat(30);
    values(&[
        (&format!("<<{text}!>>.match(re#^(a+)+$#)"), "false"),
        ("0.range(1000).map(function(x) { \"ab\" }).join(\"\").match(re#^(ab)*$#)", "true"),
    ]);
}

#[test]
fn modules_are_linked() {
    let module = "ruleset mod {
        meta { provides f, who, act, limit configure using limit = 5 other = 1 }
        global {
            f = function(x) { x < limit => \"small\" | \"large\" }
            who = function() { [meta:rid, meta:callingRID, event:name, meta:inEvent] }
            act = defaction(name) {
                every { send_directive(name, {\"rid\": meta:rid}) event:send({\"eci\": limit}) }
                return name + other
            }
        }
    }";
    let user = "ruleset user {
        meta { use module mod alias m with limit = 2 use module mod shares a, b, c, d }
        global { a = function() { [m:f(3), mod:f(3)] } b = m:limit + mod:limit c = m:f d = m:who() }
        rule r { select when x y
            m:act(name = \"hi\") setting(back)
            always { ent:back := [back, m:who(), meta:ruleName] } }
    }";
    let module = || Module::Program(program(module), vec![]);
    let user = link(user, vec![module(), module()]).unwrap();
    assert_eq!(query(&user, "a").unwrap(), "[large small]");
    assert_eq!(query(&user, "b").unwrap(), "7");
    assert_eq!(query(&user, "d").unwrap(), "[mod user null false]");
    let mut machine = Machine::new(Meter::default());
    machine.set_event(Some(Arc::new(EventFacts { name: "y".into(), ..Default::default() })));
    machine.set_meta(Arc::new(MetaFacts::default()));
    machine.rule_body(&user, 0, vec![]);
    let mut asked = Vec::new();
    assert!(matches!(finish(&mut machine, &mut asked), Ok(Step::Rule(RuleEnd::Continue))));
    assert_eq!(
        asked,
        [
            "user: directive hi {rid=mod}",
            "user: event:send({eci=2})",
            "user: back := [hi1 [mod user null false] r]",
        ]
    );
    let missing = link("ruleset a { meta { use module b } }", vec![Module::Missing]);
    assert_eq!(missing.unwrap_err().to_string(), "Error: Module not found: b");
}

#[test]
fn what_is_the_same_everywhere_is_shared() {
    let shared = |source: &str| program(source).shared_instance(&Modules::standard()).is_some();
    assert!(shared("ruleset a { global { f = function() { ctx:rid } x = [1].map(uc) } }"));
    assert!(!shared("ruleset a { global { x = random:uuid() } }"));
    assert!(!shared("ruleset a { global { f = function() { meta:rid } x = f() } }"));
    assert!(!shared("ruleset a { global { x = time:now() } }"));
    let program = program("ruleset a { global { x = 1 } }");
    let instance = || program.shared_instance(&Modules::standard()).unwrap();
    let kept = instance();
    assert!(Arc::ptr_eq(&kept, &instance()));
}

#[test]
fn rules_do_what_they_say() {
    let source = "ruleset r { rule one { select when a b x re#(.*)# setting(x)
        foreach x.split(\",\") setting(part, i)
        pre { up = function() { part.uc() + i } }
        if part then choose part { a => send_directive(\"is a\") b => noop() }
        fired { ent:seen{[i]} := up(); raise event \"c:d\" for other.rid attributes {\"p\": part} }
        else { ent:none := part.length(); clear ent:none }
        finally { ent:all := true on final; last if part == \"never\"; schedule x event \"y\" at 5 } } }";
    let instance = link(source, vec![]).unwrap();
    let mut machine = Machine::new(Meter::default());
    machine.rule_body(&instance, 0, vec![Value::text("a,,b")]);
    let mut asked = Vec::new();
    assert!(matches!(finish(&mut machine, &mut asked), Ok(Step::Rule(RuleEnd::Continue))));
    assert!(machine.has_fired());
    assert_eq!(
        asked,
        [
            "r: directive is a null",
            "r: seen{[0]} := A0",
            "raise c:d for other.rid {p=a}",
            "schedule x:y",
            "r: none := 0",
            "EntityClear { rid: \"r\", name: \"none\", path: None }",
            "schedule x:y",
            "r: seen{[2]} := B2",
            "raise c:d for other.rid {p=b}",
            "r: all := true",
            "schedule x:y",
        ]
    );
}

#[test]
fn testing_is_generated() {
    let source = "ruleset r { meta { shares f, g, __testing }
        global { f = function(a, b) { 1 } g = 2 __testing = __testing }
        rule one { select when a b or c d x re#y#
            foreach event:attrs{\"list\"} setting(l)
            if event:attr(\"p\") || event:attrs.get(\"q\") then noop() } }";
    let instance = link(source, vec![]).unwrap();
    let found = query(&instance, "__testing").unwrap();
    assert_eq!(
        found,
        "{queries=[{name=f args=[a b]} {name=g args=[]} {name=__testing args=[]}] \
         events=[{domain=a name=b attrs=[x p q list]} {domain=c name=d attrs=[x p q list]}]}"
    );
}

/// A source as large as the largest of the standard rulesets.
#[test]
fn large_and_deep_programs_compile() {
    let mut source = String::from("ruleset big { global { ");
    for index in 0..120 {
        let call = if index == 0 { "1".into() } else { format!("f{}(a)", index - 1) };
        source.push_str(&format!(
            "f{index} = function(a, b = {index}) {{ m = {{\"k\": a, \"l\": [b, a]}} \
             x = m{{[\"l\", 0]}}.as(\"String\") x.match(re#^[0-9]+$#) => {call} | <<no #{{x}}>> }} "
        ));
    }
    source.push_str("} }");
    assert_eq!(program(&source).rid().len(), 3);
    let deep =
        format!("ruleset deep {{ global {{ x = {}1{} }} }}", "(".repeat(240), ")".repeat(240));
    let nest = "function(){".repeat(80) + "1" + &"}".repeat(80);
    for source in [deep, format!("ruleset deep {{ global {{ x = {nest} }} }}")] {
        let small = std::thread::Builder::new().stack_size(2 << 20);
        let done = small.spawn(move || drop(parser::parse(&source).ruleset.map(|r| compile(&r))));
        done.unwrap().join().unwrap();
    }
}
