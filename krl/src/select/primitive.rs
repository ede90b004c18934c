//! One kind of event in an event expression.

use crate::ast::EventBase;
use crate::fault::Fault;
use crate::library::Meter;
use crate::regex::RegExp;
use crate::value::{Map, Text, Value};

/// What must hold besides the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// `where e` of an event: a true value as JavaScript sees it.
    Truthy,
    /// `select where e`: `true` and nothing else.
    True,
}

/// One kind of event.
#[derive(Debug)]
pub struct Primitive {
    domain: Text,
    name: Text,
    attributes: Vec<(Text, RegExp)>,
    pub(super) setting: Vec<usize>,
    condition: Condition,
    pub(super) aggregator: Option<Aggregator>,
}

/// What becomes of the captures of `count` and `repeat`.
#[derive(Debug)]
pub(super) struct Aggregator {
    pub(super) operator: Text,
    pub(super) variables: Vec<usize>,
}

impl Primitive {
    /// `select where e`: any event.
    pub(super) fn any() -> Self {
        Self {
            domain: "*".into(),
            name: "*".into(),
            attributes: Vec::new(),
            setting: Vec::new(),
            condition: Condition::True,
            aggregator: None,
        }
    }

    pub(super) fn new(
        base: &EventBase,
        setting: Vec<usize>,
        aggregator: Option<Aggregator>,
    ) -> Result<Self, Fault> {
        let attributes = base
            .attributes
            .iter()
            .map(|a| Ok((a.name.name.clone(), RegExp::new(&a.pattern, &a.flags)?)))
            .collect::<Result<_, Fault>>()?;
        Ok(Self {
            domain: base.domain.name.clone(),
            name: base.name.name.clone(),
            attributes,
            setting,
            condition: match base.condition {
                None => Condition::None,
                Some(_) => Condition::Truthy,
            },
            aggregator,
        })
    }

    /// Its domain; `*` for any.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Its name; `*` for any.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its `where` demands.
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// The slots of the variables that its captures set, in order.
    pub fn setting(&self) -> &[usize] {
        &self.setting
    }

    /// Whether an event has its domain and name.
    pub fn is_named(&self, domain: &str, name: &str) -> bool {
        (*self.domain == *"*" || *self.domain == *domain)
            && (*self.name == *"*" || *self.name == *name)
    }

    /// Whether more than the name decides.
    pub fn has_matcher(&self) -> bool {
        !self.attributes.is_empty()
            || self.condition != Condition::None
            || !self.setting.is_empty()
            || self.aggregator.is_some()
    }

    /// Whether the value of its condition lets it match.
    pub fn holds(&self, value: &Value) -> bool {
        match self.condition {
            Condition::None => true,
            Condition::Truthy => value.is_truthy(),
            Condition::True => matches!(value, Value::Boolean(true)),
        }
    }

    /// What its patterns capture of an event's attributes; `None` when one does not match.
    /// A missing attribute is read as empty text; a group that took no part is nothing.
    pub fn captures(&self, attrs: &Map, meter: &mut Meter) -> Result<Option<Vec<Value>>, Fault> {
        let mut captures = Vec::new();
        for (name, pattern) in &self.attributes {
            let text = match attrs.get(name) {
                Some(value) => value.to_text(),
                None => "".into(),
            };
            let Some(found) = pattern.exec(&text, 0, meter)? else { return Ok(None) };
            for group in found.groups {
                captures.push(match group {
                    Some((start, end)) => {
                        meter.allocate(end - start)?;
                        Value::text(&text[start..end])
                    }
                    None => Value::Undefined,
                });
            }
        }
        Ok(Some(captures))
    }
}
