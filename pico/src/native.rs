//! Rulesets written in Rust.

use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::Rid;
use crate::ruleset::{Fired, Provided, Ruleset};
use serde_json::{Map, Value, json};
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
    name: Option<&'static str>,
    author: Option<&'static str>,
    description: &'static str,
    rules: Vec<Rule>,
    names: Vec<String>,
    selects: HashMap<(String, String), Vec<usize>>,
    queries: Vec<SharedQuery>,
    functions: HashMap<&'static str, Box<Function>>,
    provided: HashMap<&'static str, Provided>,
    /// Names of what it provides, in the order of their adding.
    provides: Vec<&'static str>,
    uses: &'static [(&'static str, &'static str)],
}

struct Rule {
    domain: String,
    name: String,
    attrs: &'static [&'static str],
    action: Box<Action>,
}

struct SharedQuery {
    name: &'static str,
    parameters: &'static [&'static str],
    answer: Box<Answer>,
}

impl Native {
    /// An empty ruleset.
    pub fn new(rid: Rid, description: &'static str) -> Self {
        Self {
            rid,
            name: None,
            author: None,
            description,
            rules: vec![],
            names: vec![],
            selects: HashMap::new(),
            queries: vec![],
            functions: HashMap::new(),
            provided: HashMap::new(),
            provides: vec![],
            uses: &[],
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Who wrote it.
    #[must_use]
    pub fn author(mut self, author: &'static str) -> Self {
        self.author = Some(author);
        self
    }

    /// The rulesets whose functions it calls, each with the name that it has for it.
    #[must_use]
    pub fn uses(mut self, uses: &'static [(&'static str, &'static str)]) -> Self {
        self.uses = uses;
        self
    }

    /// Adds a rule that selects on events of this domain and name; `*` is any name.
    #[must_use]
    pub fn rule<F>(self, rule: &str, domain: &str, name: &str, action: F) -> Self
    where
        F: Fn(&mut Context, &Event) -> Result<(), Fault> + Send + Sync + 'static,
    {
        self.rule_with(rule, domain, name, &[], action)
    }

    /// As [`Native::rule`], saying which attributes it reads.
    #[must_use]
    pub fn rule_with<F>(
        mut self,
        rule: &str,
        domain: &str,
        name: &str,
        attrs: &'static [&'static str],
        action: F,
    ) -> Self
    where
        F: Fn(&mut Context, &Event) -> Result<(), Fault> + Send + Sync + 'static,
    {
        let index = self.rules.len();
        self.selects.entry((domain.into(), name.into())).or_default().push(index);
        self.names.push(rule.into());
        let action = Box::new(action);
        self.rules.push(Rule { domain: domain.into(), name: name.into(), attrs, action });
        self
    }

    /// Shares a function: it answers queries from outside.
    #[must_use]
    pub fn query<F>(self, name: &'static str, answer: F) -> Self
    where
        F: Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.query_with(name, &[], answer)
    }

    /// As [`Native::query`], saying which arguments it takes.
    #[must_use]
    pub fn query_with<F>(
        mut self,
        name: &'static str,
        parameters: &'static [&'static str],
        answer: F,
    ) -> Self
    where
        F: Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.queries.push(SharedQuery { name, parameters, answer: Box::new(answer) });
        self
    }

    /// Offers a function to the other native rulesets of the pico.
    #[must_use]
    pub fn function<F>(mut self, name: &'static str, function: F) -> Self
    where
        F: Fn(&mut Context, Value) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.functions.insert(name, Box::new(function));
        self
    }

    /// Provides a function to the rulesets of the pico, those in KRL too.
    #[must_use]
    pub fn provides<F>(
        self,
        name: &'static str,
        parameters: &'static [&'static str],
        function: F,
    ) -> Self
    where
        F: Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.provide(name, Provided { parameters, is_action: false }, function)
    }

    /// Provides an action to the rulesets of the pico, those in KRL too.
    #[must_use]
    pub fn action<F>(
        self,
        name: &'static str,
        parameters: &'static [&'static str],
        action: F,
    ) -> Self
    where
        F: Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.provide(name, Provided { parameters, is_action: true }, action)
    }

    fn provide<F>(mut self, name: &'static str, provided: Provided, function: F) -> Self
    where
        F: Fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault> + Send + Sync + 'static,
    {
        self.provided.insert(name, provided);
        self.provides.push(name);
        self.function(name, move |context, args| match args {
            Value::Object(args) => function(context, &args),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => function(context, &Map::new()),
        })
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
        (self.rules[rule].action)(context, event)?;
        Ok(Fired::Fired)
    }

    fn shares(&self) -> Vec<&str> {
        let names = self.queries.iter().map(|query| query.name);
        names.filter(|name| *name != "__testing").collect()
    }

    fn query(
        &self,
        name: &str,
        args: &Map<String, Value>,
        context: &mut Context,
    ) -> Result<Value, Fault> {
        if let Some(query) = self.queries.iter().find(|query| query.name == name) {
            return (query.answer)(context, args);
        }
        if name == "__testing" {
            return Ok(self.testing());
        }
        let text = format!("Ruleset {} does not have query function {name:?}", self.rid);
        Err(Fault::refused("not-found", text))
    }

    fn call(&self, name: &str, args: Value, context: &mut Context) -> Result<Value, Fault> {
        match self.functions.get(name) {
            Some(function) => function(context, args),
            None => Err(Fault::not_found(format_args!("function {name:?}"))),
        }
    }

    fn provided(&self, name: &str) -> Option<Provided> {
        self.provided.get(name).copied()
    }

    fn provides(&self) -> Vec<(&'static str, Provided)> {
        let named = |name: &&'static str| Some((*name, *self.provided.get(name)?));
        self.provides.iter().filter_map(named).collect()
    }

    fn testing(&self) -> Value {
        let queries = self.queries.iter();
        let queries = queries.map(|query| json!({ "name": query.name, "args": query.parameters }));
        let events = self
            .rules
            .iter()
            .map(|rule| json!({ "domain": rule.domain, "name": rule.name, "attrs": rule.attrs }));
        json!({
            "queries": queries.collect::<Vec<_>>(),
            "events": events.collect::<Vec<_>>(),
        })
    }

    fn meta(&self) -> Value {
        let mut meta = Map::new();
        let texts =
            [("name", self.name), ("description", Some(self.description)), ("author", self.author)];
        for (key, text) in texts {
            if let Some(text) = text {
                meta.insert(key.into(), text.into());
            }
        }
        if !self.uses.is_empty() {
            let modules = self.uses.iter();
            let modules = modules
                .map(|(rid, alias)| json!({ "kind": "module", "rid": rid, "alias": alias }))
                .collect();
            meta.insert("use".into(), modules);
        }
        if !self.provides.is_empty() {
            meta.insert("provides".into(), json!(self.provides));
        }
        meta.insert("shares".into(), json!(self.shares()));
        Value::Object(meta)
    }
}
