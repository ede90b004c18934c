//! What the code of a program refers to by number: constants, names, shapes, functions.

use super::code::{EventShape, Function, MemberName, Shape};
use crate::value::{Text, Value};
use std::collections::HashMap;

/// What the code of a program refers to by number.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) constants: Vec<Value>,
    pub(super) names: Vec<Text>,
    pub(super) shapes: Vec<Shape>,
    pub(super) events: Vec<EventShape>,
    pub(super) members: Vec<MemberName>,
    pub(super) functions: Vec<Function>,
    texts: HashMap<Text, u32>,
    numbers: HashMap<u64, u32>,
    name_index: HashMap<Text, u32>,
    member_index: HashMap<(Text, Text), u32>,
}

impl Pool {
    pub(super) fn constant(&mut self, value: Value) -> u32 {
        let index = self.constants.len() as u32;
        let known = match &value {
            Value::String(text) => *self.texts.entry(text.clone()).or_insert(index),
            Value::Number(number) => *self.numbers.entry(number.to_bits()).or_insert(index),
            Value::Undefined
            | Value::Null
            | Value::Boolean(_)
            | Value::Array(_)
            | Value::Map(_)
            | Value::RegExp(_)
            | Value::Callable(_) => index,
        };
        if known == index {
            self.constants.push(value);
        }
        known
    }

    pub(super) fn name(&mut self, name: &Text) -> u32 {
        let index = self.names.len() as u32;
        let known = *self.name_index.entry(name.clone()).or_insert(index);
        if known == index {
            self.names.push(name.clone());
        }
        known
    }

    pub(super) fn shape(&mut self, positional: usize, names: Vec<Text>) -> u32 {
        self.shapes.push(Shape { positional: positional as u32, names: names.into() });
        self.shapes.len() as u32 - 1
    }

    pub(super) fn event(&mut self, event: EventShape) -> u32 {
        self.events.push(event);
        self.events.len() as u32 - 1
    }

    pub(super) fn member(&mut self, domain: &Text, name: &Text, link: Option<u32>) -> u32 {
        let index = self.members.len() as u32;
        let key = (domain.clone(), name.clone());
        let known = *self.member_index.entry(key).or_insert(index);
        if known == index {
            let (domain, name) = (domain.clone(), name.clone());
            self.members.push(MemberName { domain, name, link });
        }
        known
    }

    pub(super) fn function(&mut self, function: Function) -> u32 {
        self.functions.push(function);
        self.functions.len() as u32 - 1
    }
}
