//! What `__testing` says: the queries of a ruleset and the events of its rules.

use super::pool::Pool;
use crate::fault::Fault;
use crate::value::{Array, Map, Text, Value};
use indexmap::{IndexMap, IndexSet};

/// Gathers what `__testing` says.
#[derive(Default)]
pub(super) struct Testing {
    queries: Vec<(Text, Vec<Text>)>,
    /// Events by rule, domain and name, with the attributes that the rule knows.
    rules: Vec<Events>,
    is_in_rule: bool,
    held: Option<Vec<Text>>,
    constant: Option<u32>,
}

type Events = IndexMap<Text, IndexMap<Text, IndexSet<Text>>>;

impl Testing {
    pub(super) fn query(&mut self, name: &Text, arguments: Vec<Text>) {
        self.queries.push((name.clone(), arguments));
    }

    pub(super) fn begin_rule(&mut self) {
        self.rules.push(Events::new());
        self.is_in_rule = true;
    }

    pub(super) fn end_rule(&mut self) {
        self.is_in_rule = false;
    }

    pub(super) fn event(&mut self, domain: &Text, name: &Text) {
        if let Some(events) = self.rules.last_mut() {
            events.entry(domain.clone()).or_default().entry(name.clone()).or_default();
        }
    }

    /// An attribute that the rule reads: of whichever of its events.
    pub(super) fn attribute(&mut self, name: &Text) {
        if !self.is_in_rule {
            return;
        }
        if let Some(held) = &mut self.held {
            held.push(name.clone());
            return;
        }
        let names = self.rules.last_mut().into_iter().flat_map(IndexMap::values_mut);
        for attributes in names.flat_map(IndexMap::values_mut) {
            attributes.insert(name.clone());
        }
    }

    /// Keeps attributes back until [`Testing::release`]: loops are noted after their bodies.
    pub(super) fn hold(&mut self) {
        self.held = Some(Vec::new());
    }

    pub(super) fn release(&mut self) -> Vec<Text> {
        self.held.take().unwrap_or_default()
    }

    /// The constant that will be `__testing`.
    pub(super) fn constant(&mut self, pool: &mut Pool) -> u32 {
        *self.constant.get_or_insert_with(|| pool.constant(Value::Null))
    }

    pub(super) fn finish(&self, pool: &mut Pool) -> Result<Value, Fault> {
        let queries = self.queries.iter().map(|(name, arguments)| {
            map([("name", Value::String(name.clone())), ("args", texts(arguments.iter())?)])
        });
        let mut events = Vec::new();
        for (domain, names) in self.rules.iter().flatten() {
            for (name, attributes) in names {
                events.push(map([
                    ("domain", Value::String(domain.clone())),
                    ("name", Value::String(name.clone())),
                    ("attrs", texts(attributes.iter())?),
                ])?);
            }
        }
        let queries = Value::Array(Array::new(queries.collect::<Result<_, _>>()?)?);
        let events = Value::Array(Array::new(events)?);
        let testing = map([("queries", queries), ("events", events)])?;
        if let Some(index) = self.constant {
            pool.constants[index as usize] = testing.clone();
        }
        Ok(testing)
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Result<Value, Fault> {
    Ok(Value::Map(Map::new(entries.map(|(key, value)| (key.into(), value)))?))
}

fn texts<'t>(texts: impl Iterator<Item = &'t Text>) -> Result<Value, Fault> {
    Ok(Value::Array(Array::new(texts.cloned().map(Value::String).collect())?))
}
