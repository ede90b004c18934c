//! The compact form that the machine runs.
//!
//! Code is a list of instructions over one stack of values. Jumps are relative, so that pieces
//! of code can be put together in another order than they were made in.

use crate::ast::{BinaryOperator, LogLevel, Span};
use crate::library::Operator;
use crate::value::Text;

/// An instruction. What it takes from the stack and leaves there is said as `before -> after`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    /// `-> undefined`
    Undefined,
    /// `-> value`, from the pool.
    Constant(u32),
    /// `-> value` of a variable of this call.
    Local(u16),
    /// As [`Op::Local`], for a variable that may live in a cell.
    LocalCell(u16),
    /// `value ->` into a variable of this call.
    SetLocal(u16),
    /// As [`Op::SetLocal`]; fills the cell that a function made earlier is waiting for.
    SetCell(u16),
    /// `-> value` that the running function took along.
    Captured(u16),
    /// `-> function` that is running.
    Callee,
    /// `-> value` of a global; fails before its initialisation.
    Global(u32),
    /// `value ->` into a global.
    SetGlobal(u32),
    /// `-> value` of a module's member, without a call.
    Member(u32),
    /// `-> callable` member of a module that is about to be called.
    MemberCallee(u32),
    /// `-> value` of an entity variable, its name from the names.
    Entity(u32),
    /// `value ->`
    Pop,
    /// `a, b, … -> array`
    Array(u32),
    /// `a, b, … -> map`, the keys from the shapes.
    Map(u32),
    /// `a, b, … -> text`
    Concat(u32),
    /// `-> function`
    Closure(u32),
    /// `a -> not a`
    Not,
    /// `a -> -a`
    Negate,
    /// `a -> +a`
    Plus,
    /// `a, b -> a ∘ b`
    Binary(BinaryOperator),
    /// `object, path -> value`
    Path,
    /// `object, index -> value`
    Index,
    /// `object -> value`, the name from the names.
    Dot(u32),
    /// Jumps.
    Jump(i32),
    /// `a ->`, jumps when it is not truthy.
    JumpUnless(i32),
    /// `a -> a` and jumps when it is not truthy, else `a ->`.
    And(i32),
    /// `a -> a` and jumps when it is truthy, else `a ->`.
    Or(i32),
    /// Jumps when a variable has a value: its default is not wanted.
    JumpIfGiven(u16, i32),
    /// `a -> boolean`: whether it is this constant, of the same type.
    Same(u32),
    /// `a -> a`; fails when it is no function.
    CheckFunction,
    /// `a -> a`; fails when it is no action.
    CheckAction,
    /// `callee, a, b, … -> result`
    Call(u32),
    /// The same with names for the last arguments, from the shapes.
    CallNamed(u32),
    /// `callee, a, b, … -> result` in an action block.
    Act(u32),
    /// The same with names for the last arguments, from the shapes.
    ActNamed(u32),
    /// `a, b, … -> result` of an operator of the library.
    Operate(Operator, u16),
    /// `result ->` and back to the caller.
    Return,
    /// `collection ->`, begins a loop in two variables: what is gone over, and where it is.
    Loop(u16),
    /// Jumps when the loop is over.
    LoopTest(u16, i32),
    /// `-> value` of this round.
    LoopValue(u16),
    /// `-> key` of this round.
    LoopKey(u16),
    /// `-> boolean`: whether this is the last round.
    LoopLast(u16),
    /// Goes on to the next round and jumps.
    LoopNext(u16, i32),
    /// `-> number` at random, below this bound.
    Random(u32),
    /// `with, … ->`: instantiates the module of a `use`.
    Use(u32),
    /// `-> map` of what a `use` says `with`; `value -> value` of a `configure`, the name from the
    /// names.
    Configure(u32),
    /// `value ->` into an entity variable.
    EntityPut(u32),
    /// `path, value ->` into an entity variable.
    EntityPutPath(u32),
    /// Clears an entity variable.
    EntityClear(u32),
    /// `path ->`, clears there.
    EntityClearPath(u32),
    /// `name, rid, attributes ->`
    Raise(u32),
    /// `attributes, name, when -> id`
    Schedule(u32),
    /// `value ->`
    Log(LogLevel),
    /// `value ->`
    Error(LogLevel),
    /// Notes whether this round of the rule fired.
    Fired(u16),
    /// Ends the rule.
    EndRule(End),
}

/// How a rule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Continue,
    Last,
    Error,
}

/// The keys of a map, or the names of arguments.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// How many values come before those with names.
    pub(crate) positional: u32,
    pub(crate) names: Box<[Text]>,
}

/// What `raise` and `schedule` know beforehand.
#[derive(Clone, Debug)]
pub(crate) struct EventShape {
    /// The domain; `None` when the name is `domain:name` in one.
    pub(crate) domain: Option<Text>,
    /// `schedule … repeat`
    pub(crate) is_repeat: bool,
}

/// A member of a module, by the names that the source has.
#[derive(Clone, Debug)]
pub(crate) struct MemberName {
    pub(crate) domain: Text,
    pub(crate) name: Text,
    /// Which `use` brings the domain in.
    pub(crate) link: Option<u32>,
}

/// A function, an action, or other code that has variables of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Function {
    /// For messages: the name that it was declared under.
    pub(crate) name: Option<Text>,
    pub(crate) parameters: Box<[Text]>,
    pub(crate) is_action: bool,
    /// How many variables it has, parameters included.
    pub(crate) slots: u16,
    pub(crate) captures: Box<[Capture]>,
    pub(crate) code: Box<[Op]>,
    pub(crate) spans: Box<[Span]>,
}

/// Where a function takes a value from when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capture {
    /// A variable that has its value already.
    Local(u16),
    /// A variable that gets its value later: a cell is shared with it.
    Late(u16),
    /// What the running function took along itself.
    Captured(u16),
    /// The running function.
    Callee,
}

/// Code that a rule keeps for one of its event expressions or its time limit.
pub(crate) type CodeId = u32;
