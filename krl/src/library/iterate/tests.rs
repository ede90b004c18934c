//! What is called, in which order, with what.

use crate::ast::BinaryOperator;
use crate::fault::Fault;
use crate::library::tests::meter;
use crate::library::{Args, Next, Outcome, binary, call, find};
use crate::machine::{Callable, MemberKind};
use crate::regex::RegExp;
use crate::value::{Value, json};
use std::sync::Arc;

fn function() -> Value {
    Value::Callable(Callable::operator(find("as").unwrap(), MemberKind::Function))
}

fn parse(text: &str) -> Value {
    json::decode(text, &mut meter()).unwrap().unwrap_or_else(|| panic!("{text}"))
}

fn print(value: &Value) -> String {
    json::encode(value, 0, &mut meter()).unwrap()
}

/// Runs an operator on JSON, its function played by `answer`; the result and what was called.
fn run(
    name: &str,
    value: Value,
    rest: &[Value],
    answer: impl Fn(&[Value]) -> Value,
) -> Result<(String, Vec<String>), Fault> {
    let mut positional = vec![value, function()];
    positional.extend_from_slice(rest);
    if name == "replace" {
        positional.swap(1, 2);
    }
    let meter = &mut meter();
    let args = Args { positional, named: Vec::new() };
    let mut iteration = match call(find(name).unwrap(), args, meter)? {
        Outcome::Value(value) => return Ok((print(&value), Vec::new())),
        Outcome::Iterate(iteration) => iteration,
    };
    let (mut last, mut calls) = (None, Vec::new());
    loop {
        iteration.visit(&mut |value| assert!(value.depth() < 10));
        match iteration.step(last, meter)? {
            Next::Done(value) => return Ok((print(&value), calls)),
            Next::Call(callee, arguments) => {
                assert!(matches!(callee, Value::Callable(_)));
                calls.push(arguments.iter().map(print).collect::<Vec<_>>().join(" "));
                last = Some(answer(&arguments));
            }
        }
    }
}

fn operate(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    binary(operator, left, right, &mut meter()).unwrap()
}

fn is_more_than_two(arguments: &[Value]) -> Value {
    operate(BinaryOperator::Greater, &arguments[0], &Value::Number(2.0))
}

