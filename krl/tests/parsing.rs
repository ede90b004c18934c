//! Trees against the recorded cases, and what bad sources cost.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "a test ends where it goes wrong, and measures time"
)]

mod tree;

use picomesh_krl::diagnostic::Lines;
use picomesh_krl::parser::{SOURCE_BYTES_MAX, parse, parse_expression, parse_source};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a refusal may take; in a build without optimisation more.
const REFUSAL_MAX: Duration = match cfg!(debug_assertions) {
    true => Duration::from_secs(2),
    false => Duration::from_millis(200),
};

fn corpus() -> Option<Vec<Value>> {
    let folder = std::env::var("PICOMESH_KRL_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/krl-corpus").into());
    match std::fs::read_to_string(format!("{folder}/parser-asts.json")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("SKIPPED: no recorded cases at {folder}");
            None
        }
    }
}

/// Without places; a part of a postlude that is not there is empty.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let is_postlude = entries.get("type") == Some(&json!("RulePostlude"));
            let entries = entries.iter().filter(|(key, _)| *key != "loc");
            let entries = entries.map(|(key, value)| match is_postlude && value.is_null() {
                true => (key.clone(), json!([])),
                false => (key.clone(), bare(value)),
            });
            Value::Object(entries.collect())
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        // JavaScript tells patterns so that they could stand between slashes.
        Value::String(text) => json!(text.replace("\\/", "/")),
        other => other.clone(),
    }
}

#[test]
fn recorded_trees_mean_the_same() {
    let Some(cases) = corpus() else { return };
    let mut wrong = vec![];
    for case in &cases {
        let Some(wanted) = case.get("ast") else { continue };
        let source = case["src"].as_str().unwrap();
        let found = match case["entry"].as_str().unwrap() {
            "parseExpression" => tree::expression(&parse_expression(source).unwrap()),
            "parseRuleset" => tree::ruleset(&parse(source).ruleset.unwrap()),
            _ => tree::source(&parse_source(source).unwrap()),
        };
        if found != bare(wanted) {
            wrong.push(format!("{source}\n   wanted {}\n   found  {found}", bare(wanted)));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn bad_sources_are_refused_soon_and_with_a_place() {
    let in_global = |text: String| format!("ruleset a {{\n  global {{\n    x = {text}");
    let deep = 10_000;
    let long = SOURCE_BYTES_MAX - 100;
    let sources = [
        in_global("(".repeat(deep)),
        in_global("(".repeat(deep) + "1" + &")".repeat(deep)),
        in_global("{\"a\":".repeat(deep) + "1" + &"}".repeat(deep)),
        in_global("[".repeat(deep)),
        in_global("f(".repeat(deep)),
        in_global("1".to_owned() + &"(1)".repeat(deep)),
        in_global("1".to_owned() + &"{1}".repeat(deep)),
        in_global("1".to_owned() + &".a".repeat(deep)),
        in_global("function(){".repeat(deep)),
        in_global("defaction(){ y = ".repeat(deep)),
        in_global("- ".repeat(deep)),
        in_global("1 => 2 | ".repeat(deep)),
        in_global("<<#{".repeat(deep)),
        in_global("1 + ".repeat(deep)),
        in_global("x".repeat(long)),
        in_global("\"".to_owned() + &"y".repeat(long)),
        in_global("<<".to_owned() + &"y".repeat(long)),
        in_global("re#".to_owned() + &"y".repeat(long)),
        in_global("/*".to_owned() + &"*".repeat(long)),
        in_global("; ) ".repeat(long / 4)),
        in_global("\u{1f600}".repeat(long / 4)),
        "rule r { select when ".repeat(long / 21),
        "ruleset a { rule r { select when ".to_owned() + &"(".repeat(deep),
        "ruleset a { rule r { select when ".to_owned() + &"a:b or ".repeat(deep),
        "x".repeat(SOURCE_BYTES_MAX + 1),
    ];
    for source in &sources {
        let start: String = source.chars().take(60).collect();
        let since = Instant::now();
        let parsed = parse(source);
        let lines = Lines::new(source);
        let first = lines.locate(parsed.errors.first().unwrap_or_else(|| {
            unreachable!("no error: {start}");
        }));
        assert!(first.line >= 1 && first.column >= 1);
        drop(parsed.ruleset);
        assert!(since.elapsed() < REFUSAL_MAX, "{:?}: {start}", since.elapsed());
    }
}

#[test]
fn diagnostics_are_json() {
    let source = "ruleset a {\n  global { x = ) }\n}";
    let errors = parse(source).errors;
    let lines = Lines::new(source);
    assert_eq!(
        serde_json::to_value(lines.locate(&errors[0])).unwrap(),
        json!({
            "severity": "error",
            "line": 2,
            "column": 16,
            "end_line": 2,
            "end_column": 17,
            "message": "Expected an expression",
            "hint": null,
        })
    );
}
