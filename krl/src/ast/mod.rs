//! The tree of a parsed program.
//!
//! Every node knows where it stands in the source ([`Span`], byte offsets). The tree holds what
//! was written, not what it means: precedence and sugar are resolved, names are not.

mod event;
mod expression;
mod rule;

pub use event::{Aggregator, AttributeMatch, EventBase, EventExpression, EventOperator, Within};
pub use expression::{
    Argument, Arguments, BinaryOperator, ChevronPart, Expression, ExpressionKind, Function, Member,
    Parameter, UnaryOperator,
};
pub use rule::{
    Action, ActionBlock, BlockKind, EventName, Foreach, Guard, LogLevel, Postlude, Rule, Select,
    Statement, StatementKind, When,
};

use std::sync::Arc;

/// Where something stands in the source: byte offsets, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// First byte after it.
    pub end: u32,
}

impl Span {
    /// From the start of this to the end of the other.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }
}

/// A name as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Identifier {
    /// The name.
    pub name: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// `domain:name`.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainIdentifier {
    /// Before the colon: `ent`, `event`, a module's alias.
    pub domain: Identifier,
    /// After the colon.
    pub name: Identifier,
    /// Where it stands.
    pub span: Span,
}

/// `ruleset RID { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruleset {
    /// Symbols joined by `.` or `-`.
    pub rid: Identifier,
    /// `version "…"` before the meta block; deprecated.
    pub version: Option<Expression>,
    /// `meta { … }`, in source order; `None` when there is no block.
    pub meta: Option<Vec<MetaProperty>>,
    /// `global { … }`.
    pub global: Vec<Declaration>,
    /// The rules in source order.
    pub rules: Vec<Rule>,
    /// Where it stands.
    pub span: Span,
}

/// One entry of the meta block.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaProperty {
    /// The keyword that it starts with (`use`, `key`, `provides`, …).
    pub key: Identifier,
    /// What it says.
    pub kind: MetaKind,
    /// Where it stands, its keyword included.
    pub span: Span,
}

/// What an entry of the meta block says.
#[derive(Clone, Debug, PartialEq)]
pub enum MetaKind {
    /// `version`, `name`, `description`, `author`, and any other key with one expression.
    Text(Expression),
    /// `logging on` or `logging off`; deprecated.
    Logging(bool),
    /// `use module RID [version e] [alias ID] [with a = e and b = e]`.
    Use {
        /// The module's ruleset id.
        rid: Identifier,
        /// The version that is asked for; deprecated and ignored.
        version: Option<Expression>,
        /// The domain that it is known by here.
        alias: Option<Identifier>,
        /// Its configuration.
        with: Vec<Declaration>,
    },
    /// `configure using a = e and b = e`.
    Configure(Vec<Declaration>),
    /// `provides a, b` or `provide a, b`.
    Provides(Vec<Identifier>),
    /// `shares a, b` or `share a, b`.
    Shares(Vec<Identifier>),
    /// `key NAME e` or `keys NAME e`: parsed, refused by the checker as the reference does.
    Key {
        /// The key's name.
        name: Identifier,
        /// Its value.
        value: Expression,
    },
    /// `provides keys a, b to r, s`: parsed, refused by the checker.
    ProvidesKeys {
        /// Names of the keys.
        keys: Vec<Identifier>,
        /// Ruleset ids that may use them.
        to: Vec<Identifier>,
    },
    /// `errors to RID [version e]`: parsed, refused by the checker.
    ErrorsTo {
        /// The ruleset that takes the errors.
        rid: Identifier,
        /// Its version.
        version: Option<Expression>,
    },
}

/// `name = expression`.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The name that is bound.
    pub name: Identifier,
    /// What to.
    pub value: Expression,
    /// Where it stands.
    pub span: Span,
}

/// What one source text can hold: a ruleset, or (for one-liners and tests) statements.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A ruleset.
    Ruleset(Box<Ruleset>),
    /// Declarations and then at most one expression, as in a function's body.
    Snippet {
        /// The declarations.
        declarations: Vec<Declaration>,
        /// The expression whose value the snippet has.
        result: Option<Expression>,
    },
}
