//! What a program is told about the event or query that it runs for.

use super::Machine;
use crate::value::{Text, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// The event that a program runs for.
#[derive(Clone, Debug, Default)]
pub struct EventFacts {
    /// The channel that it came by.
    pub eci: Value,
    /// Its domain.
    pub domain: Text,
    /// Its name.
    pub name: Text,
    /// Its attributes.
    pub attrs: Value,
    /// Its id.
    pub eid: Text,
    /// When it happened, in milliseconds.
    pub time: f64,
}

/// Everything else about the turn.
#[derive(Clone, Debug, Default)]
pub struct MetaFacts {
    /// The channel that the event or query came by.
    pub eci: Value,
    /// The engine's base URL.
    pub host: Text,
    /// The pico.
    pub pico_id: Text,
    /// The id of the event or query.
    pub txn_id: Value,
    /// Whether this is a query.
    pub is_query: bool,
    /// What is known of the rulesets of the pico.
    pub rulesets: Arc<HashMap<Text, RulesetFacts>>,
}

/// What is known of a ruleset on a pico.
#[derive(Clone, Debug, Default)]
pub struct RulesetFacts {
    /// Where its source came from.
    pub url: Value,
    /// The configuration that it was installed with.
    pub config: Value,
}

impl Machine {
    /// `event:…` as the running code sees it. A module is told nothing of the event.
    pub(super) fn event_fact(&self, name: &str) -> Value {
        let Some(event) = self.event.as_ref().filter(|_| self.is_main()) else {
            return Value::Null;
        };
        match name {
            "eci" => event.eci.clone(),
            "domain" => Value::String(event.domain.clone()),
            "name" => Value::String(event.name.clone()),
            "attrs" => event.attrs.clone(),
            "eid" => Value::String(event.eid.clone()),
            "time" => Value::Number(event.time),
            _ => Value::Null,
        }
    }

    /// `meta:…` as the running code sees it.
    pub(super) fn meta_fact(&self, name: &str) -> Value {
        let meta = &self.meta;
        let is_main = self.is_main();
        let rid = self.rid();
        match name {
            "eci" if is_main => meta.eci.clone(),
            "txnId" if is_main => meta.txn_id.clone(),
            "ruleName" if is_main => self.rule.clone().map_or(Value::Null, Value::String),
            "inEvent" => Value::Boolean(is_main && self.event.is_some()),
            "inQuery" => Value::Boolean(is_main && meta.is_query),
            "host" => Value::String(meta.host.clone()),
            "picoId" => Value::String(meta.pico_id.clone()),
            "rid" => Value::String(rid),
            "rid_url" | "rulesetURI" => self.ruleset_fact(&rid, |facts| &facts.url),
            "rulesetConfig" => self.ruleset_fact(&rid, |facts| &facts.config),
            "callingRID" => self.calling_rid(),
            _ => Value::Null,
        }
    }

    fn ruleset_fact(&self, rid: &str, fact: impl Fn(&RulesetFacts) -> &Value) -> Value {
        self.meta.rulesets.get(rid).map_or(Value::Null, |facts| fact(facts).clone())
    }

    /// The ruleset that called into the one whose code runs.
    fn calling_rid(&self) -> Value {
        let mut instances = self.frames.iter().rev().map(|frame| frame.instance);
        let now = instances.next();
        let caller = instances.find(|instance| Some(*instance) != now);
        let caller = caller.and_then(|instance| self.instances.get(instance as usize));
        caller.map_or(Value::Null, |instance| Value::String(instance.program.rid.clone()))
    }

    /// `event:attr(name)`
    pub(super) fn event_attribute(&self, name: Option<&Value>) -> Value {
        let Value::Map(attrs) = self.event_fact("attrs") else { return Value::Null };
        name.and_then(Value::as_str).and_then(|name| attrs.get(name)).cloned().unwrap_or_default()
    }
}
