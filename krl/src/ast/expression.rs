//! Expressions.

use super::{ActionBlock, Declaration, DomainIdentifier, Identifier, Span};
use std::sync::Arc;

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// `12`, `1.5`, `.5`
    Number(f64),
    /// `"…"`, unescaped
    String(Arc<str>),
    /// `re#pattern#flags`: the pattern as JavaScript has it (`\#` is a hash).
    RegExp {
        /// Between the hashes.
        pattern: Arc<str>,
        /// Of `g`, `i`, `m`.
        flags: Arc<str>,
    },
    /// `<< … #{e} … >>`
    Chevron(Vec<ChevronPart>),
    /// `[a, b]`
    Array(Vec<Expression>),
    /// `{"k": e}`
    Map(Vec<(Identifier, Expression)>),
    /// `name`
    Identifier(Arc<str>),
    /// `domain:name`
    Domain(DomainIdentifier),
    /// `object{e}`, `object[e]`, `object.name`
    Member {
        /// What is looked into.
        object: Box<Expression>,
        /// By which form.
        member: Member,
        /// The path, the index or (as a string expression) the name.
        property: Box<Expression>,
    },
    /// `callee(args)`. `x.f(args)` is this too, with `x` as the first argument.
    Call {
        /// What is called.
        callee: Box<Expression>,
        /// With what.
        arguments: Arguments,
        /// Written `x.f(args)`: the first argument is `x`. The formatter prints it so.
        is_method: bool,
    },
    /// `not e`, `-e`, `+e`
    Unary {
        /// Which operator.
        operator: UnaryOperator,
        /// Its operand.
        operand: Box<Expression>,
    },
    /// `a + b` and its like
    Binary {
        /// Which operator.
        operator: BinaryOperator,
        /// Left of it.
        left: Box<Expression>,
        /// Right of it.
        right: Box<Expression>,
    },
    /// `test => consequent | alternate`
    Conditional {
        /// The condition.
        test: Box<Expression>,
        /// The value when it is truthy.
        consequent: Box<Expression>,
        /// The value when it is not.
        alternate: Box<Expression>,
    },
    /// `function(p) { … }` or `defaction(p) { … }`
    Function(Box<Function>),
    /// What stands where an expression could not be read; the parser has reported it.
    Error,
}

/// A function or an action that a program defines.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Declarations of its body.
    pub body: Vec<Declaration>,
    /// `defaction`: the block of actions; `None` for a function.
    pub action: Option<ActionBlock>,
    /// What it returns. A function always has one; an action may.
    pub result: Option<Expression>,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Identifier,
    /// `= e`: its value when none is given; evaluated in the scope of the body.
    pub default: Option<Expression>,
}

/// The arguments of a call.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Arguments {
    /// In source order; after a named one all are named.
    pub list: Vec<Argument>,
    /// Where the parentheses stand.
    pub span: Span,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// `name = e`
    pub name: Option<Identifier>,
    /// Its value.
    pub value: Expression,
}

/// A piece of a chevron string.
#[derive(Clone, Debug, PartialEq)]
pub enum ChevronPart {
    /// Text, unescaped.
    Text(Arc<str>),
    /// `#{e}`
    Expression(Expression),
}

/// How a member is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `object{e}`
    Path,
    /// `object[e]`
    Index,
    /// `object.name`, deprecated
    Dot,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum UnaryOperator {
    Not,
    Minus,
    Plus,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    /// `><`: the left one contains the right one.
    Contains,
    /// `<=>`: numbers and all else.
    Compare,
    /// `cmp`: as strings.
    CompareText,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl BinaryOperator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Like => "like",
            Self::Contains => "><",
            Self::Compare => "<=>",
            Self::CompareText => "cmp",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }

    /// How strongly it binds: higher binds closer.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Or => 20,
            Self::And => 30,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Like
            | Self::Contains
            | Self::Compare
            | Self::CompareText => 40,
            Self::Add | Self::Subtract => 50,
            Self::Multiply | Self::Divide | Self::Modulo => 60,
        }
    }
}
