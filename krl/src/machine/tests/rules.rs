//! Rules: loops, actions, postludes.

use super::*;
use crate::ast::{
    Action, ActionBlock, BlockKind, DomainIdentifier, EventBase, EventExpression, EventName,
    Foreach, Guard, LogLevel, Postlude, Rule, Ruleset, Select, Statement, StatementKind, When,
};
use crate::compile::compile;

fn text(text: &str) -> Expression {
    e(ExpressionKind::String(text.into()))
}

fn array(items: Vec<Expression>) -> Expression {
    e(ExpressionKind::Array(items))
}

fn ent(name: &str) -> DomainIdentifier {
    DomainIdentifier { domain: id("ent"), name: id(name), span: Span::default() }
}

fn put(value: Expression) -> StatementKind {
    StatementKind::Assign { variable: ent("x"), path: None, value }
}

fn statement(kind: StatementKind, guard: Option<Guard>) -> Statement {
    Statement { guard, kind, span: Span::default() }
}

fn act(label: &str, name: &str, options: Expression) -> Action {
    let list = [text(name), options].map(|value| Argument { name: None, value }).into();
    Action {
        label: Some(id(label)),
        callee: v("send_directive"),
        arguments: Arguments { list, span: Span::default() },
        setting: vec![],
        span: Span::default(),
    }
}

fn rule() -> Rule {
    let base = EventBase {
        domain: id("d"),
        name: id("n"),
        attributes: vec![],
        setting: vec![id("s")],
        condition: Some(b(BinaryOperator::Equal, v("s"), text("yes"))),
        is_condition_first: false,
        span: Span::default(),
    };
    let when = When::Events { expression: EventExpression::Base(Box::new(base)), within: None };
    Rule {
        name: id("r"),
        is_active: true,
        select: Some(Select { when, span: Span::default() }),
        foreach: vec![],
        pre: vec![],
        action: None,
        postlude: None,
        span: Span::default(),
    }
}

fn instance(global: Vec<Declaration>, rule: Rule) -> (Machine, Arc<Instance>) {
    let ruleset = Ruleset {
        rid: id("rs"),
        version: None,
        meta: None,
        global,
        rules: vec![rule],
        span: Span::default(),
    };
    let mut machine = Machine::new(Meter::default());
    machine.init(compile(&ruleset).unwrap(), Modules::standard(), vec![]);
    assert!(matches!(machine.run(u64::MAX), Ok(Step::Done(_))));
    let instance = machine.take_instance().unwrap();
    (machine, instance)
}

