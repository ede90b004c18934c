//! Numbers that stay what they are.
//!
//! Source: RFC 8259 §6: a number outside the range or precision of the reader is the sender's risk;
//! here it is refused.

use serde_json::Number;

/// An integer of 64 bits, signed or not.
pub(super) fn integer(literal: &str) -> Option<Number> {
    let unsigned = literal.parse::<u64>().map(Number::from);
    unsigned.or_else(|_| literal.parse::<i64>().map(Number::from)).ok()
}

/// A decimal whose shortest form is the same number; others would change when written again.
pub(super) fn decimal(literal: &str) -> Option<Number> {
    let value: f64 = literal.parse().ok()?;
    if !value.is_finite() || significant(literal)? != significant(&format!("{value:e}"))? {
        return None;
    }
    Number::from_f64(value)
}

/// Sign, digits without zeros at the ends, and the power of ten of the last digit.
fn significant(literal: &str) -> Option<(bool, String, i64)> {
    let lower = literal.to_ascii_lowercase();
    let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
    let exponent: i64 = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_negative = whole.starts_with('-');
    let all = format!("{}{fraction}", whole.trim_start_matches('-'));
    let digits = all.trim_end_matches('0');
    let dropped = i64::try_from(all.len() - digits.len()).ok()?;
    let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
    let digits = digits.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        return Some((is_negative, digits, 0));
    }
    Some((is_negative, digits, power))
}
