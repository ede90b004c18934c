//! Whether values are equal and which comes first.
//!
//! Source: krl-stdlib 1.4 (`isEqual`, `ltEqGt`). No value is walked by native recursion, and a
//! container that is met twice in the same place is not entered.

use super::Value;
use crate::fault::Fault;
use crate::library::Meter;
use std::cmp::Ordering;

/// Whether `==` holds: containers by what they hold, functions by identity, and `null` is `NaN`.
pub fn equal(left: &Value, right: &Value, meter: &mut Meter) -> Result<bool, Fault> {
    if let Some(answer) = equal_shallow(left, right) {
        return Ok(answer);
    }
    let mut pairs = vec![(left, right)];
    while let Some((left, right)) = pairs.pop() {
        match equal_shallow(left, right) {
            Some(true) => continue,
            Some(false) => return Ok(false),
            None => {}
        }
        match (left, right) {
            (Value::Array(left), Value::Array(right)) => {
                meter.spend(left.items().len() as u64)?;
                pairs.extend(left.items().iter().zip(right.items()).rev());
            }
            (Value::Map(left), Value::Map(right)) => {
                meter.spend(left.len() as u64)?;
                for (key, value) in left.iter() {
                    let Some(other) = right.get(key) else { return Ok(false) };
                    pairs.push((value, other));
                }
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// The answer where no container must be entered.
#[inline]
fn equal_shallow(left: &Value, right: &Value) -> Option<bool> {
    Some(match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || (left.is_nan() && right.is_nan())
        }
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::RegExp(left), Value::RegExp(right)) => left == right,
        (Value::Callable(left), Value::Callable(right)) => left == right,
        (Value::Array(left), Value::Array(right)) => {
            if left.address() == right.address() {
                return Some(true);
            }
            if left.items().len() == right.items().len() {
                return None;
            }
            false
        }
        (Value::Map(left), Value::Map(right)) => {
            if left.address() == right.address() {
                return Some(true);
            }
            if left.len() == right.len() {
                return None;
            }
            false
        }
        (left, right) => left.is_nothing() && right.is_nothing(),
    })
}

/// Which comes first by `<=>` and `<`: as numbers when both are, else as text.
pub fn compare(left: &Value, right: &Value) -> Ordering {
    if let (Value::Number(left), Value::Number(right)) = (left, right)
        && let Some(order) = left.partial_cmp(right)
        && left.is_finite()
        && right.is_finite()
    {
        return order;
    }
    match (left.to_number(), right.to_number()) {
        (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Less),
        _ => compare_text(&left.as_text(), &right.as_text()),
    }
}

/// Which text comes first by its UTF-16 units, as JavaScript compares.
pub fn compare_text(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let Some(place) = left.iter().zip(right).position(|(left, right)| left != right) else {
        return left.len().cmp(&right.len());
    };
    // Bytes order as code points do. Units differ in one thing: code points above U+FFFF (first
    // byte F0 and up) are surrogates and come before U+E000 to U+FFFF (first byte EE and EF).
    let rank = |byte: u8| match byte {
        0xEE | 0xEF => (1, byte),
        0xF0.. => (0, byte),
        _ => (0, byte),
    };
    rank(left[place]).cmp(&rank(right[place]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_ordered_by_its_units() {
        let texts =
            ["", "a", "ab", "b", "é", "\u{20AC}", "\u{1F600}", "\u{1F601}", "\u{E000}", "\u{FFFD}"];
        for (place, left) in texts.iter().enumerate() {
            for (other, right) in texts.iter().enumerate() {
                let units = left.encode_utf16().cmp(right.encode_utf16());
                assert_eq!(compare_text(left, right), units);
                assert_eq!(compare_text(left, right), place.cmp(&other), "{left:?} {right:?}");
            }
        }
    }
}
