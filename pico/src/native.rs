//! Rulesets written in Rust.

use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::Rid;
use crate::ruleset::{Fired, Ruleset};
use serde_json::{Map, Value};
use std::collections::HashMap;

type Action = dyn Fn(&mut Context, &Event) -> Result<(), Fault> + Send + Sync;
type Answer = dyn Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync;
type Function = dyn Fn(&mut Context, Value) -> Result<Value, Fault> + Send + Sync;

/// A ruleset written in Rust: plain functions, put together by a builder.
///
/// ```
/// use picomesh_pico::{Native, Rid};
///
/// let counter = Native::new(Rid::literal("example.counter"), "Counts.")
///     .rule("count", "counter", "inc", |context, _event| {
///         let n: u64 = context.entity("n")?.unwrap_or(0);
///         context.put("n", &(n + 1))
///     })
///     .query("n", |context, _args| Ok(context.entity("n")?.unwrap_or(0).into()));
/// ```
pub struct Native {
    rid: Rid,
    description: &'static str,
    names: Vec<String>,
    actions: Vec<Box<Action>>,
    selects: HashMap<(String, String), Vec<usize>>,
    queries: HashMap<&'static str, Box<Answer>>,
    functions: HashMap<&'static str, Box<Function>>,
}

impl Native {
    /// An empty ruleset.
    pub fn new(rid: Rid, description: &'static str) -> Self {
        Self {
            rid,
            description,
            names: vec![],
            actions: vec![],
            selects: HashMap::new(),
            queries: HashMap::new(),
            functions: HashMap::new(),
        }
    }

    /// Adds a rule that selects on events of this domain and name; `*` is any name.
    #[must_use]
    pub fn rule<F>(mut self, rule: &str, domain: &str, name: &str, action: F) -> Self
    where
        F: Fn(&mut Context, &Event) -> Result<(), Fault> + Send + Sync + 'static,
    {
        let index = self.actions.len();
        self.selects.entry((domain.into(), name.into())).or_default().push(index);
        self.names.push(rule.into());
        self.actions.push(Box::new(action));
        self
    }

    /// Shares a function: it answers queries from outside.
    #[must_use]
    pub fn query<F>(mut self, name: &'static str, answer: F) -> Self
    where
        F: Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.queries.insert(name, Box::new(answer));
        self
    }

    /// Provides a function to the other rulesets of the pico.
    #[must_use]
    pub fn function<F>(mut self, name: &'static str, function: F) -> Self
    where
        F: Fn(&mut Context, Value) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.functions.insert(name, Box::new(function));
        self
    }
}

impl Ruleset for Native {
    fn rid(&self) -> &Rid {
        &self.rid
    }

    fn description(&self) -> &str {
        self.description
    }

    fn rules(&self) -> &[String] {
        &self.names
    }

    fn candidates(&self, event: &Event) -> Vec<usize> {
        let select = |name: &str| self.selects.get(&(event.domain.clone(), name.to_owned()));
        let mut rules: Vec<usize> =
            [select(&event.name), select("*")].into_iter().flatten().flatten().copied().collect();
        rules.sort_unstable();
        rules
    }

    fn fire(&self, rule: usize, event: &Event, context: &mut Context) -> Result<Fired, Fault> {
        (self.actions[rule])(context, event)?;
        Ok(Fired::Fired)
    }

    fn shares(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.queries.keys().copied().collect();
        names.sort_unstable();
        names
    }

    fn query(
        &self,
        name: &str,
        args: &Map<String, Value>,
        context: &mut Context,
    ) -> Result<Value, Fault> {
        match self.queries.get(name) {
            Some(answer) => answer(context, args),
            None => Err(Fault::not_found(format_args!("query function {name:?}"))),
        }
    }

    fn call(&self, name: &str, args: Value, context: &mut Context) -> Result<Value, Fault> {
        match self.functions.get(name) {
            Some(function) => function(context, args),
            None => Err(Fault::not_found(format_args!("function {name:?}"))),
        }
    }
}
