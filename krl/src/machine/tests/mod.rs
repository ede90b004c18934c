//! Programs run, in the small. They are put together by hand.

mod rules;

use super::*;
use crate::ast::{
    Argument, Arguments, BinaryOperator, Declaration, Expression, ExpressionKind, Function,
    Identifier, Parameter, Span,
};
use crate::compile::compile_snippet;

fn id(name: &str) -> Identifier {
    Identifier { name: name.into(), span: Span::default() }
}

fn e(kind: ExpressionKind) -> Expression {
    Expression { kind, span: Span::default() }
}

fn n(number: f64) -> Expression {
    e(ExpressionKind::Number(number))
}

fn v(name: &str) -> Expression {
    e(ExpressionKind::Identifier(name.into()))
}

fn b(operator: BinaryOperator, left: Expression, right: Expression) -> Expression {
    e(ExpressionKind::Binary { operator, left: Box::new(left), right: Box::new(right) })
}

fn call<const N: usize>(callee: &str, arguments: [Expression; N]) -> Expression {
    let list = arguments.map(|value| Argument { name: None, value }).into();
    let arguments = Arguments { list, span: Span::default() };
    e(ExpressionKind::Call { callee: Box::new(v(callee)), arguments, is_method: false })
}

fn function(parameters: &[&str], body: Vec<Declaration>, result: Expression) -> Expression {
    let parameters = parameters.iter().map(|p| Parameter { name: id(p), default: None }).collect();
    let function = Function { parameters, body, action: None, result: Some(result) };
    e(ExpressionKind::Function(Box::new(function)))
}

fn d(name: &str, value: Expression) -> Declaration {
    Declaration { name: id(name), value, span: Span::default() }
}

fn cond(test: Expression, consequent: Expression, alternate: Expression) -> Expression {
    e(ExpressionKind::Conditional {
        test: Box::new(test),
        consequent: Box::new(consequent),
        alternate: Box::new(alternate),
    })
}

fn machine(declarations: &[Declaration], result: &Expression) -> Machine {
    let program = compile_snippet(declarations, Some(result)).unwrap();
    let mut machine = Machine::new(Meter::default());
    machine.init(program, Modules::standard(), Vec::new());
    machine
}

fn run(declarations: &[Declaration], result: &Expression) -> Result<Value, Fault> {
    match machine(declarations, result).run(u64::MAX)? {
        Step::Done(value) => Ok(value),
        other => panic!("{other:?}"),
    }
}

fn number(result: Result<Value, Fault>) -> f64 {
    match result.unwrap() {
        Value::Number(number) => number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn functions_call_themselves() {
    let fib = function(
        &["n"],
        vec![],
        cond(
            b(BinaryOperator::Less, v("n"), n(2.0)),
            v("n"),
            b(
                BinaryOperator::Add,
                call("fib", [b(BinaryOperator::Subtract, v("n"), n(1.0))]),
                call("fib", [b(BinaryOperator::Subtract, v("n"), n(2.0))]),
            ),
        ),
    );
    assert_eq!(number(run(&[d("fib", fib)], &call("fib", [n(25.0)]))), 75025.0);
}

#[test]
fn a_million_rounds() {
    let body = b(
        BinaryOperator::Add,
        v("a"),
        b(BinaryOperator::Modulo, b(BinaryOperator::Multiply, v("x"), n(3.0)), n(7.0)),
    );
    let reduce = call(
        "reduce",
        [call("range", [n(0.0), n(1_000_000.0)]), function(&["a", "x"], vec![], body), n(0.0)],
    );
    run(&[], &reduce).unwrap();
}

#[test]
fn functions_know_each_other() {
    // even, odd, and a value that comes after both
    let minus = || b(BinaryOperator::Subtract, v("n"), v("one"));
    let test = |then: Expression, other: &str| {
        cond(b(BinaryOperator::Equal, v("n"), n(0.0)), then, call(other, [minus()]))
    };
    let body = || {
        vec![
            d("even", function(&["n"], vec![], test(n(10.0), "odd"))),
            d("odd", function(&["n"], vec![], test(n(20.0), "even"))),
            d("one", n(1.0)),
        ]
    };
    assert_eq!(number(run(&body(), &call("even", [n(7.0)]))), 20.0);
    assert_eq!(number(run(&body(), &call("odd", [n(7.0)]))), 10.0);
    let early = vec![d("f", function(&[], vec![], v("x"))), d("y", call("f", [])), d("x", n(1.0))];
    let fault = run(&early, &v("y")).unwrap_err();
    assert!(fault.to_string().starts_with("ReferenceError"), "{fault}");
}

#[test]
fn endless_recursion_is_refused() {
    let f = function(&["f"], vec![], call("f", [v("f")]));
    assert_eq!(run(&[d("f", f)], &call("f", [v("f")])).unwrap_err(), Fault::Depth);
}

#[test]
fn doubling_text_is_refused() {
    let mut body = vec![d("x0", e(ExpressionKind::String("0123456789".into())))];
    for round in 1..40 {
        let before = format!("x{}", round - 1);
        body.push(d(&format!("x{round}"), b(BinaryOperator::Add, v(&before), v(&before))));
    }
    assert_eq!(run(&body, &v("x39")).unwrap_err(), Fault::Limit("HEAP_BYTES_MAX"));
}

#[test]
fn cells_of_no_use_are_emptied() {
    // Each round makes two functions that know each other and a large array.
    let body = vec![
        d("f", function(&[], vec![], call("g", []))),
        d("big", call("range", [n(0.0), n(1000.0)])),
        d("g", function(&[], vec![], b(BinaryOperator::Add, call("f", []), v("big")))),
    ];
    let round = function(&["a", "x"], body, n(1.0));
    let reduce = call("reduce", [call("range", [n(0.0), n(5000.0)]), round, n(0.0)]);
    let mut machine = machine(&[], &reduce);
    assert!(matches!(machine.run(u64::MAX), Ok(Step::Done(_))));
    assert!(machine.cells.len() < 10_000, "{}", machine.cells.len());
}

#[test]
fn a_long_chain_of_cells_is_dropped() {
    // make = function(prev){ a = function(){ b } b = [prev] a }
    let body = vec![
        d("a", function(&[], vec![], v("b"))),
        d("b", e(ExpressionKind::Array(vec![v("prev")]))),
    ];
    let make = function(&["prev", "x"], body, v("a"));
    let chain = call("reduce", [call("range", [n(0.0), n(100_000.0)]), make, n(0.0)]);
    run(&[], &b(BinaryOperator::Equal, n(1.0), call("length", [call("range", [n(1.0), n(2.0)])])))
        .unwrap();
    run(&[], &chain).unwrap();
}

#[test]
fn a_machine_runs_in_slices() {
    let f = function(&["a", "x"], vec![], b(BinaryOperator::Add, v("a"), v("x")));
    let reduce = call("reduce", [call("range", [n(0.0), n(1000.0)]), f, n(0.0)]);
    let mut machine = machine(&[], &reduce);
    let mut slices = 0;
    let value = loop {
        match machine.run(100).unwrap() {
            Step::Slice => slices += 1,
            Step::Done(value) => break value,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(number(Ok(value)), 500_500.0);
    assert!((10..50).contains(&slices), "{slices}");
}
