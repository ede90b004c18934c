//! Operators that look into containers and change them by a path.
//!
//! Source: krl-stdlib 1.4 over lodash 4.17 (`get`, `set`, `unset`, `has`). A list has places and
//! nothing else: what JavaScript would hang onto an array under another key is not kept.

use super::arguments::Given;
use super::convert::leading_integer;
use super::{Meter, pattern};
use crate::fault::Fault;
use crate::value::{self, Array, DEPTH_MAX, Map, Text, Value};

/// `object{key}`, and `object.key` with the key as text: a list is a path. What is not there is
/// `null`, as lodash is told to answer.
#[inline]
pub fn member(object: &Value, path: &Value) -> Value {
    match (object, path) {
        (Value::Map(map), Value::String(key)) => {
            map.get(key).cloned().unwrap_or_default().or_null()
        }
        (_, Value::Array(path)) if is_container(object) => {
            let keys = path.items();
            let Some((first, rest)) = keys.split_first() else { return Value::Null };
            let Some(mut at) = child(object, &first.as_text()) else { return Value::Null };
            for key in rest {
                match child(&at, &key.as_text()) {
                    Some(next) => at = next,
                    None => return Value::Null,
                }
            }
            at.or_null()
        }
        _ => index(object, path),
    }
}

/// `object[key]`: the key is one step, whatever it is.
#[inline]
pub fn index(object: &Value, key: &Value) -> Value {
    match (object, key) {
        (Value::Array(array), Value::Number(number)) => {
            let place = *number as usize;
            // What is no place of a list is not found as text either.
            if place as f64 == *number {
                array.items().get(place).cloned().unwrap_or_default().or_null()
            } else {
                Value::Null
            }
        }
        _ if is_container(object) => child(object, &key.as_text()).unwrap_or_default().or_null(),
        _ => Value::Null,
    }
}

pub(super) fn is_container(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Map(_))
}

/// The place of a key that names one.
fn place_of(key: &str) -> Option<usize> {
    let is_canonical = key == "0" || key.starts_with(|c: char| matches!(c, '1'..='9'));
    let is_place = is_canonical && key.bytes().all(|byte| byte.is_ascii_digit());
    if is_place { key.parse().ok() } else { None }
}

/// What a value has under a key.
fn child(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Map(map) => map.get(key).cloned(),
        Value::Array(array) if key == "length" => Some(Value::Number(array.items().len() as f64)),
        Value::Array(array) => array.items().get(place_of(key)?).cloned(),
        Value::String(text) if key == "length" => {
            Some(Value::Number(value::utf16::length(text) as f64))
        }
        Value::String(text) => {
            let place = place_of(key)?;
            let is_within = place < value::utf16::length(text);
            is_within.then(|| Value::text(&*value::utf16::slice(text, place, place + 1)))
        }
        Value::Undefined
        | Value::Null
        | Value::Boolean(_)
        | Value::Number(_)
        | Value::RegExp(_)
        | Value::Callable(_) => None,
    }
}

/// A path as keys: a list is one, anything else is its only key.
fn key_path(path: &Value) -> Vec<Text> {
    match path {
        Value::Array(keys) => keys.items().iter().map(Value::to_text).collect(),
        key => vec![key.to_text()],
    }
}

pub(super) fn get(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    if let Value::Array(path) = given.at(1) {
        meter.spend(path.items().len() as u64)?;
    }
    Ok(member(given.at(0), given.at(1)))
}

pub(super) fn keys(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Some(value) = looked_into(&given) else { return Ok(Value::default_array()) };
    let numbered = |count: usize| (0..count).map(|place| Value::text(place.to_string())).collect();
    let items = match &value {
        Value::Map(map) => {
            meter.take_items(map.len())?;
            map.iter().map(|(key, _)| Value::String(key.clone())).collect()
        }
        Value::Array(array) => {
            meter.take_items(array.items().len() * 3)?;
            numbered(array.items().len())
        }
        Value::String(text) => {
            meter.take_items(text.len() * 3)?;
            numbered(value::utf16::length(text))
        }
        _ => Vec::new(),
    };
    Ok(Value::Array(Array::new(items)?))
}

pub(super) fn values(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Some(value) = looked_into(&given) else { return Ok(Value::default_array()) };
    let items = match &value {
        Value::Map(map) => {
            meter.take_items(map.len())?;
            map.iter().map(|(_, item)| item.clone()).collect()
        }
        Value::Array(_) => return Ok(value),
        Value::String(text) => return pattern::split_units(text, meter),
        _ => Vec::new(),
    };
    Ok(Value::Array(Array::new(items)?))
}

/// What `keys` and `values` are about: the container, or what a path leads to.
fn looked_into(given: &Given) -> Option<Value> {
    let value = given.at(0);
    if !is_container(value) {
        return None;
    }
    let path = given.at(1);
    Some(if path.is_truthy() { member(value, path) } else { value.clone() })
}

