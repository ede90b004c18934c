//! Lists as sets.
//!
//! Source: krl-stdlib 1.4 over lodash 4.17 (`intersectionWith`, `unionWith`, `groupBy`, …).

use super::Meter;
use super::arguments::Given;
use crate::fault::Fault;
use crate::value::{self, Array, Map, Text, Value};
use std::collections::HashSet;

/// Values that were seen. What holds others is compared one by one, the rest is hashed.
#[derive(Default)]
struct Seen {
    plain: HashSet<Plain>,
    others: Vec<Value>,
}

#[derive(PartialEq, Eq, Hash)]
enum Plain {
    Nothing,
    Boolean(bool),
    Number(u64),
    String(Text),
}

impl Plain {
    fn new(value: &Value) -> Option<Self> {
        Some(match value {
            value if value.is_nothing() => Self::Nothing,
            Value::Boolean(value) => Self::Boolean(*value),
            // Adding zero makes one zero of two.
            Value::Number(number) => Self::Number((number + 0.0).to_bits()),
            Value::String(text) => Self::String(text.clone()),
            _ => return None,
        })
    }
}

impl Seen {
    fn of(values: &[Value], meter: &mut Meter) -> Result<Self, Fault> {
        let mut seen = Self::default();
        meter.take_items(values.len() * 2)?;
        for value in values {
            match Plain::new(value) {
                Some(plain) => _ = seen.plain.insert(plain),
                None => seen.others.push(value.clone()),
            }
        }
        Ok(seen)
    }

    fn has(&self, value: &Value, meter: &mut Meter) -> Result<bool, Fault> {
        if let Some(plain) = Plain::new(value) {
            return Ok(self.plain.contains(&plain));
        }
        for other in &self.others {
            meter.spend(1)?;
            if value::equal(value, other, meter)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Remembers a value; whether it is new.
    fn add(&mut self, value: &Value, meter: &mut Meter) -> Result<bool, Fault> {
        meter.take_items(2)?;
        if let Some(plain) = Plain::new(value) {
            return Ok(self.plain.insert(plain));
        }
        let is_new = !self.has(value, meter)?;
        if is_new {
            self.others.push(value.clone());
        }
        Ok(is_new)
    }
}

/// The values of a list; anything else is a list of itself.
fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(array) => array.into_items(),
        value => vec![value],
    }
}

/// The values for which this holds.
fn kept(
    values: Vec<Value>,
    meter: &mut Meter,
    mut keep: impl FnMut(&Value, &mut Meter) -> Result<bool, Fault>,
) -> Result<Value, Fault> {
    meter.take_items(values.len())?;
    let mut items = Vec::new();
    for value in values {
        if keep(&value, meter)? {
            items.push(value);
        }
    }
    Ok(Value::Array(Array::new(items)?))
}

pub(super) fn intersection(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    if given.len() < 2 {
        return Ok(Value::default_array());
    }
    let right = Seen::of(&listed(given.take(1)), meter)?;
    let mut seen = Seen::default();
    kept(listed(given.take(0)), meter, |value, meter| {
        Ok(right.has(value, meter)? && seen.add(value, meter)?)
    })
}

pub(super) fn union(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    if given.len() < 2 {
        return Ok(given.take(0));
    }
    let mut values = listed(given.take(0));
    let right = listed(given.take(1));
    meter.take_items(right.len())?;
    values.extend(right);
    let mut seen = Seen::default();
    kept(values, meter, |value, meter| seen.add(value, meter))
}

pub(super) fn difference(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    if given.len() < 2 {
        return Ok(given.take(0));
    }
    let right = Seen::of(&listed(given.take(1)), meter)?;
    kept(listed(given.take(0)), meter, |value, meter| Ok(!right.has(value, meter)?))
}

/// Whether the first holds all of the second.
pub(super) fn has(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let all = Seen::of(&listed(given.take(0)), meter)?;
    for value in listed(given.take(1)) {
        meter.spend(1)?;
        if !all.has(&value, meter)? {
            return Ok(Value::Boolean(false));
        }
    }
    Ok(Value::Boolean(true))
}

pub(super) fn unique(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(array) = given.at(0) else { return Ok(given.take(0)) };
    let mut seen = Seen::default();
    kept(array.items().to_vec(), meter, |value, meter| seen.add(value, meter))
}

pub(super) fn once(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    match given.take(0) {
        Value::Array(array) => grouped(array, meter, |count| count == 1),
        value => Ok(value),
    }
}

pub(super) fn duplicates(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    match given.take(0) {
        Value::Array(array) => grouped(array, meter, |count| count > 1),
        _ => Ok(Value::default_array()),
    }
}

/// The first of each group of the wanted size. Values are one group when JavaScript prints them
/// alike, and groups come in the order of an object's keys: numbers first.
fn grouped(array: Array, meter: &mut Meter, wanted: fn(usize) -> bool) -> Result<Value, Fault> {
    meter.take_items(array.items().len() * 4)?;
    let mut groups: indexmap::IndexMap<Text, (Value, usize)> = indexmap::IndexMap::new();
    for item in array.items() {
        let (item, key) = match item {
            item if item.is_nothing() => (Value::Null, Text::from("null")),
            item => (item.clone(), value::property_key(item, meter)?),
        };
        groups.entry(key).or_insert((item, 0)).1 += 1;
    }
    let firsts = groups.into_iter().filter(|(_, (_, count))| wanted(*count));
    let firsts = Map::new(firsts.map(|(key, (first, _))| (key, first)))?;
    Ok(Value::Array(Array::new(firsts.iter().map(|(_, first)| first.clone()).collect())?))
}
