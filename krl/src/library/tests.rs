//! The cases that were recorded from the reference, and limits.

use super::*;
use crate::ast::BinaryOperator;
use crate::regex::RegExp;
use crate::value::{self, Array, Map, json};
use serde_json::Value as Json;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) fn meter() -> Meter {
    Meter { fuel: 10_000_000, allocated: 0, heap_max: 64 << 20 }
}

/// The recorded cases of a file; none, said aloud, where the folder is absent.
#[expect(clippy::disallowed_methods, reason = "recorded cases are no part of the program")]
pub(super) fn recorded(file: &str) -> Vec<Json> {
    let here = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/krl-corpus"));
    let folder = std::env::var("PICOMESH_KRL_CORPUS").map(PathBuf::from).unwrap_or(here);
    match std::fs::read(folder.join(file)) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(error) => {
            println!("SKIPPED: no {file} in {}: {error}", folder.display());
            Vec::new()
        }
    }
}

/// A value as it was recorded; `None` for a function of JavaScript.
pub(super) fn value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(value).collect();
            Value::Array(Array::new(items?).unwrap())
        }
        Json::Object(entries) if entries.contains_key("$undefined") => Value::Undefined,
        Json::Object(entries) if entries.contains_key("$number") => {
            Value::Number(value::parse_number(entries["$number"].as_str().unwrap()))
        }
        Json::Object(entries) if entries.contains_key("$regexp") => {
            let text = |key: &str| entries[key].as_str().unwrap();
            Value::RegExp(Arc::new(RegExp::new(text("$regexp"), text("flags")).unwrap()))
        }
        Json::Object(entries)
            if entries.contains_key("$function") || entries.contains_key("$jsobject") =>
        {
            return None;
        }
        Json::Object(entries) => {
            let entry = |(key, item): (&String, &Json)| Some((Text::from(&**key), value(item)?));
            let entries: Option<Vec<_>> = entries.iter().map(entry).collect();
            Value::Map(Map::new(entries?).unwrap())
        }
        plain => json::from_json(plain).unwrap(),
    })
}

/// Runs an operator whose functions are all nothing.
fn run(name: &str, args: Args) -> Result<Value, Fault> {
    let symbols = [
        ("+", BinaryOperator::Add),
        ("-", BinaryOperator::Subtract),
        ("*", BinaryOperator::Multiply),
        ("/", BinaryOperator::Divide),
        ("%", BinaryOperator::Modulo),
        ("==", BinaryOperator::Equal),
        ("!=", BinaryOperator::NotEqual),
        ("<=>", BinaryOperator::Compare),
        ("<", BinaryOperator::Less),
        ("<=", BinaryOperator::LessOrEqual),
        (">", BinaryOperator::Greater),
        (">=", BinaryOperator::GreaterOrEqual),
        ("><", BinaryOperator::Contains),
        ("like", BinaryOperator::Like),
        ("cmp", BinaryOperator::CompareText),
    ];
    let meter = &mut meter();
    if let Some((_, operator)) = symbols.iter().find(|(symbol, _)| *symbol == name) {
        let unary_operator = match operator {
            BinaryOperator::Add => crate::ast::UnaryOperator::Plus,
            _ => crate::ast::UnaryOperator::Minus,
        };
        return match &args.positional[..] {
            [operand] => unary(unary_operator, operand),
            [left, right, ..] => binary(*operator, left, right, meter),
            [] => Ok(Value::Undefined),
        };
    }
    match call(find(name).unwrap(), args, meter)? {
        Outcome::Value(value) => Ok(value),
        Outcome::Iterate(mut iteration) => match iteration.step(None, meter)? {
            Next::Done(value) => Ok(value),
            Next::Call(..) => panic!("{name} calls a function"),
        },
    }
}

pub(super) fn args(json: &Json) -> Option<Args> {
    let mut args = Args::default();
    match json {
        Json::Object(entries) if !entries.contains_key("$undefined") => {
            for (name, item) in entries {
                args.named.push((Text::from(&**name), value(item)?));
            }
        }
        Json::Array(items) => {
            args.positional = items.iter().map(value).collect::<Option<_>>()?;
        }
        _ => {}
    }
    Some(args)
}

/// What a case says of an outcome; an empty text when they agree.
pub(super) fn difference(case: &Json, outcome: Result<Value, Fault>) -> Option<String> {
    let print = |value: &Value| json::encode(value, 0, &mut meter()).unwrap();
    let got = match &outcome {
        Ok(value) => print(value),
        Err(fault) => fault.to_string(),
    };
    let wanted = match case.get("error") {
        Some(error) => error.as_str().unwrap().to_owned(),
        None => print(&value(&case["result"])?),
    };
    (got != wanted).then(|| format!("{case}\n    got {got}"))
}

