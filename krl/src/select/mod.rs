//! Event expressions: which events, in which order, select a rule.
//!
//! [`Select::compile`] turns the expression of a rule into a table of transitions;
//! [`Select::advance`] moves a [`State`] along it, one event at a time. Both are pure: what an
//! event's attributes match ([`Primitive::captures`]) and whether a condition holds
//! ([`Primitive::holds`]) is found by the caller in between, for the primitives that
//! [`Select::wanted`] names. A rule of one primitive keeps no state.
//!
//! Source: krl-compiler 1.4 with select-when 0.1.9, whose results this reproduces, surprises
//! included: a primitive whose attributes or condition refuse an event of its name puts the
//! machine back to its start, and the clock of `within` runs on over a selection.
//! Mended: where the reference throws because it lost its state, nothing is thrown.

mod advance;
mod aggregate;
mod compile;
mod graph;
mod optimize;
mod primitive;
mod state;
mod table;

#[cfg(test)]
mod tests;

pub use advance::Moment;
pub use compile::bases;
pub use primitive::{Condition, Primitive};
pub use state::State;

use crate::fault::Fault;
use crate::value::{Text, Value};
use table::Table;

/// Most transitions that the machine of one rule may have.
pub const SELECT_TRANSITIONS_MAX: usize = 10_000;

/// A compiled event expression.
#[derive(Debug)]
pub struct Select {
    primitives: Vec<Primitive>,
    variables: Vec<Text>,
    table: Table,
    /// Milliseconds in the unit of `within`, when the rule has one.
    within_unit_ms: Option<f64>,
    /// One primitive and nothing else: no state is kept.
    is_simple: bool,
}

impl Select {
    /// The kinds of event it knows, in source order; indices name them elsewhere.
    pub fn primitives(&self) -> &[Primitive] {
        &self.primitives
    }

    /// The variables that captures and aggregators set, in slot order.
    pub fn variables(&self) -> &[Text] {
        &self.variables
    }

    /// Whether the rule has `within`, whose expression [`Select::within_ms`] converts.
    pub fn has_within(&self) -> bool {
        self.within_unit_ms.is_some()
    }

    /// Whether selection depends on the event alone, so that no state need be loaded or stored.
    pub fn is_simple(&self) -> bool {
        self.is_simple
    }

    /// The milliseconds of `within`, of the value that its expression had when the ruleset
    /// started. Refused as in the reference: what is not a finite number.
    pub fn within_ms(&self, value: &Value) -> Result<Option<i64>, Fault> {
        let Some(unit) = self.within_unit_ms else { return Ok(None) };
        let limit = value.to_number().unwrap_or(f64::NAN) * unit;
        if !limit.is_finite() {
            return Err(Fault::type_error(
                "within timeLimit must be a number (ms) or a function that returns the limit.",
            ));
        }
        // Times are whole milliseconds, so a fraction of one changes nothing.
        Ok(Some(limit.floor() as i64))
    }
}
