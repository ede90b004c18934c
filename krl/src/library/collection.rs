//! Operators on lists and maps that call nothing and follow no path.
//!
//! Source: krl-stdlib 1.4 over lodash 4.17.

use super::arguments::Given;
use super::{Meter, path};
use crate::fault::Fault;
use crate::value::{self, Array, Value, utf16};

pub(super) fn only_arrays() -> Fault {
    Fault::type_error("only works on Arrays")
}

fn array(items: Vec<Value>) -> Result<Value, Fault> {
    Ok(Value::Array(Array::new(items)?))
}

/// The numbers from one to another, both included, up or down.
pub(super) fn range(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let (2.., Some(start), Some(end)) = (given.len(), given.number(0), given.number(1)) else {
        return Ok(Value::default_array());
    };
    let (step, beyond) = if start < end { (1.0, end + 1.0) } else { (-1.0, end - 1.0) };
    let count = ((beyond - start) / step).ceil().max(0.0) as usize;
    meter.take_items(count)?;
    let mut items = Vec::with_capacity(count);
    let mut number = start;
    for _ in 0..count {
        items.push(Value::Number(number));
        number += step;
    }
    array(items)
}

pub(super) fn append(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let mut values = given.into_values().into_iter();
    // Item by item, so that a list that nobody else holds grows in place.
    let mut list = match values.next() {
        Some(Value::Array(list)) => list,
        Some(value) => Array::new(vec![value])?,
        None => return Ok(Value::default_array()),
    };
    meter.take_items(if list.is_shared() { list.items().len() } else { 0 })?;
    for value in values {
        match value {
            Value::Array(more) => {
                meter.take_items(more.items().len())?;
                for item in more.items() {
                    list = list.push(item.clone())?;
                }
            }
            value => {
                meter.take_items(1)?;
                list = list.push(value)?;
            }
        }
    }
    Ok(Value::Array(list))
}

pub(super) fn head(mut given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(match given.at(0) {
        Value::Array(array) => array.items().first().cloned().unwrap_or_default(),
        _ => given.take(0),
    })
}

pub(super) fn tail(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(list) = given.at(0) else { return Ok(Value::default_array()) };
    meter.take_items(list.items().len())?;
    array(list.items().iter().skip(1).cloned().collect())
}

pub(super) fn index(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(list) = given.at(0) else { return Err(only_arrays()) };
    for (place, item) in list.items().iter().enumerate() {
        meter.spend(1)?;
        if value::equal(item, given.at(1), meter)? {
            return Ok(Value::Number(place as f64));
        }
    }
    Ok(Value::Number(-1.0))
}

pub(super) fn join(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(list) = given.at(0) else { return Ok(Value::String(given.at(0).to_text())) };
    let between = if given.at(1).is_nothing() { ",".into() } else { given.text(1) };
    let mut text = super::substitute::Growing::default();
    for (place, item) in list.items().iter().enumerate() {
        if place > 0 {
            text.push(&between, meter)?;
        }
        text.push(&item.as_text(), meter)?;
    }
    Ok(Value::text(text.text))
}

pub(super) fn length(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(Value::Number(match given.at(0) {
        Value::Array(array) => array.items().len() as f64,
        Value::Map(map) => map.len() as f64,
        Value::String(text) => utf16::symbols(text) as f64,
        _ => 0.0,
    }))
}

/// Numbers and booleans are empty; functions are not.
pub(super) fn is_empty(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(Value::Boolean(match given.at(0) {
        Value::Array(array) => array.items().is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Callable(_) => false,
        Value::Undefined
        | Value::Null
        | Value::Boolean(_)
        | Value::Number(_)
        | Value::RegExp(_) => true,
    }))
}

pub(super) fn reverse(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(list) = given.take(0) else { return Err(only_arrays()) };
    meter.take_items(list.items().len())?;
    let mut items = list.into_items();
    items.reverse();
    array(items)
}

/// Both ends are included; with one number the list is cut after that place.
pub(super) fn slice(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(list) = given.at(0) else { return Err(only_arrays()) };
    let items = list.items();
    if items.is_empty() || given.len() == 1 {
        return Ok(given.at(0).clone());
    }
    let refusal = |place: usize, what: &str| {
        let text = given.text(place);
        Fault::type_error(format_args!("The .slice() operator cannot use {text} as {what} index"))
    };
    let count = items.len() as f64;
    let first = given.number(1).ok_or_else(|| refusal(1, "an"))?;
    let (from, to) = if given.len() == 2 {
        if first > count {
            return Ok(Value::default_array());
        }
        (0.0, first + 1.0)
    } else {
        let second = given.number(2).ok_or_else(|| refusal(2, "the other"))?;
        let (first, second) = (first.min(second), first.max(second));
        if first < 0.0 || second >= count {
            return Ok(Value::default_array());
        }
        (first, second + 1.0)
    };
    let part = &items[place_from(from, items.len())..];
    let part = &part[..place_from(to, items.len()).saturating_sub(items.len() - part.len())];
    meter.take_items(part.len())?;
    array(part.to_vec())
}

/// A place as lodash counts it: whole, from the end when negative, within the list.
fn place_from(place: f64, count: usize) -> usize {
    let place = place.trunc();
    let place = if place < 0.0 { place + count as f64 } else { place };
    place.clamp(0.0, count as f64) as usize
}

pub(super) fn splice(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let Value::Array(list) = given.at(0) else { return Err(only_arrays()) };
    let items = list.items();
    if items.is_empty() {
        return Ok(Value::default_array());
    }
    // The missing blank is the reference's.
    let refusal = |place: usize, what: &str| {
        let text = given.text(place);
        Fault::type_error(format_args!("The .splice() operator cannot use {text}as {what}"))
    };
    let count = items.len() as f64;
    let start = given.number(1).ok_or_else(|| refusal(1, "an index"))?;
    let start = start.max(0.0).min(count - 1.0);
    let removed = given.number(2).ok_or_else(|| refusal(2, "a number of elements"))?;
    let removed = if removed < 0.0 || start + removed > count { count - start } else { removed };
    let before = &items[..place_from(start, items.len())];
    let behind = &items[place_from(start + removed, items.len())..];
    meter.take_items(before.len() + behind.len())?;
    let mut new = before.to_vec();
    let behind = behind.to_vec();
    if given.len() > 3 {
        match given.take(3) {
            Value::Array(value) => {
                meter.take_items(value.items().len())?;
                new.extend_from_slice(value.items());
            }
            value => new.push(value),
        }
    }
    new.extend(behind);
    array(new)
}

/// Whether the value is a container, and the refusal of an operator when it is not.
pub(super) fn container(value: &Value) -> Result<(), Fault> {
    if path::is_container(value) {
        return Ok(());
    }
    Err(Fault::type_error("only works on collections"))
}