#[test]
fn recorded_cases_come_out_as_recorded() {
    let cases = recorded("stdlib.json");
    let (mut run_count, mut wrong) = (0, Vec::new());
    for case in &cases {
        let Some(args) = args(&case["args"]) else { continue };
        run_count += 1;
        let name = case["op"].as_str().unwrap();
        wrong.extend(difference(case, run(name, args)));
    }
    println!("{run_count} of {} cases run", cases.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn operators_answer_as_the_reference_does() {
    let cases = serde_json::from_str::<Vec<Json>>(include_str!("../../vectors/operators.json"));
    let mut wrong = Vec::new();
    for case in cases.unwrap() {
        let outcome = run(case["op"].as_str().unwrap(), args(&case["args"]).unwrap());
        wrong.extend(difference(&case, outcome));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn arguments_are_placed_by_name() {
    let named = |names: &[(&str, Value)]| Args {
        positional: Vec::new(),
        named: names.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect(),
    };
    let print = |value: Result<Value, Fault>| json::encode(&value.unwrap(), 0, &mut meter());
    let number = Value::Number;
    let answer = run("range", named(&[("end", number(3.0)), ("val", number(1.0))]));
    assert_eq!(print(answer).unwrap(), "[1,2,3]");
    let answer = run("range", named(&[("val", number(1.0)), ("other", number(3.0))]));
    assert_eq!(print(answer).unwrap(), "[]");
    // The value counts as given, though it is not, when something behind it is.
    let answer = run("range", named(&[("end", number(2.0))]));
    assert_eq!(print(answer).unwrap(), "[0,1,2]");
}

#[test]
fn each_name_is_found_once() {
    for name in ["map", "put", "band", "noop", "cmp"] {
        let operator = find(name).unwrap();
        assert_eq!(operator.name(), name);
    }
    assert!(find("+").is_none());
    assert_eq!(find("splice").unwrap().parameters(), ["val", "start", "nElements", "value"]);
}

#[test]
fn results_that_are_too_large_are_refused_before_they_are_made() {
    let heap = Some(Fault::Limit("HEAP_BYTES_MAX"));
    let number = Value::Number;
    let positional = |positional| Args { positional, named: Vec::new() };
    let range = positional(vec![number(1.0), number(1e9)]);
    assert_eq!(run("range", range).err(), heap);
    let range = positional(vec![number(-1e308), number(1e308)]);
    assert_eq!(run("range", range).err(), heap);
    let set = positional(vec![
        Value::default_array(),
        Value::Array(Array::new(vec![number(4e9)]).unwrap()),
        number(1.0),
    ]);
    assert_eq!(run("set", set).err(), heap);
    let text = Value::text("x".repeat(1 << 20));
    let many = Value::Array(Array::new(vec![text.clone(); 100]).unwrap());
    assert_eq!(run("join", positional(vec![many])).err(), heap);
    let replacement = Value::text("$&$&$&$&$&$&$&$&".repeat(16));
    let any = Value::RegExp(Arc::new(RegExp::new("x+", "g").unwrap()));
    assert_eq!(run("replace", positional(vec![text.clone(), any, replacement])).err(), heap);
    let long = Value::text("xy".repeat(4 << 20));
    assert_eq!(run("split", positional(vec![long, Value::text("")])).err(), heap);
    let path = Value::Array(Array::new(vec![text; 100_000]).unwrap());
    let put = positional(vec![Value::Map(Map::default()), path, number(1.0)]);
    assert_eq!(run("put", put).err(), Some(Fault::Limit("DEPTH_MAX")));
}

#[test]
fn equal_values_that_share_much_are_compared_quickly() {
    let mut pair = (Value::Null, Value::Null);
    for _ in 0..500 {
        let grow = |value: Value| Value::Array(Array::new(vec![value.clone(), value]).unwrap());
        pair = (grow(pair.0), grow(pair.1));
    }
    let same = binary(BinaryOperator::Equal, &pair.0, &pair.0, &mut meter());
    assert!(same.unwrap().is_truthy());
    let little = &mut Meter { fuel: 100_000, ..meter() };
    let other = binary(BinaryOperator::Equal, &pair.0, &pair.1, little);
    assert_eq!(other.err(), Some(Fault::Limit("FUEL_MAX")));
}

#[test]
fn a_member_is_found_by_path_and_by_place() {
    let mut found = Vec::new();
    let json = r#"{"a.b":1,"a":{"b":[5,6,{"c":7}]},"s":"text"}"#;
    let object = json::decode(json, &mut meter()).unwrap().unwrap();
    let path = |json: &str| json::decode(json, &mut meter()).unwrap().unwrap();
    for key in [r#""a.b""#, r#"["a","b",2,"c"]"#, r#"["a","x","c"]"#, "[]", r#"["s","length"]"#] {
        found.push(member(&object, &path(key)));
    }
    found.push(index(&member(&object, &path(r#"["a","b"]"#)), &Value::Number(1.0)));
    found.push(index(&path("[1,2]"), &Value::text("1")));
    found.push(index(&path("[1,2]"), &Value::Number(-1.0)));
    found.push(index(&path("[1,2]"), &Value::Number(0.5)));
    found.push(index(&path("\"ab\""), &Value::Number(0.0)));
    let found = Value::Array(Array::new(found).unwrap());
    let text = json::encode(&found, 0, &mut meter()).unwrap();
    assert_eq!(text, "[1,7,null,null,4,6,2,null,null,null]");
}
