//! Sequences of events against the selections of the reference (`vectors/select.json`).

use super::*;
use crate::ast::{self, EventBase, EventExpression, EventOperator, Identifier, Span};
use crate::library::Meter;
use crate::value::Map;
use serde_json::Value as Json;

const VECTORS: &str = include_str!("../../vectors/select.json");

fn identifier(name: &Json) -> Identifier {
    Identifier { name: name.as_str().unwrap().into(), span: Span::default() }
}

fn identifiers(names: &Json) -> Vec<Identifier> {
    names.as_array().unwrap().iter().map(identifier).collect()
}

fn base(tree: &Json) -> EventBase {
    let attribute = |a: &Json| ast::AttributeMatch {
        name: identifier(&a[0]),
        pattern: a[1].as_str().unwrap().into(),
        flags: "".into(),
        pattern_span: Span::default(),
    };
    let condition = tree[5]
        .as_str()
        .map(|_| ast::Expression { kind: ast::ExpressionKind::Null, span: Span::default() });
    EventBase {
        domain: identifier(&tree[1]),
        name: identifier(&tree[2]),
        attributes: tree[3].as_array().unwrap().iter().map(attribute).collect(),
        setting: identifiers(&tree[4]),
        condition,
        is_condition_first: false,
        span: Span::default(),
    }
}

fn expression(tree: &Json) -> EventExpression {
    let parts = tree.as_array().unwrap();
    let (operator, operands) = match parts[0].as_str().unwrap() {
        "e" => return EventExpression::Base(Box::new(base(tree))),
        "count" | "repeat" => {
            return EventExpression::Group {
                is_repeat: parts[0] == "repeat",
                count: parts[1].as_f64().unwrap(),
                count_span: Span::default(),
                base: Box::new(base(&parts[2])),
                aggregator: parts[3].as_array().map(|a| ast::Aggregator {
                    operator: identifier(&a[0]),
                    variables: identifiers(&a[1]),
                    span: Span::default(),
                }),
                span: Span::default(),
            };
        }
        "any" => (EventOperator::Any(parts[1].as_f64().unwrap()), &parts[2..]),
        "or" => (EventOperator::Or, &parts[1..]),
        "and" => (EventOperator::And, &parts[1..]),
        "before" => (EventOperator::Before, &parts[1..]),
        "then" => (EventOperator::Then, &parts[1..]),
        "after" => (EventOperator::After, &parts[1..]),
        "between" => (EventOperator::Between, &parts[1..]),
        "not between" => (EventOperator::NotBetween, &parts[1..]),
        other => panic!("{other}"),
    };
    let operands = operands.iter().map(expression).collect();
    EventExpression::Operator { operator, operands, span: Span::default() }
}

fn select(tree: &Json, has_within: bool) -> ast::Select {
    let within = has_within.then(|| ast::Within {
        expression: ast::Expression { kind: ast::ExpressionKind::Null, span: Span::default() },
        period: identifier(&"seconds".into()),
        span: Span::default(),
    });
    let when = ast::When::Events { expression: expression(tree), within };
    ast::Select { when, span: Span::default() }
}

/// The values that conditions of the vectors compare attribute `k` with, by primitive.
fn conditions(tree: &Json) -> Vec<Option<String>> {
    if tree[0] == "e" {
        return vec![tree[5].as_str().map(Into::into)];
    }
    let parts = tree.as_array().unwrap()[1..].iter();
    parts
        .filter(|part| part[0].is_string() && part.as_array().unwrap().len() > 2)
        .flat_map(conditions)
        .collect()
}

fn meter() -> Meter {
    Meter { fuel: 1_000_000, allocated: 0, heap_max: 1_000_000 }
}

