//! The recorded cases, and what they lack.

#![expect(clippy::disallowed_methods, reason = "the recorded cases are files")]

use super::*;

/// The folder of recorded cases, if it is here.
fn corpus(file: &str) -> Option<serde_json::Value> {
    let folder = std::env::var("PICOMESH_KRL_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/krl-corpus").into());
    match std::fs::read_to_string(format!("{folder}/{file}")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            println!("SKIPPED: no recorded cases at {folder}");
            None
        }
    }
}

/// Accepts and rejects what the reference does, with its message at its place.
#[test]
fn recorded_cases_are_read_alike() {
    let Some(cases) = corpus("parser-asts.json") else { return };
    let mut wrong = vec![];
    for case in cases.as_array().unwrap() {
        let source = case["src"].as_str().unwrap();
        let errors = match case["entry"].as_str().unwrap() {
            "parseExpression" => parse_expression(source).err().unwrap_or_default(),
            "parseRuleset" => parse(source).errors,
            _ => parse_source(source).err().unwrap_or_default(),
        };
        let lines = crate::diagnostic::Lines::new(source);
        let found = errors.first().map(|error| {
            (format!("ParseError: {}", error.message), lines.utf16(error.span.start) as u64)
        });
        let wanted = case["error"].as_str().map(|error| {
            (error.to_owned(), case["token"]["loc"]["start"].as_u64().unwrap_or_default())
        });
        if found != wanted {
            wrong.push(format!("{source}\n   wanted {wanted:?}\n   found {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn all_errors_of_a_file_are_found() {
    let source = "ruleset a { global { x = ; y = 1 z = ) w = 2 }
        rule b { select when c:d fired { wat } }
        rule e { select when f:g }
        rule h { select when i:j send_directive( } }";
    let parsed = parse(source);
    let messages: Vec<&str> = parsed.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "Expected an expression",
            "Expected an expression",
            "Expected a declaration",
            "Expected an expression",
        ]
    );
    let ruleset = parsed.ruleset.unwrap();
    assert_eq!((ruleset.global.len(), ruleset.rules.len()), (2, 1));
}

/// Bad inputs, row 68.
#[test]
fn nesting_without_end_is_an_error_with_a_place() {
    let deep = [
        format!("ruleset a {{ global {{ x = {}1{} }} }}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("ruleset a {{ global {{ x = {} }} }}", "{\"a\":".repeat(10_000)),
        format!("ruleset a {{ global {{ x = 1{} }} }}", "+1".repeat(10_000)),
        format!("ruleset a {{ global {{ x = {}1 }} }}", "not ".repeat(10_000)),
        format!("ruleset a {{ rule b {{ select when {}c:d }} }}", "(".repeat(10_000)),
        format!("ruleset a {{ global {{ x = {} }} }}", "<<#{".repeat(10_000)),
        format!("ruleset a {{ global {{ {} = 1 }} }}", "x".repeat(1_000_000)),
        "ruleset a { global { x = \"".to_owned() + &"y".repeat(1_000_000),
    ];
    for source in deep {
        let parsed = parse(&source);
        assert!(parsed.errors.len() <= 3, "{:?}", parsed.errors.len());
    }
}
