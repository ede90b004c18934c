//! `sort`: by text, by number, or by a function of the program.

use super::merge::Merge;
use crate::fault::Fault;
use crate::library::arguments::Given;
use crate::library::{Iteration, Meter, Next, Outcome};
use crate::value::{self, Array, Value};
use std::cmp::Ordering;

pub(in crate::library) fn sort(mut given: Given, meter: &mut Meter) -> Result<Outcome, Fault> {
    let array = match given.take(0) {
        Value::Array(array) => array,
        value => return Ok(Outcome::Value(value)),
    };
    let count = array.items().len();
    meter.take_items(count.saturating_mul(2))?;
    meter.spend(count as u64 * u64::from(count.checked_ilog2().unwrap_or(0)))?;
    let by = given.take(1);
    if matches!(&by, Value::Callable(callable) if callable.is_function()) {
        let merge = Merge::new(array.into_items());
        return Ok(Outcome::Iterate(Box::new(Sort { merge, function: by })));
    }
    let (by_number, is_down) = match by.as_str() {
        Some("numeric") => (true, false),
        Some("ciremun") => (true, true),
        Some("reverse") => (false, true),
        _ => (false, false),
    };
    // JavaScript puts `undefined` last without asking.
    let (nothing, items): (Vec<_>, Vec<_>) =
        array.into_items().into_iter().partition(Value::is_undefined);
    let mut items = if by_number {
        by_numbers(items, is_down, meter)?
    } else {
        by_texts(items, is_down, meter)?
    };
    items.extend(nothing);
    Ok(Outcome::Value(Value::Array(Array::new(items)?)))
}

fn directed(order: Ordering, is_down: bool) -> Ordering {
    if is_down { order.reverse() } else { order }
}

fn by_texts(items: Vec<Value>, is_down: bool, meter: &mut Meter) -> Result<Vec<Value>, Fault> {
    meter.take_items(items.len().saturating_mul(2))?;
    let mut keyed: Vec<_> = items.into_iter().map(|item| (item.to_text(), item)).collect();
    keyed.sort_by(|left, right| directed(value::compare_text(&left.0, &right.0), is_down));
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

/// Numbers and texts in one list have no order that holds together, so no sort may rely on one.
fn by_numbers(items: Vec<Value>, is_down: bool, meter: &mut Meter) -> Result<Vec<Value>, Fault> {
    let mut merge = Merge::new(items);
    while let Some((left, right)) = merge.pair() {
        let is_left = directed(value::compare(left, right), is_down).is_le();
        merge.take(is_left);
        meter.spend(1)?;
    }
    Ok(merge.finish())
}

struct Sort {
    merge: Merge,
    function: Value,
}

impl Iteration for Sort {
    fn step(&mut self, answer: Option<Value>, meter: &mut Meter) -> Result<Next, Fault> {
        meter.spend(1)?;
        if let Some(answer) = answer {
            let is_left = value::plain_number(&answer, meter)? <= 0.0;
            self.merge.take(is_left);
        }
        Ok(match self.merge.pair() {
            Some((left, right)) => {
                Next::Call(self.function.clone(), vec![left.clone(), right.clone()])
            }
            None => Next::Done(Value::Array(Array::new(self.merge.finish())?)),
        })
    }

    fn visit(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        self.merge.values().for_each(visit);
    }
}
