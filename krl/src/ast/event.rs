//! Event expressions: which events, in which order, select a rule.

use super::{Expression, Identifier, Span};
use std::sync::Arc;

/// An event expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum EventExpression {
    /// `domain:name attr re#…# where e setting(v)`
    Base(Box<EventBase>),
    /// `a or b`, `and(a, b, c)`, `any 2 (a, b, c)`, …
    Operator {
        /// Which operator.
        operator: EventOperator,
        /// Its operands in source order.
        operands: Vec<EventExpression>,
        /// Where it stands.
        span: Span,
    },
    /// `count N (base) aggregator(v)`, `repeat N (base) aggregator(v)`
    Group {
        /// `repeat` slides a window; `count` starts over.
        is_repeat: bool,
        /// How many.
        count: f64,
        /// Where the number stands.
        count_span: Span,
        /// Of which event.
        base: Box<EventBase>,
        /// What becomes of the captures.
        aggregator: Option<Aggregator>,
        /// Where it stands.
        span: Span,
    },
}

/// Operators over event expressions.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum EventOperator {
    Or,
    And,
    Before,
    Then,
    After,
    Between,
    NotBetween,
    /// `any N (…)`; the number is read as the program wrote it.
    Any(f64),
}

/// One kind of event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventBase {
    /// Its domain.
    pub domain: Identifier,
    /// Its name.
    pub name: Identifier,
    /// What its attributes must match; the captures go to `setting` in order.
    pub attributes: Vec<AttributeMatch>,
    /// Variables for the captures.
    pub setting: Vec<Identifier>,
    /// What must hold as well.
    pub condition: Option<Expression>,
    /// `where` stood before `setting`, which is deprecated.
    pub is_condition_first: bool,
    /// Where it stands.
    pub span: Span,
}

/// `attribute re#…#`
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeMatch {
    /// The attribute's name.
    pub name: Identifier,
    /// The pattern.
    pub pattern: Arc<str>,
    /// Its flags.
    pub flags: Arc<str>,
    /// Where the pattern stands.
    pub pattern_span: Span,
}

/// `max(v)`, `min(v)`, `sum(v)`, `avg(v)`, `push(v)`
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregator {
    /// Which of them.
    pub operator: Identifier,
    /// Variables for the results, one for each capture.
    pub variables: Vec<Identifier>,
    /// Where it stands.
    pub span: Span,
}

/// `within e minutes`
#[derive(Clone, Debug, PartialEq)]
pub struct Within {
    /// How many.
    pub expression: Expression,
    /// Of what: `second`, `minutes`, … as written.
    pub period: Identifier,
    /// Where it stands.
    pub span: Span,
}
