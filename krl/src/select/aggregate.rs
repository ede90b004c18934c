//! Aggregators: what becomes of the captures of `count` and `repeat`.

use super::primitive::Aggregator;
use super::state::State;
use super::table::{END, START};
use crate::fault::Fault;
use crate::value::{Array, Text, Value};

impl State {
    /// Takes up the captures of one event.
    pub(super) fn aggregate(
        &mut self,
        aggregator: &Aggregator,
        captures: &[Value],
    ) -> Result<(), Fault> {
        let mut aggregates: Vec<(usize, Vec<Value>)> = Vec::new();
        for (place, slot) in aggregator.variables.iter().enumerate() {
            let capture = captures.get(place).cloned().unwrap_or_default();
            let known = self.aggregates.iter().find(|(known, _)| known == slot);
            let mut values = known.map(|(_, values)| values.clone()).unwrap_or_default();
            if self.states.contains(&START) {
                // A machine that starts over counts anew.
                values.clear();
                values.push(capture);
            } else if self.states.contains(&END) {
                // `repeat` slides its window along.
                values.push(capture);
                values.remove(0);
            } else {
                values.push(capture);
            }
            if let Some(value) = aggregated(&aggregator.operator, &values)? {
                self.set(*slot, value);
            }
            aggregates.retain(|(other, _)| other != slot);
            aggregates.push((*slot, values));
        }
        self.aggregates = aggregates;
        Ok(())
    }
}

fn aggregated(operator: &str, values: &[Value]) -> Result<Option<Value>, Fault> {
    let numbers = values.iter().map(|value| number(value).unwrap_or(0.0));
    Ok(Some(match operator {
        "max" => numbers.reduce(f64::max).map_or(Value::Null, Value::Number),
        "min" => numbers.reduce(f64::min).map_or(Value::Null, Value::Number),
        "sum" => Value::Number(numbers.fold(0.0, |sum, number| sum + number)),
        "avg" => {
            let sum = numbers.fold(0.0, |sum, number| sum + number);
            Value::Number(sum / values.len() as f64)
        }
        "push" => Value::Array(Array::new(values.to_vec())?),
        _ => return Ok(None),
    }))
}

/// The number that a value counts as.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => Some(0.0),
        Value::Boolean(value) => Some(f64::from(u8::from(*value))),
        Value::Number(value) => Some(*value),
        Value::String(text) => number_of_text(text.trim()),
        Value::Array(array) => Some(array.items().len() as f64),
        Value::Map(map) => Some(map.len() as f64),
        Value::RegExp(_) | Value::Callable(_) => None,
    }
}

fn number_of_text(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16).ok().map(|number| number as f64);
    }
    let is_decimal = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if is_decimal { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

/// The text of an attribute.
pub(super) fn text(value: &Value) -> Text {
    match value {
        Value::Null => "null".into(),
        Value::Boolean(value) => if *value { "true" } else { "false" }.into(),
        Value::Number(value) => ryu_js::Buffer::new().format(*value).into(),
        Value::String(text) => text.clone(),
        Value::Array(_) => "[Array]".into(),
        Value::Map(_) => "[Map]".into(),
        Value::RegExp(_) => "[RegExp]".into(),
        Value::Callable(_) => "[Function]".into(),
    }
}
