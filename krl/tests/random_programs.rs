//! Random programs: whatever they are, they never hang, never crash and keep to the limits.
//!
//! `PICOMESH_RANDOM_PROGRAMS` says how many; `PICOMESH_RANDOM_SEED` where to begin.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it goes wrong")]

use picomesh_krl::ast::{
    Action, ActionBlock, Argument, Arguments, BinaryOperator, BlockKind, ChevronPart, Declaration,
    DomainIdentifier, EventBase, EventExpression, EventName, Expression, ExpressionKind, Foreach,
    Function, Guard, Identifier, LogLevel, Member, Parameter, Postlude, Rule, Ruleset, Select,
    Span, Statement, StatementKind, UnaryOperator, When,
};
use picomesh_krl::compile::compile;
use picomesh_krl::fault::Fault;
use picomesh_krl::library::Meter;
use picomesh_krl::machine::{Machine, Modules, Step};
use picomesh_krl::value::{Map, Value};
use std::sync::Arc;

const FUEL: u64 = 20_000;
const HEAP: usize = 1 << 20;
const OPERATORS: &[&str] = &[
    "map",
    "filter",
    "reduce",
    "range",
    "append",
    "length",
    "join",
    "sort",
    "keys",
    "values",
    "put",
    "set",
    "get",
    "delete",
    "slice",
    "splice",
    "pairwise",
    "collect",
    "all",
    "head",
    "tail",
    "klog",
    "as",
    "typeof",
    "encode",
    "decode",
    "sprintf",
    "replace",
    "split",
    "uc",
    "substr",
    "union",
    "intersection",
    "noop",
    "send_directive",
    "defaultsTo",
    "isnull",
    "index",
    "has",
];
const BINARY: &[BinaryOperator] = &[
    BinaryOperator::Or,
    BinaryOperator::And,
    BinaryOperator::Equal,
    BinaryOperator::Less,
    BinaryOperator::GreaterOrEqual,
    BinaryOperator::Like,
    BinaryOperator::Contains,
    BinaryOperator::Compare,
    BinaryOperator::Add,
    BinaryOperator::Add,
    BinaryOperator::Subtract,
    BinaryOperator::Multiply,
    BinaryOperator::Divide,
    BinaryOperator::Modulo,
];