/// `container >< thing`: a list holds an equal value, a map has the key or the path.
pub(super) fn contains(left: &Value, right: &Value, meter: &mut Meter) -> Result<bool, Fault> {
    match left {
        Value::Array(array) => {
            for item in array.items() {
                meter.spend(1)?;
                if value::equal(item, right, meter)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Map(map) => {
            let keys = match right {
                Value::Array(_) => key_path(right),
                _ => {
                    let key = value::property_key(right, meter)?;
                    if map.get(&key).is_some() {
                        return Ok(true);
                    }
                    dotted(&key)
                }
            };
            meter.spend(keys.len() as u64)?;
            let mut at = Some(left.clone());
            for key in &keys {
                at = at.and_then(|value| child(&value, key));
            }
            Ok(!keys.is_empty() && at.is_some())
        }
        _ => Ok(false),
    }
}

/// A path written as text: `a.b[0]["c"]`.
fn dotted(path: &str) -> Vec<Text> {
    let ends = |c: char| matches!(c, '.' | '[' | ']');
    let parts = path.split(ends).filter(|part| !part.is_empty());
    parts.map(|part| Text::from(part.trim_matches(['"', '\'']))).collect()
}

pub(super) fn set(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let mut object = given.take(0);
    if !is_container(&object) {
        object = Value::Map(Map::default());
    }
    let keys = key_path(given.at(1));
    change(object, &keys, Change::Set(given.take(2)), meter, |child, next| match child {
        Value::Array(_) | Value::Map(_) | Value::RegExp(_) | Value::Callable(_) => Ok(child),
        _ if place_of(next).is_some() => Ok(Value::default_array()),
        _ => Ok(Value::Map(Map::default())),
    })
}

pub(super) fn put(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let value = given.take(0);
    if !is_container(&value) || given.len() < 2 {
        return Ok(value);
    }
    let (keys, new) = match given.len() {
        2 => (Vec::new(), given.take(1)),
        _ => (key_path(given.at(1)), given.take(2)),
    };
    if keys.is_empty() {
        return overlay(value, new, meter);
    }
    change(value, &keys, Change::Set(new), meter, |child, next| match child {
        Value::Map(_) => Ok(child),
        Value::Array(array) => {
            let is_near = leading_integer(next)
                .is_some_and(|place| place >= 0.0 && place <= array.items().len() as f64);
            if is_near { Ok(Value::Array(array)) } else { array_to_map(&array) }
        }
        _ => Ok(Value::Map(Map::default())),
    })
}

fn array_to_map(array: &Array) -> Result<Value, Fault> {
    let entry = |(place, item): (usize, &Value)| (Text::from(place.to_string()), item.clone());
    Ok(Value::Map(Map::new(array.items().iter().enumerate().map(entry))?))
}

/// `put` without a path: maps and lists are laid over one another, all else is replaced.
fn overlay(value: Value, new: Value, meter: &mut Meter) -> Result<Value, Fault> {
    match (value, new) {
        (Value::Map(map), Value::Map(new)) => {
            meter.take_items((map.len() + new.len()) * 3)?;
            let entries = map.iter().chain(new.iter());
            Ok(Value::Map(Map::new(entries.map(|(key, item)| (key.clone(), item.clone())))?))
        }
        (Value::Array(array), Value::Array(new)) => {
            meter.take_items(array.items().len().max(new.items().len()))?;
            let mut items = new.into_items();
            items.extend(array.items().iter().skip(items.len()).cloned());
            Ok(Value::Array(Array::new(items)?))
        }
        (_, new) => Ok(new),
    }
}

pub(super) fn delete(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let value = given.take(0);
    let keys = key_path(given.at(1));
    let mut at = Some(value.clone());
    for key in &keys {
        meter.spend(1)?;
        at = at.filter(is_container).and_then(|value| child(&value, key));
    }
    if at.take().is_none() || keys.is_empty() {
        return Ok(value);
    }
    change(value, &keys, Change::Remove, meter, |child, _| Ok(child))
}

enum Change {
    Set(Value),
    Remove,
}

/// Goes down the path, changes the last step, and puts everything together again. `enter` says
/// into what a step on the way goes, given what is there and the key after it.
fn change(
    object: Value,
    keys: &[Text],
    change: Change,
    meter: &mut Meter,
    enter: impl Fn(Value, &str) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let Some((last, way)) = keys.split_last() else { return Ok(object) };
    if keys.len() > DEPTH_MAX as usize {
        return Err(Fault::Limit("DEPTH_MAX"));
    }
    let mut parents = Vec::with_capacity(way.len());
    let mut at = object;
    for (key, next) in way.iter().zip(&keys[1..]) {
        let there = if is_container(&at) { child(&at, key) } else { None };
        let (there, is_there) = (there.clone().unwrap_or_default(), there.is_some());
        // The parent lets go of the child, so that the child can be changed in place.
        let parent = if is_there { attach(at, key, Value::Undefined, meter)? } else { at };
        parents.push((parent, key));
        at = enter(there, next)?;
    }
    at = match change {
        Change::Set(value) => attach(at, last, value, meter)?,
        Change::Remove => detach(at, last, meter)?,
    };
    while let Some((parent, key)) = parents.pop() {
        at = attach(parent, key, at, meter)?;
    }
    Ok(at)
}

fn attach(container: Value, key: &Text, item: Value, meter: &mut Meter) -> Result<Value, Fault> {
    Ok(match container {
        Value::Map(map) => {
            meter.take_items(if map.is_shared() { map.len() * 3 } else { 3 })?;
            if place_of(key).is_some() {
                // A number finds its place among the keys, and the others make room.
                meter.spend(map.len() as u64 / 4)?;
            }
            Value::Map(map.with(key.clone(), item)?)
        }
        Value::Array(array) => {
            let Some(place) = place_of(key) else { return Ok(Value::Array(array)) };
            let longer = place.saturating_sub(array.items().len());
            let copied = if array.is_shared() { array.items().len() } else { 0 };
            meter.take_items(copied.saturating_add(longer).saturating_add(1))?;
            Value::Array(array.with(place, item)?)
        }
        other => other,
    })
}

fn detach(container: Value, key: &Text, meter: &mut Meter) -> Result<Value, Fault> {
    match container {
        Value::Map(map) => {
            meter.take_items(map.len())?;
            Ok(Value::Map(map.without(key)))
        }
        other => attach(other, key, Value::Undefined, meter),
    }
}
