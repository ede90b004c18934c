//! Statements and variables that reach outside, and loops over collections.

use super::operate::text;
use super::{Machine, Request};
use crate::compile::{Op, Program};
use crate::fault::Fault;
use crate::value::{Map, Text, Value};

impl Machine {
    /// What an instruction wants from outside.
    pub(super) fn effect(&mut self, program: &Program, op: Op) -> Result<Request, Fault> {
        let rid = self.rid();
        let named = |name: u32| program.names[name as usize].clone();
        Ok(match op {
            Op::Entity(name) => Request::EntityGet { rid, name: named(name) },
            Op::Random(below) => Request::Random { below },
            Op::EntityPut(name) => {
                let value = self.pop();
                Request::EntityPut { rid, name: named(name), path: None, value }
            }
            Op::EntityPutPath(name) => {
                let value = self.pop();
                let path = Some(self.pop());
                Request::EntityPut { rid, name: named(name), path, value }
            }
            Op::EntityClear(name) => Request::EntityClear { rid, name: named(name), path: None },
            Op::EntityClearPath(name) => {
                let path = Some(self.pop());
                Request::EntityClear { rid, name: named(name), path }
            }
            Op::Raise(shape) => {
                let attrs = self.pop();
                let for_rid = match self.pop() {
                    Value::Undefined | Value::Null => None,
                    rid => Some(text(&rid)),
                };
                let (domain, name) = self.event(&program.events[shape as usize].domain)?;
                Request::Raise { rid, domain, name, for_rid, attrs }
            }
            Op::Schedule(shape) => {
                let shape = &program.events[shape as usize];
                let when = Some(self.pop());
                let (domain, name) = self.event(&shape.domain)?;
                let attrs = self.pop();
                let (at, repeat) = if shape.is_repeat { (None, when) } else { (when, None) };
                Request::Schedule { rid, domain, name, attrs, at, repeat }
            }
            Op::Log(level) => Request::Log { rid, level, message: None, value: self.pop() },
            Op::Error(level) => Request::Error { rid, level, value: self.pop() },
            _ => return Err(Fault::Broken("no effect".into())),
        })
    }

    /// Takes an event's name from the stack; without a domain it is `domain:name`.
    fn event(&mut self, domain: &Option<Text>) -> Result<(Text, Text), Fault> {
        let name = self.pop();
        if let Some(domain) = domain {
            return match name {
                Value::String(name) if !name.trim().is_empty() => {
                    Ok((domain.clone(), name.trim().into()))
                }
                _ => Err(Fault::error("missing event.name")),
            };
        }
        let whole: String = text(&name).chars().filter(|c| !c.is_whitespace()).collect();
        let (domain, name) = whole.split_once(':').unwrap_or((&whole, ""));
        match (domain, name) {
            ("", _) => Err(Fault::error("missing event.domain")),
            (_, "") => Err(Fault::error("missing event.name")),
            (domain, name) => Ok((domain.into(), name.into())),
        }
    }

    /// Begins a loop: what is gone over, and the place in it, stand in two variables.
    pub(super) fn begin_loop(&mut self, place: usize) -> Result<(), Fault> {
        let collection = match self.pop() {
            Value::String(text) => self.characters(&text)?,
            collection => collection,
        };
        self.stack[place] = collection;
        self.stack[place + 1] = Value::Number(0.0);
        Ok(())
    }

    /// The reference goes over text as over a map of its UTF-16 units.
    fn characters(&mut self, text: &str) -> Result<Value, Fault> {
        let units: Vec<u16> = text.encode_utf16().collect();
        self.meter.take_items(4 * units.len())?;
        let entries = units.iter().enumerate().map(|(index, unit)| {
            let unit = Value::text(String::from_utf16_lossy(&[*unit]));
            (Text::from(index.to_string()), unit)
        });
        Ok(Value::Map(Map::new(entries)?))
    }

    fn loop_place(&self, place: usize) -> usize {
        match self.stack[place + 1] {
            Value::Number(number) => number as usize,
            _ => 0,
        }
    }

    /// How many rounds are left, this one included.
    pub(super) fn loop_left(&self, place: usize) -> usize {
        let all = match &self.stack[place] {
            Value::Array(array) => array.items().len(),
            Value::Map(map) => map.len(),
            _ => 0,
        };
        all.saturating_sub(self.loop_place(place))
    }

    pub(super) fn loop_value(&mut self, place: usize) {
        let index = self.loop_place(place);
        let value = match &self.stack[place] {
            Value::Array(array) => array.items().get(index).cloned(),
            Value::Map(map) => map.at(index).map(|(_, value)| value.clone()),
            _ => None,
        };
        self.push(value.unwrap_or_default());
    }

    pub(super) fn loop_key(&mut self, place: usize) {
        let index = self.loop_place(place);
        let key = match &self.stack[place] {
            Value::Map(map) => map.at(index).map(|(key, _)| Value::String(key.clone())),
            _ => Some(Value::Number(index as f64)),
        };
        self.push(key.unwrap_or_default());
    }

    pub(super) fn loop_next(&mut self, place: usize) {
        self.stack[place + 1] = Value::Number(self.loop_place(place) as f64 + 1.0);
    }
}