/// What a rule asks for, one line each, and how it ends.
fn effects(global: Vec<Declaration>, rule: Rule) -> (Vec<String>, RuleEnd) {
    let (mut machine, instance) = instance(global, rule);
    machine.rule_body(&instance, 0, vec![Value::text("k2")]);
    let mut lines = Vec::new();
    loop {
        match machine.run(u64::MAX).unwrap() {
            Step::Rule(end) => return (lines, end),
            Step::Request(request) => {
                let line = match request {
                    Request::EntityPut { value, .. } => format!("put {}", value.to_text()),
                    Request::Directive { name, options, .. } => {
                        format!("directive {} {}", name.to_text(), options.to_text())
                    }
                    Request::Raise { domain, name, for_rid, .. } => {
                        format!("raise {domain} {name} {for_rid:?}")
                    }
                    Request::Random { below } => format!("random {below}"),
                    Request::Error { .. } => "error".into(),
                    other => format!("{other:?}"),
                };
                lines.push(line);
                machine.answer(Ok(Value::Number(1.0)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn loops_nest_and_know_their_last_round() {
    let over = |items: Vec<Expression>, names: &[&str]| Foreach {
        expression: array(items),
        setting: names.iter().map(|name| id(name)).collect(),
        span: Span::default(),
    };
    let postlude = Postlude {
        always: vec![statement(put(text("last")), Some(Guard::OnFinal))],
        ..Postlude::default()
    };
    let rule = Rule {
        foreach: vec![over(vec![n(1.0), n(2.0)], &["a"]), over(vec![n(5.0), n(6.0)], &["b", "i"])],
        pre: vec![d("sum", b(BinaryOperator::Add, v("a"), v("b")))],
        action: Some(ActionBlock {
            condition: None,
            kind: BlockKind::Every,
            actions: vec![act("", "at", b(BinaryOperator::Add, v("sum"), v("i")))],
            span: Span::default(),
        }),
        postlude: Some(postlude),
        ..rule()
    };
    let (lines, end) = effects(vec![], rule);
    let rounds = ["directive at 6", "directive at 8", "directive at 7", "directive at 9"];
    assert_eq!(lines[..4], rounds);
    assert_eq!(lines[4..], ["put last"]);
    assert_eq!(end, RuleEnd::Continue);
}

#[test]
fn actions_are_chosen() {
    let block = |kind, condition| ActionBlock {
        condition,
        kind,
        actions: vec![act("k1", "one", n(1.0)), act("k2", "two", n(2.0))],
        span: Span::default(),
    };
    let with = |block| Rule {
        action: Some(block),
        postlude: Some(Postlude {
            fired: vec![statement(put(text("fired")), None)],
            notfired: vec![statement(put(text("notfired")), None)],
            ..Postlude::default()
        }),
        ..rule()
    };
    let (lines, _) = effects(vec![], with(block(BlockKind::Choose(v("s")), None)));
    assert_eq!(lines, ["directive two 2", "put fired"]);
    let (lines, _) = effects(vec![], with(block(BlockKind::Choose(text("none")), None)));
    assert_eq!(lines, ["put fired"]);
    let (lines, _) = effects(vec![], with(block(BlockKind::Sample, None)));
    assert_eq!(lines, ["random 2", "directive two 2", "put fired"]);
    let (lines, _) = effects(vec![], with(block(BlockKind::Every, Some(n(0.0)))));
    assert_eq!(lines, ["put notfired"]);
}

#[test]
fn events_are_raised_and_rules_end_early() {
    let raise = StatementKind::Raise {
        event: EventName::Whole(text(" a : b:c ")),
        for_rid: Some(v("some")),
        attributes: None,
    };
    let error = StatementKind::Error(LogLevel::Error, text("x"));
    let always = vec![
        statement(raise, None),
        statement(StatementKind::Last, Some(Guard::If(v("no")))),
        statement(error, None),
        statement(put(text("unreached")), None),
    ];
    let postlude = Some(Postlude { always, ..Postlude::default() });
    let no = d("no", e(ExpressionKind::Boolean(false)));
    let (lines, end) = effects(vec![no], Rule { postlude, ..rule() });
    assert_eq!(lines, ["raise a b:c Some(\"some\")", "error"]);
    assert_eq!(end, RuleEnd::Error);
}

#[test]
fn conditions_see_their_captures() {
    let (mut machine, instance) = instance(vec![], rule());
    for (captured, holds) in [("yes", true), ("no", false)] {
        machine.condition(&instance, 0, 0, vec![Value::text(captured)]);
        match machine.run(u64::MAX).unwrap() {
            Step::Done(Value::Boolean(value)) => assert_eq!(value, holds),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn queries_find_arguments_by_name() {
    let f = function(&["a", "b"], vec![], b(BinaryOperator::Subtract, v("a"), v("b")));
    let (mut machine, instance) = instance(vec![d("f", f), d("c", n(7.0))], rule());
    let given = [("b", 1.0), ("a", 5.0), ("z", 9.0)];
    let given = given.map(|(name, number)| (name.into(), Value::Number(number)));
    let given = crate::value::Map::new(given).unwrap();
    for (name, result) in [("f", 4.0), ("c", 7.0)] {
        machine.query(&instance, name, &given).unwrap();
        match machine.run(u64::MAX).unwrap() {
            Step::Done(Value::Number(value)) => assert_eq!(value, result),
            other => panic!("{other:?}"),
        }
    }
}