#[test]
fn an_iterator_gets_the_value_its_place_and_the_container() {
    let sum = |arguments: &[Value]| operate(BinaryOperator::Add, &arguments[0], &arguments[1]);
    let (result, calls) = run("map", parse(r#"["a","b"]"#), &[], sum).unwrap();
    assert_eq!((&*result, &*calls[1]), (r#"["a0","b1"]"#, r#""b" 1 ["a","b"]"#));
    let (result, calls) = run("map", parse(r#"{"x":1,"2":2}"#), &[], sum).unwrap();
    assert_eq!((&*result, &*calls[0]), (r#"{"2":"22","x":"1x"}"#, r#"2 "2" {"2":2,"x":1}"#));
}

#[test]
fn tests_stop_when_they_know() {
    for (name, result, calls) in
        [("all", "false", 1), ("notall", "true", 1), ("any", "true", 2), ("none", "false", 2)]
    {
        let outcome = run(name, parse("[1,3,5]"), &[], is_more_than_two).unwrap();
        assert_eq!((&*outcome.0, outcome.1.len()), (result, calls), "{name}");
    }
    for (name, result) in [("all", "true"), ("notall", "false"), ("any", "false"), ("none", "true")]
    {
        assert_eq!(run(name, parse("{}"), &[], is_more_than_two).unwrap().0, result, "{name}");
    }
}

#[test]
fn filter_and_collect_keep_values() {
    let filter = |text: &str| run("filter", parse(text), &[], is_more_than_two).unwrap().0;
    assert_eq!(filter("[1,3,2,4]"), "[3,4]");
    assert_eq!(filter(r#"{"a":1,"b":3}"#), r#"{"b":3}"#);
    let (result, _) = run("collect", parse("[1,3,2,4]"), &[], is_more_than_two).unwrap();
    assert_eq!(result, r#"{"false":[1,2],"true":[3,4]}"#);
    let (result, _) = run("collect", parse("[1]"), &[], |_| Value::Undefined).unwrap();
    assert_eq!(result, r#"{"undefined":[1]}"#);
}

#[test]
fn reduce_gets_the_sum_first() {
    let minus =
        |arguments: &[Value]| operate(BinaryOperator::Subtract, &arguments[0], &arguments[1]);
    let (result, calls) = run("reduce", parse("[3,4,5]"), &[], minus).unwrap();
    assert_eq!((&*result, &*calls[0]), ("-6", "3 4 1 [3,4,5]"));
    let (result, calls) = run("reduce", parse("[3,4]"), &[Value::Number(10.0)], minus).unwrap();
    assert_eq!((&*result, &*calls[0]), ("3", "10 3 0 [3,4]"));
    assert_eq!(run("reduce", parse("[3]"), &[], minus).unwrap(), ("3".into(), vec![]));
    let (result, calls) = run("reduce", parse("[3]"), &[Value::Null], minus).unwrap();
    assert_eq!((&*result, &*calls[0]), ("-3", "null 3 0 [3]"));
}

#[test]
fn pairwise_goes_as_far_as_the_longest() {
    let sum = |arguments: &[Value]| operate(BinaryOperator::Add, &arguments[0], &arguments[1]);
    let lists = parse(r#"[["a","b"],[1,2,3]]"#);
    assert_eq!(run("pairwise", lists, &[], sum).unwrap().0, r#"["a1","b2","null3"]"#);
    let (_, calls) = run("pairwise", parse("[[],7,[1,2]]"), &[], sum).unwrap();
    assert_eq!(calls, ["null 7 1", "null null 2"]);
}

/// The order of the comparisons was recorded from the reference.
#[test]
fn a_sort_compares_in_the_order_of_the_reference() {
    let down =
        |arguments: &[Value]| operate(BinaryOperator::Subtract, &arguments[1], &arguments[0]);
    let (result, calls) = run("sort", parse("[5,3,4,1,12]"), &[], down).unwrap();
    assert_eq!(result, "[12,5,4,3,1]");
    assert_eq!(calls, ["5 3", "5 4", "3 4", "1 12", "5 12", "5 1", "4 1", "3 1"]);
    for count in 0..40 {
        let numbers: Vec<String> = (0..count).map(|n| (n * 7 % 11).to_string()).collect();
        let list = parse(&format!("[{}]", numbers.join(",")));
        let (result, _) = run("sort", list, &[], down).unwrap();
        let mut sorted: Vec<u32> = numbers.iter().map(|n| n.parse().unwrap()).collect();
        sorted.sort_by(|a, b| b.cmp(a));
        assert_eq!(result, format!("{sorted:?}").replace(' ', ""));
    }
}

#[test]
fn an_order_that_contradicts_itself_ends() {
    for answer in [1.0, -1.0, f64::NAN] {
        let (result, calls) =
            run("sort", parse("[1,2,3,4,5,6,7]"), &[], |_| Value::Number(answer)).unwrap();
        assert!(result.len() == 15 && calls.len() < 21);
    }
}

#[test]
fn replace_passes_the_match_its_groups_and_its_place() {
    let pattern =
        |text: &str, flags: &str| [Value::RegExp(Arc::new(RegExp::new(text, flags).unwrap()))];
    let upper = |_: &[Value]| Value::text("X");
    let text = || Value::text("👍ab ab");
    let (result, calls) = run("replace", text(), &pattern("a(b)(c)?", "g"), upper).unwrap();
    assert_eq!(result, r#""👍X X""#);
    assert_eq!(calls[0], r#""ab" "b" null 2 "👍ab ab""#);
    assert_eq!(run("replace", text(), &pattern("a", ""), upper).unwrap().0, r#""👍Xb ab""#);
    assert_eq!(run("replace", text(), &pattern("", "g"), upper).unwrap().1.len(), 7);
    assert_eq!(
        run("replace", text(), &[Value::text("b")], |_| Value::Undefined).unwrap().0,
        r#""👍aundefined ab""#
    );
}