#[test]
fn sequences_select_as_in_the_reference() {
    let vectors: Json = serde_json::from_str(VECTORS).unwrap();
    let mut meter = meter();
    for vector in vectors.as_array().unwrap() {
        let tree = &vector["tree"];
        let within_ms = vector["within"].as_i64();
        let source = select(tree, within_ms.is_some());
        let rule = Select::compile(&source).unwrap();
        let conditions = conditions(tree);
        assert_eq!(conditions.len(), rule.primitives().len(), "{vector}");
        assert_eq!(bases(&source).len(), rule.primitives().len());
        let mut state = State::default();
        let events = vector["events"].as_array().unwrap().iter();
        for (place, (event, expected)) in
            events.zip(vector["selected"].as_array().unwrap()).enumerate()
        {
            let parts: Vec<&str> = event.as_str().unwrap().split(' ').collect();
            let attr = (parts[1] != "-").then(|| ("k".into(), Value::text(parts[1])));
            let attrs = Map::new(attr).unwrap();
            let now_ms = parts[2].parse().unwrap();
            let moment = Moment { domain: "d", name: parts[0], now_ms, within_ms };
            let mut matched = Vec::new();
            for index in rule.wanted(&state, &moment) {
                let primitive = &rule.primitives()[index];
                let Some(captures) = primitive.captures(&attrs, &mut meter).unwrap() else {
                    continue;
                };
                let wants = conditions[index].as_deref();
                if wants.is_none_or(|wants| wants == parts[1]) {
                    matched.push((index, captures));
                }
            }
            let is_selected = rule.advance(&mut state, &moment, &matched).unwrap();
            let at = format!("event {place} of {}", vector["select"]);
            assert_eq!(is_selected, expected.is_object(), "{at}");
            if is_selected {
                let settings = state.take_settings();
                for (slot, name) in rule.variables().iter().enumerate() {
                    let value = settings.get(slot).cloned().unwrap_or_default();
                    assert!(is_same(&value, &expected[&**name]), "{at}: {name} is {value:?}");
                }
            }
            // Stored and loaded again, the state is the same.
            let stored = serde_json::to_string(&state).unwrap();
            state = serde_json::from_str(&stored).unwrap();
            if rule.is_simple() {
                assert!(state.is_start(), "{at}");
            }
        }
    }
}

fn is_same(value: &Value, expected: &Json) -> bool {
    match value {
        Value::Undefined | Value::Null => expected.is_null(),
        Value::Number(number) => expected.as_f64() == Some(*number),
        Value::String(text) => expected.as_str() == Some(text),
        Value::Array(array) => expected.as_array().is_some_and(|expected| {
            expected.len() == array.items().len()
                && array.items().iter().zip(expected).all(|(a, b)| is_same(a, b))
        }),
        Value::Boolean(_) | Value::Map(_) | Value::RegExp(_) | Value::Callable(_) => {
            panic!("{value:?}")
        }
    }
}

#[test]
fn any_of_too_many_is_refused() {
    let tree =
        serde_json::json!(["any", 2, ["e", "d", "a", [], [], null], ["e", "d", "b", [], [], null]]);
    let fault = Select::compile(&select(&tree, false)).unwrap_err();
    assert!(fault.to_string().starts_with("TypeError: `any(num, ...eventexs)` expects num"));
}

#[test]
fn large_machines_are_refused() {
    let event = serde_json::json!(["e", "d", "a", [], [], null]);
    let count = |count: f64| serde_json::json!(["count", count, event, null]);
    assert!(Select::compile(&select(&count(10_000.0), false)).is_ok());
    let fault = Select::compile(&select(&count(1e15), false)).unwrap_err();
    assert_eq!(fault, Fault::Limit("SELECT_TRANSITIONS_MAX"));
    let name = |i: usize| serde_json::json!(["e", "d", format!("e{i}"), [], [], null]);
    let mut and = vec![Json::from("and")];
    and.extend((0..6).map(name));
    assert!(Select::compile(&select(&and.clone().into(), false)).is_ok());
    and.extend((6..20).map(name));
    let fault = Select::compile(&select(&and.into(), false)).unwrap_err();
    assert_eq!(fault, Fault::Limit("SELECT_TRANSITIONS_MAX"));
}

#[test]
fn select_where_wants_true_itself() {
    let expression = ast::Expression { kind: ast::ExpressionKind::Null, span: Span::default() };
    let source = ast::Select { when: ast::When::Where(expression), span: Span::default() };
    let rule = Select::compile(&source).unwrap();
    let moment = Moment { domain: "x", name: "y", now_ms: 1, within_ms: None };
    let mut state = State::default();
    assert_eq!(rule.wanted(&state, &moment), [0]);
    let primitive = &rule.primitives()[0];
    assert!(primitive.holds(&Value::Boolean(true)) && !primitive.holds(&Value::Number(1.0)));
    assert!(rule.advance(&mut state, &moment, &[(0, Vec::new())]).unwrap());
    assert!(!rule.advance(&mut state, &moment, &[]).unwrap());
    assert!(state.is_start());
}

#[test]
fn within_takes_what_counts_as_a_finite_number() {
    let event = serde_json::json!(["e", "d", "a", [], [], null]);
    let rule = Select::compile(&select(&event, true)).unwrap();
    assert_eq!(rule.within_ms(&Value::text("1.5")), Ok(Some(1500)));
    assert!(rule.within_ms(&Value::text("soon")).is_err());
}