/// Makes programs.
struct Random {
    state: u64,
    /// Names that are known, so that programs are often legal.
    names: Vec<String>,
    fresh: u32,
}

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % below
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.next(of.len())]
    }

    fn some<T>(&mut self, below: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.next(below);
        (0..count).map(|_| one(self)).collect()
    }

    fn declared(&mut self) -> Identifier {
        self.fresh += 1;
        let name = format!("v{}", self.fresh);
        self.names.push(name.clone());
        id(&name)
    }

    fn name(&mut self) -> String {
        match self.names.len() {
            0 => "null".into(),
            many if self.next(6) > 0 => {
                let place = self.next(many);
                self.names[place].clone()
            }
            _ => self.one(OPERATORS).into(),
        }
    }

    fn expression(&mut self, depth: usize) -> Expression {
        let leaf = depth == 0 || self.next(5) == 0;
        let kind = if leaf { self.leaf() } else { self.node(depth - 1) };
        Expression { kind, span: Span::default() }
    }

    fn leaf(&mut self) -> ExpressionKind {
        match self.next(9) {
            0 => ExpressionKind::Null,
            1 => ExpressionKind::Boolean(self.next(2) == 0),
            2 => ExpressionKind::Number([0.0, 1.0, 2.5, 100.0, 1e9][self.next(5)]),
            3 => ExpressionKind::String(self.one(&["", "a", "12", "k", "default"]).into()),
            4 => ExpressionKind::RegExp { pattern: "(a|b)+".into(), flags: "g".into() },
            5 => ExpressionKind::Domain(domain(
                self.one(&["ent", "event", "ctx", "nowhere"]),
                "attrs",
            )),
            _ => ExpressionKind::Identifier(self.name().into()),
        }
    }

    fn node(&mut self, depth: usize) -> ExpressionKind {
        let boxed = |random: &mut Self| Box::new(random.expression(depth));
        match self.next(11) {
            0 => ExpressionKind::Array(self.some(4, |r| r.expression(depth))),
            1 => {
                let entry = |r: &mut Self| (id(r.one(&["a", "k", "1", "0"])), r.expression(depth));
                ExpressionKind::Map(self.some(4, entry))
            }
            2 => ExpressionKind::Chevron(self.some(3, |r| match r.next(2) {
                0 => ChevronPart::Text("text".into()),
                _ => ChevronPart::Expression(r.expression(depth)),
            })),
            3 => ExpressionKind::Member {
                object: boxed(self),
                member: [Member::Path, Member::Index, Member::Path][self.next(3)],
                property: boxed(self),
            },
            4 => ExpressionKind::Unary {
                operator: [UnaryOperator::Not, UnaryOperator::Minus, UnaryOperator::Plus]
                    [self.next(3)],
                operand: boxed(self),
            },
            5 | 6 => ExpressionKind::Binary {
                operator: BINARY[self.next(BINARY.len())],
                left: boxed(self),
                right: boxed(self),
            },
            7 => ExpressionKind::Conditional {
                test: boxed(self),
                consequent: boxed(self),
                alternate: boxed(self),
            },
            8 => ExpressionKind::Function(Box::new(self.function(depth, false))),
            _ => {
                let callee = match self.next(3) {
                    0 => ExpressionKind::Identifier(self.one(OPERATORS).into()),
                    1 => ExpressionKind::Domain(domain("ctx", "query")),
                    _ => ExpressionKind::Identifier(self.name().into()),
                };
                let callee = Box::new(Expression { kind: callee, span: Span::default() });
                ExpressionKind::Call { callee, arguments: self.arguments(depth), is_method: false }
            }
        }
    }

    fn arguments(&mut self, depth: usize) -> Arguments {
        let mut is_named = false;
        let list = self.some(4, |r| {
            is_named |= r.next(12) == 0;
            let name = is_named.then(|| id(r.one(&["a", "val", "default"])));
            Argument { name, value: r.expression(depth) }
        });
        Arguments { list, span: Span::default() }
    }

    fn function(&mut self, depth: usize, is_action: bool) -> Function {
        let known = self.names.len();
        let mut has_default = false;
        let parameters = self.some(3, |r| {
            has_default |= r.next(5) == 0;
            let default = has_default.then(|| r.expression(depth));
            Parameter { name: r.declared(), default }
        });
        let body = self.declarations(depth);
        let action = is_action.then(|| self.action_block(depth));
        let result = Some(self.expression(depth));
        self.names.truncate(known);
        Function { parameters, body, action, result }
    }

    fn declarations(&mut self, depth: usize) -> Vec<Declaration> {
        // Functions may know what comes later, so all names are known from the start.
        let names = self.some(4, Self::declared);
        names.into_iter().map(|name| self.declaration(name, depth)).collect()
    }

    fn declaration(&mut self, name: Identifier, depth: usize) -> Declaration {
        let value = match self.next(3) {
            0 => self.expression(depth),
            1 if depth > 0 => {
                let is_action = self.next(3) == 0;
                let function = self.function(depth - 1, is_action);
                let kind = ExpressionKind::Function(Box::new(function));
                Expression { kind, span: Span::default() }
            }
            _ => self.expression(0),
        };
        Declaration { name, value, span: Span::default() }
    }

    fn action_block(&mut self, depth: usize) -> ActionBlock {
        ActionBlock {
            condition: (self.next(2) == 0).then(|| self.expression(depth)),
            kind: match self.next(3) {
                0 => BlockKind::Sample,
                1 => BlockKind::Choose(self.expression(depth)),
                _ => BlockKind::Every,
            },
            actions: self.some(4, |r| Action {
                label: Some(id(r.one(&["a", "k", "12"]))),
                callee: Expression {
                    kind: ExpressionKind::Identifier(match r.next(2) {
                        0 => r.one(&["noop", "send_directive"]).into(),
                        _ => r.name().into(),
                    }),
                    span: Span::default(),
                },
                arguments: r.arguments(depth),
                setting: if r.next(3) == 0 { vec![r.declared()] } else { vec![] },
                span: Span::default(),
            }),
            span: Span::default(),
        }
    }

    fn statement(&mut self, depth: usize) -> Statement {
        let kind = match self.next(8) {
            0 => {
                let name = self.declared();
                StatementKind::Declare(self.declaration(name, depth))
            }
            1 => StatementKind::Assign {
                variable: domain("ent", "x"),
                path: (self.next(2) == 0).then(|| self.expression(depth)),
                value: self.expression(depth),
            },
            2 => StatementKind::Clear { variable: domain("ent", "x"), path: None },
            3 => StatementKind::Raise {
                event: EventName::Whole(self.expression(depth)),
                for_rid: (self.next(2) == 0).then(|| self.expression(depth)),
                attributes: Some(self.expression(depth)),
            },
            4 => StatementKind::Schedule {
                event: EventName::InDomain { domain: id("d"), name: self.expression(depth) },
                at: Some(self.expression(depth)),
                repeat: None,
                attributes: None,
                setting: vec![self.declared()],
            },
            5 => StatementKind::Log(LogLevel::Info, self.expression(depth)),
            6 => StatementKind::Error(LogLevel::Error, self.expression(depth)),
            _ => StatementKind::Last,
        };
        let guard = match self.next(3) {
            0 => Some(Guard::If(self.expression(depth))),
            1 => Some(Guard::OnFinal),
            _ => None,
        };
        Statement { guard, kind, span: Span::default() }
    }

    fn rule(&mut self, depth: usize) -> Rule {
        let known = self.names.len();
        let base = EventBase {
            domain: id("d"),
            name: id("n"),
            attributes: Vec::new(),
            setting: self.some(2, Self::declared),
            condition: (self.next(3) == 0).then(|| self.expression(1)),
            is_condition_first: false,
            span: Span::default(),
        };
        let when = When::Events { expression: EventExpression::Base(Box::new(base)), within: None };
        let foreach = self.some(3, |r| {
            let expression = r.expression(depth);
            Foreach { expression, setting: r.some(3, Self::declared), span: Span::default() }
        });
        let rule = Rule {
            name: id("rule"),
            is_active: true,
            select: Some(Select { when, span: Span::default() }),
            foreach,
            pre: self.declarations(depth),
            action: Some(self.action_block(depth)),
            postlude: Some(Postlude {
                fired: self.some(4, |r| r.statement(depth)),
                notfired: self.some(2, |r| r.statement(depth)),
                always: self.some(3, |r| r.statement(depth)),
                ..Postlude::default()
            }),
            span: Span::default(),
        };
        self.names.truncate(known);
        rule
    }

    fn ruleset(&mut self) -> Ruleset {
        Ruleset {
            rid: id("random"),
            version: None,
            meta: None,
            global: self.declarations(4),
            rules: vec![self.rule(3)],
            span: Span::default(),
        }
    }
}

