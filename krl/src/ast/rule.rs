//! Rules: when they are selected, what they do, what follows.

use super::{
    Arguments, Declaration, DomainIdentifier, EventExpression, Expression, Identifier, Span, Within,
};

/// `rule NAME { select … foreach … pre { … } action fired { … } }`
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: Identifier,
    /// `is inactive` makes this false: the rule never runs.
    pub is_active: bool,
    /// When it is selected. A rule without it is refused by the checker.
    pub select: Option<Select>,
    /// Loops, the outermost first.
    pub foreach: Vec<Foreach>,
    /// `pre { … }`
    pub pre: Vec<Declaration>,
    /// What it does.
    pub action: Option<ActionBlock>,
    /// What follows.
    pub postlude: Option<Postlude>,
    /// Where it stands.
    pub span: Span,
}

/// `select when … within …` or `select where …`
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// By what.
    pub when: When,
    /// Where it stands.
    pub span: Span,
}

/// By what a rule is selected.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// `select when EVENTS within …`
    Events {
        /// The event expression.
        expression: EventExpression,
        /// How long its events may be apart.
        within: Option<Within>,
    },
    /// `select where e`: any event while it holds.
    Where(Expression),
}

/// `foreach e setting(value, key)`
#[derive(Clone, Debug, PartialEq)]
pub struct Foreach {
    /// Over what.
    pub expression: Expression,
    /// The variables: value, then key or index.
    pub setting: Vec<Identifier>,
    /// Where it stands.
    pub span: Span,
}

/// `if e then every { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct ActionBlock {
    /// The condition; what follows it decides `fired` and `notfired`.
    pub condition: Option<Expression>,
    /// Which of the actions run.
    pub kind: BlockKind,
    /// The actions in source order.
    pub actions: Vec<Action>,
    /// Where it stands.
    pub span: Span,
}

/// Which actions of a block run.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockKind {
    /// One after the other.
    Every,
    /// One at random.
    Sample,
    /// The one whose label is the value of the expression.
    Choose(Expression),
}

/// `label => act(args) setting(x)`
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// For `choose`.
    pub label: Option<Identifier>,
    /// What is done: an identifier or `domain:name`.
    pub callee: Expression,
    /// With what.
    pub arguments: Arguments,
    /// Variables for what it returns; the checker allows one.
    pub setting: Vec<Identifier>,
    /// Where it stands.
    pub span: Span,
}

/// `fired { } else { } finally { }`, `notfired …`, `always { }`
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Postlude {
    /// After the rule fired.
    pub fired: Vec<Statement>,
    /// After it did not.
    pub notfired: Vec<Statement>,
    /// After either.
    pub always: Vec<Statement>,
    /// Which keyword it started with, for the formatter: `fired`, `notfired` or `always`.
    pub keyword: Option<Identifier>,
    /// Where it stands.
    pub span: Span,
}

/// A statement of a postlude.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// When it runs; `None` for always.
    pub guard: Option<Guard>,
    /// What it does.
    pub kind: StatementKind,
    /// Where it stands, its guard included.
    pub span: Span,
}

/// When a statement runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// `… if e`
    If(Expression),
    /// `… on final`: only in the last round of the rule's loops.
    OnFinal,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `x = e`
    Declare(Declaration),
    /// `ent:x := e`, `ent:x{path} := e`
    Assign {
        /// The variable; the checker wants the domain `ent`.
        variable: DomainIdentifier,
        /// Where in it.
        path: Option<Expression>,
        /// The new value.
        value: Expression,
    },
    /// `clear ent:x`, `clear ent:x{path}`
    Clear {
        /// The variable.
        variable: DomainIdentifier,
        /// Where in it.
        path: Option<Expression>,
    },
    /// `raise DOMAIN event E for RID attributes E`, `raise event E attributes E`
    Raise {
        /// Which event.
        event: EventName,
        /// Only for this ruleset: an expression, or an identifier read as text.
        for_rid: Option<Expression>,
        /// Its attributes.
        attributes: Option<Expression>,
    },
    /// `schedule DOMAIN event E at E`, `… repeat E`, `attributes E setting(id)`
    Schedule {
        /// Which event.
        event: EventName,
        /// `at`: when. Exactly one of `at` and `repeat` is given.
        at: Option<Expression>,
        /// `repeat`: how often, a cron text.
        repeat: Option<Expression>,
        /// Its attributes.
        attributes: Option<Expression>,
        /// Variable for the id.
        setting: Vec<Identifier>,
    },
    /// `log LEVEL e`
    Log(LogLevel, Expression),
    /// `error LEVEL e`
    Error(LogLevel, Expression),
    /// `last`
    Last,
}

/// Names the event that a statement raises.
#[derive(Clone, Debug, PartialEq)]
pub enum EventName {
    /// `raise domain event "name"`
    InDomain {
        /// The domain.
        domain: Identifier,
        /// The name.
        name: Expression,
    },
    /// `raise event "domain:name"`
    Whole(Expression),
}

/// How important something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}
