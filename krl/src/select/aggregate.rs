//! Aggregators: what becomes of the captures of `count` and `repeat`.

use super::primitive::Aggregator;
use super::state::State;
use super::table::{END, START};
use crate::fault::Fault;
use crate::value::{Array, Value};

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
    let numbers = values.iter().map(|value| value.to_number().unwrap_or(0.0));
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
