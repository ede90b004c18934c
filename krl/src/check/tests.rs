//! The recorded cases, and what they lack.

#![expect(clippy::disallowed_methods, reason = "the recorded cases are files")]

use super::*;
use crate::compile;
use crate::diagnostic::Lines;
use crate::parser;
use serde_json::{Value, json};

/// A folder of recorded cases, if it is here.
fn corpus() -> Option<Vec<Value>> {
    let folder = std::env::var("PICOMESH_KRL_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/krl-corpus").into());
    match std::fs::read_to_string(format!("{folder}/compiler.json")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("SKIPPED: no recorded cases at {folder}");
            None
        }
    }
}

#[test]
fn recorded_cases_are_judged_alike() {
    let Some(cases) = corpus() else { return };
    let mut wrong = vec![];
    for case in &cases {
        let source = case["src"].as_str().unwrap();
        let parsed = parser::parse(source);
        let Some(ruleset) = parsed.ruleset.filter(|_| parsed.errors.is_empty()) else { continue };
        let lines = Lines::new(source);
        let found = check(&ruleset);
        let error = found.iter().find(|found| found.is_error());
        let told = |found: &Diagnostic| lines.reference_warning(found);
        let found = match error {
            Some(error) => {
                json!([format!("Error: {}", error.message), told(error)["loc"]])
            }
            None => {
                compile::compile(&ruleset).unwrap();
                found.iter().map(told).collect()
            }
        };
        let wanted = match case.get("error") {
            Some(error) => json!([error, place(&case["loc"])]),
            None => case["warnings"].as_array().unwrap().iter().map(|warning| {
                json!({ "loc": place(&warning["loc"]), "message": warning["message"] })
            }).collect(),
        };
        if found != wanted {
            wrong.push(format!("{source}\n   wanted {wanted}\n   found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

fn place(loc: &Value) -> Value {
    json!({ "start": loc["start"], "end": loc["end"] })
}

/// What is found in a ruleset with these globals and this rule, with the text at its place.
fn found(meta: &str, global: &str, rule: &str) -> Vec<(String, String)> {
    let source = format!(
        "ruleset a {{ meta {{ {meta} }} global {{ {global} }} rule b {{ select when c d {rule} }} }}"
    );
    let parsed = parser::parse(&source);
    assert_eq!(parsed.errors, []);
    let ruleset = parsed.ruleset.unwrap();
    let found = check(&ruleset);
    if !found.iter().any(Diagnostic::is_error) {
        compile::compile(&ruleset).unwrap();
    }
    let at = |d: &Diagnostic| source[d.span.start as usize..].chars().take(5).collect();
    found.iter().map(|d| (d.message.clone(), at(d))).collect()
}

#[track_caller]
fn says(meta: &str, global: &str, rule: &str, wanted: &[(&str, &str)]) {
    let found = found(meta, global, rule);
    let found: Vec<_> = found.iter().map(|(text, at)| (&**text, &**at)).collect();
    assert_eq!(found, wanted);
}

#[test]
fn names_are_known_or_not() {
    says(
        "",
        "x = x y = nope",
        "",
        &[("Undefined id: x", "x y ="), ("Undefined id: nope", "nope ")],
    );
    says("", "f = function(){ g() } g = function(){ 1 }", "", &[]);
    // An action sees what comes before it, as an expression does.
    says(
        "",
        "g = defaction(){ f() } f = defaction(){ noop() }",
        "",
        &[("Undefined id: f", "f() }")],
    );
    says("", "f = function(x = y, y = x){ x }", "", &[("Undefined id: y", "y, y ")]);
    says("", "x = 1.nope()", "", &[("Undefined id: nope", "nope(")]);
    says("name who", "", "", &[("Undefined id: who", "who }")]);
    says("", "", "foreach x setting(x) noop()", &[("Undefined id: x", "x set")]);
    says(
        "",
        "",
        "noop() setting(x) always { ent:y := x ent:z{q} := 1 }",
        &[("Undefined id: q", "q} :=")],
    );
    says("", "", "fired { x = 1 } else { y = x }", &[]);
    says(
        "",
        "",
        "fired { raise c event \"d\" for some.ruleset attributes q }",
        &[("Undefined id: q", "q } }")],
    );
    says("", "x = __testing", "", &[]);
}

#[test]
fn late_and_misspelled_names_have_hints() {
    let source = "ruleset a { global { x = later later = 1 colour = 2 y = color } }";
    let found = check(&parser::parse(source).ruleset.unwrap());
    let hints: Vec<&str> = found.iter().map(|found| found.hint.as_deref().unwrap()).collect();
    assert_eq!(
        hints,
        [
            "`later` is declared here or further down: expressions and actions see only what comes \
         before them",
            "did you mean `colour`?"
        ]
    );
}

#[test]
fn nothing_is_declared_twice() {
    let twice = |name: &str| format!("Duplicate declaration: {name}");
    says(
        "",
        "x = 1 x = 2",
        "pre { y = 1 y = 2 }",
        &[(&twice("x"), "x = 2"), (&twice("y"), "y = 2")],
    );
    says("", "f = function(x){ x = 1 x }", "", &[(&twice("x"), "x = 1")]);
    says("configure using x = 1 x = 2", "", "", &[(&twice("x"), "x = 2")]);
    says("", "", "always { x = 1 x = 2 }", &[(&twice("x"), "x = 2")]);
    says("", "f = function(x, x){ 1 }", "", &[("Duplicate parameter: x", "x){ 1")]);
    says("", "", "} rule b { select when e f", &[("Duplicate rule name: b", "b { s")]);
}

#[test]
fn functions_are_no_actions() {
    says("", "x = noop()", "", &[("Not a function: ActionFunction", "noop(")]);
    says("", "x = send_directive(1)", "", &[("Not a function: Action", "send_")]);
    says("", "a = defaction(){ noop() } b = a c = b()", "", &[("Not a function: Action", "b() }")]);
    says("", "f = function(){ 1 }", "f()", &[("Not an action: Function", "f() }")]);
    says("", "", "range(1)", &[("Not an action: Function", "range")]);
    says(
        "",
        "x = event:attrs(\"a\")",
        "",
        &[("`event:attrs` is a Map, not a Function. Use `event:attrs{key}` instead", "event")],
    );
    says("", "f = 1", "every { f() x:y() }", &[]);
}

#[test]
fn arguments_settings_and_labels_have_their_order() {
    let named = "Once you used a named arg, all following must be named.";
    says(
        "",
        "f = function(a, b){ 1 } x = f(a = 1, 2)",
        "noop(a = 1, 3)",
        &[(named, "2) } "), (named, "3) } ")],
    );
    says("", "", "noop() setting(x, y)", &[("Actions only return on value", "y) } ")]);
    says(
        "",
        "",
        "choose 1 { noop() }",
        &[("all actions inside a `choose` block need a label", "noop(")],
    );
    says(
        "",
        "f = function(a = 1, b){ 1 }",
        "",
        &[("Cannot have a non-default parameter after a defaulted one", "b){ 1")],
    );
}

#[test]
fn only_entity_variables_are_kept() {
    says(
        "",
        "",
        "always { app:x := 1 clear app:y }",
        &[
            ("PersistentVariableAssignment - only works on ent:* variables", "app:x"),
            ("ClearPersistentVariable only works for `ent:`, not `app:`", "app:y"),
        ],
    );
}

#[test]
fn the_meta_block_is_checked() {
    says(
        "shares x provides y, __testing",
        "x = defaction(){ noop() }",
        "",
        &[
            ("Actions must not be shared: x", "x pro"),
            ("Trying to provide: y but it's not defined in global", "y, __"),
        ],
    );
    says(
        "key a 1 errors to b provides keys c to d",
        "",
        "",
        &[
            ("RulesetMetaProperty not supported: keys", "key a"),
            ("RulesetMetaProperty not supported: errors", "error"),
            ("RulesetMetaProperty not supported: provides_keys", "provi"),
        ],
    );
    says(
        "name \"a\" name \"b\" logging on",
        "",
        "",
        &[
            ("only 1 meta.name allowed", "name "),
            ("DEPRECATED meta.logging is no longer needed, logging is always on", "loggi"),
        ],
    );
}

#[test]
fn old_ways_are_warned_of() {
    let old = |text: &str| format!("DEPRECATED SYNTAX - {text}");
    says(
        "",
        "x = {}.a y = event:attr(\"z\")",
        "",
        &[
            ("DEPRECATED use `{}` or `[]` instead of `.`", "{}.a "),
            ("event:attr(key) is deprecated. Use event:attrs{key} instead", "event"),
        ],
    );
    says(
        "",
        "",
        "} rule e { select when f g h re#(.)# where 1 setting(i)",
        &[(&old("Move the `where` clause to be after the `setting`"), "f g h")],
    );
    says(
        "",
        "",
        "} rule e { select when f g setting(i)",
        &[(&old("What are you `setting`? There are no attribute matches"), "f g s")],
    );
    says(
        "",
        "",
        "} rule e is inactive { nope()",
        &[("rule e is inactive, i.e. commented out", "rule ")],
    );
}

#[test]
fn patterns_and_event_machines_are_checked() {
    let found = found("", "x = re#(#", "} rule e { select when any 3 (f g, h i)");
    let texts: Vec<&str> = found.iter().map(|found| &*found.0).collect();
    assert_eq!(
        texts,
        [
            "SyntaxError: Invalid regular expression: /(/: Unterminated group",
            "TypeError: `any(num, ...eventexs)` expects num to be greater than 0 and less than the \
         number of eventexs",
        ]
    );
}
