//! From the tree to a [`Program`]: names become places, constructs become instructions.
//!
//! Source: krl-compiler 1.4 for scopes, order of evaluation and what each construct does.
//! Absent on purpose: the checks of [`crate::check`]; a program that did not pass them gets an
//! error here too, but only the first one.

#![expect(clippy::wildcard_enum_match_arm, reason = "most constructs are treated alike")]

mod block;
mod code;
mod expression;
mod function;
mod pool;
mod postlude;
mod program;
mod rule;
mod ruleset;
mod scope;
mod testing;

pub(crate) use code::{Capture, CodeId, End, Op};
pub(crate) use postlude::dotted;
pub use program::{Meta, Program, Rule, Use};

use crate::ast::{Declaration, Expression, Ruleset, Span};
use crate::value::Text;
use pool::Pool;
use scope::{Place, Scope, TooMany};
use std::collections::HashMap;
use std::sync::Arc;
use testing::Testing;

/// How deeply expressions may nest.
pub const EXPRESSION_DEPTH_MAX: u32 = 300;

/// Why a tree is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Compiles a ruleset.
pub fn compile(ruleset: &Ruleset) -> Result<Arc<Program>, Error> {
    Compiler::new(ruleset.rid.name.clone()).ruleset(ruleset)
}

/// Compiles declarations and an expression, as a program whose initialisation has the value of
/// the expression.
pub fn compile_snippet(
    declarations: &[Declaration],
    result: Option<&Expression>,
) -> Result<Arc<Program>, Error> {
    Compiler::new("snippet".into()).snippet(declarations, result)
}

/// A ruleset that is being compiled.
struct Compiler {
    rid: Text,
    pool: Pool,
    uses: Vec<Use>,
    globals: HashMap<Text, u32>,
    global_names: Vec<Text>,
    /// Scopes around the place that is being compiled, the innermost last. The first holds the
    /// initialisation; its names are the globals.
    scopes: Vec<Scope>,
    testing: Testing,
    depth: u32,
}

impl Compiler {
    fn new(rid: Text) -> Self {
        Self {
            rid,
            pool: Pool::default(),
            uses: Vec::new(),
            globals: HashMap::new(),
            global_names: Vec::new(),
            scopes: vec![Scope::new()],
            testing: Testing::default(),
            depth: 0,
        }
    }

    /// The innermost scope.
    fn scope(&mut self) -> &mut Scope {
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    fn is_global(&self) -> bool {
        self.scopes.len() == 1
    }

    fn emit(&mut self, op: Op, span: Span) {
        let scope = self.scope();
        scope.code.push(op);
        scope.spans.push(span);
    }

    /// Emits a jump whose end is not known yet.
    fn jump(&mut self, op: Op, span: Span) -> usize {
        self.emit(op, span);
        self.scope().code.len()
    }

    /// Lets a jump end here.
    fn land(&mut self, from: usize) {
        let here = self.scope().code.len();
        let distance = distance(from, here);
        self.scope().code[from - 1].aim(distance);
    }

    /// Emits a jump back to an earlier place.
    fn jump_back(&mut self, to: usize, mut op: Op, span: Span) {
        let from = self.scope().code.len() + 1;
        op.aim(distance(from, to));
        self.emit(op, span);
    }

    /// A variable without a name.
    fn slot(&mut self, span: Span) -> Result<u16, Error> {
        self.scope().slot().map_err(|TooMany| too_many(span))
    }

    fn find(&mut self, name: &str, span: Span) -> Result<Option<Place>, Error> {
        scope::find(&mut self.scopes[1..], name).map_err(|TooMany| too_many(span))
    }

    /// Adds a global; a name that was there before is hidden from now on.
    fn declare_global(&mut self, name: &Text) -> u32 {
        let index = self.global_names.len() as u32;
        self.global_names.push(name.clone());
        self.globals.insert(name.clone(), index);
        index
    }
}

fn distance(from: usize, to: usize) -> i32 {
    // A scope has fewer instructions than its source has bytes, and those are counted in u32.
    (to as i64 - from as i64) as i32
}

fn error(message: impl Into<String>, span: Span) -> Error {
    Error { message: message.into(), span }
}

fn too_many(span: Span) -> Error {
    error("Too many variables in one function", span)
}

impl Op {
    /// Says how far a jump goes.
    fn aim(&mut self, distance: i32) {
        match self {
            Op::Jump(to) | Op::JumpUnless(to) | Op::And(to) | Op::Or(to) => *to = distance,
            Op::JumpIfGiven(_, to) | Op::LoopTest(_, to) | Op::LoopNext(_, to) => *to = distance,
            other => debug_assert!(false, "{other:?} is no jump"),
        }
    }
}
