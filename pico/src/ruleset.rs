//! What the engine asks of a ruleset, be it native or written in KRL.

use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::Rid;
use serde_json::{Map, Value};

/// A ruleset: rules that select on events, and functions that it shares or provides.
///
/// It keeps no state of its own; all it remembers are entity variables of the pico, which it
/// reaches through the [`Context`]. So one ruleset serves every pico at once.
pub trait Ruleset: Send + Sync {
    /// Its id.
    fn rid(&self) -> &Rid;

    /// One line on what it is for.
    fn description(&self) -> &str;

    /// Names of the rules in the order in which they run.
    fn rules(&self) -> &[String];

    /// Indices of the rules that this event could select, in source order.
    fn candidates(&self, event: &Event) -> Vec<usize>;

    /// Selects and fires one rule. What it did counts only if it returns `Ok`.
    fn fire(&self, rule: usize, event: &Event, context: &mut Context) -> Result<Fired, Fault>;

    /// Names of the functions that may be queried from outside.
    fn shares(&self) -> Vec<&str>;

    /// Answers a query from outside.
    fn query(
        &self,
        name: &str,
        args: &Map<String, Value>,
        context: &mut Context,
    ) -> Result<Value, Fault>;

    /// Runs a function or an action that other rulesets of the same pico may use.
    ///
    /// From KRL, `args` are an object with the names of its [`Provided::parameters`].
    fn call(&self, name: &str, args: Value, context: &mut Context) -> Result<Value, Fault>;

    /// What KRL may call: `None` when it provides nothing of this name.
    fn provided(&self, name: &str) -> Option<Provided>;

    /// All that it provides to KRL, by name.
    fn provides(&self) -> Vec<(&'static str, Provided)>;

    /// The schema by which the developer's pages test it (`__testing`): queries and events.
    fn testing(&self) -> Value;

    /// What its meta block would say: name, description, author.
    fn meta(&self) -> Value;
}

/// A function or an action that a ruleset provides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provided {
    /// The names of its parameters, in order.
    pub parameters: &'static [&'static str],
    /// An action stands in an action block, a function in an expression.
    pub is_action: bool,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fired {
    /// The event did not select it.
    NotSelected,
    /// It was selected, its condition was not met.
    NotFired,
    /// It was selected and did its work.
    Fired,
    /// It did its work and wants no further rules of its ruleset for this event.
    Last,
}