fn id(name: &str) -> Identifier {
    Identifier { name: name.into(), span: Span::default() }
}

fn domain(domain: &str, name: &str) -> DomainIdentifier {
    DomainIdentifier { domain: id(domain), name: id(name), span: Span::default() }
}

/// What became of a program.
#[derive(Debug, PartialEq, Eq, Hash, Clone, Copy)]
enum End {
    Illegal,
    Finished,
    Thrown,
    Limited,
}

fn run(machine: &mut Machine, answers: &mut Random) -> End {
    for _ in 0..1_000_000 {
        match machine.run(1_000) {
            Ok(Step::Done(value)) => {
                // Whatever it is can be printed and dropped.
                let _ = format!("{value:?}");
                return End::Finished;
            }
            Ok(Step::Rule(_)) => return End::Finished,
            Ok(Step::Slice) => {}
            Ok(Step::Request(_)) => machine.answer(match answers.next(20) {
                0 => Err(Fault::error("refused")),
                1 => Ok(Value::Number(0.0)),
                _ => Ok(Value::text("answer")),
            }),
            Err(Fault::Broken(why)) => panic!("{why} at {:?}", machine.location()),
            Err(Fault::Thrown(_)) => return End::Thrown,
            Err(Fault::Depth | Fault::Limit(_)) => return End::Limited,
        }
        assert!(machine.meter().allocated <= 3 * HEAP, "{}", machine.meter().allocated);
    }
    panic!("a program does not end");
}

fn live(seed: u64) -> Vec<End> {
    let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = Random { state, names: Vec::new(), fresh: 0 };
    let Ok(program) = compile(&random.ruleset()) else { return vec![End::Illegal] };
    let mut machine = Machine::new(Meter { fuel: FUEL, allocated: 0, heap_max: HEAP });
    machine.init(program.clone(), Modules::standard(), Vec::new());
    let mut ends = vec![run(&mut machine, &mut random)];
    let Some(instance) = machine.take_instance().filter(|_| ends[0] == End::Finished) else {
        return ends;
    };
    drop(machine);
    let mut machine = Machine::new(Meter { fuel: FUEL, allocated: 0, heap_max: HEAP });
    for name in random.names.clone() {
        machine.set_meter(Meter { fuel: FUEL, allocated: 0, heap_max: HEAP });
        if machine.query(&instance, &name, &Map::default()).is_ok() {
            ends.push(run(&mut machine, &mut random));
        }
    }
    machine.set_meter(Meter { fuel: FUEL, allocated: 0, heap_max: HEAP });
    machine.condition(&instance, 0, 0, vec![Value::text("x")]);
    ends.push(run(&mut machine, &mut random));
    machine.rule_body(&instance, 0, vec![Value::text("x")]);
    ends.push(run(&mut machine, &mut random));
    drop(machine);
    // No function keeps its ruleset, so nothing is left of it.
    let weak = (Arc::downgrade(&instance), Arc::downgrade(&program));
    drop((instance, program));
    assert_eq!(weak.0.strong_count(), 0, "the ruleset stays");
    assert_eq!(weak.1.strong_count(), 0, "the program stays");
    ends
}

#[expect(clippy::disallowed_methods, reason = "a test is told how much to do")]
fn told(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn random_programs_keep_to_the_limits() {
    let first = told("PICOMESH_RANDOM_SEED", 1);
    let count = told("PICOMESH_RANDOM_PROGRAMS", 2_000);
    let mut ends = std::collections::HashMap::<End, usize>::new();
    for seed in first..first + count {
        let outcome = std::panic::catch_unwind(|| live(seed));
        let outcome = outcome.unwrap_or_else(|_| panic!("seed {seed}"));
        outcome.into_iter().for_each(|end| *ends.entry(end).or_default() += 1);
    }
    println!("{ends:?}");
    assert!(ends.get(&End::Finished).is_some_and(|finished| *finished > count as usize / 10));
}
