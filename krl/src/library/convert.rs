//! Operators that say what a value is and turn it into another.
//!
//! Source: krl-stdlib 1.4. `klog` and the message of `defaultsTo` are logged by the machine.

use super::arguments::Given;
use super::{Meter, infix};
use crate::fault::Fault;
use crate::regex::RegExp;
use crate::value::{self, Value, json};
use std::sync::Arc;

pub(super) fn cmp(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    let order = value::compare_text(&given.text(0), &given.text(1));
    Ok(Value::Number(infix::order_number(order)))
}

pub(super) fn convert(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let value = given.take(0);
    if given.len() < 2 {
        return Ok(value);
    }
    let kind = given.at(1);
    let name = value.type_name();
    match kind.as_str() {
        Some(kind) if kind == name => Ok(value),
        Some("Boolean") => Ok(Value::Boolean(value.as_str() != Some("false") && value.is_truthy())),
        Some("Hex") => to_hex(value),
        Some("String") => Ok(Value::String(value.to_text())),
        Some("Number") => Ok(value.to_number().map_or(Value::Null, Value::Number)),
        Some("RegExp") => {
            let text = value.as_text();
            // `[Map]` is meant as it stands, not as a class of characters.
            let is_name = name != "String"
                && text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).is_some_and(
                    |name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()),
                );
            let pattern =
                if is_name { format!("\\{}\\]", &text[..text.len() - 1]) } else { text.into() };
            Ok(Value::RegExp(Arc::new(RegExp::new(&pattern, "")?)))
        }
        _ => Err(Fault::type_error(format_args!(
            "Cannot use the .as(\"{}\") operator with {} (type {name})",
            value::property_key(kind, meter)?,
            value.as_text()
        ))),
    }
}

/// A number gets its digits and no `0x`; text is taken for hexadecimal already.
fn to_hex(value: Value) -> Result<Value, Fault> {
    Ok(match value {
        Value::Undefined | Value::Null => {
            let what = if value.is_undefined() { "undefined" } else { "null" };
            let text = format_args!("Cannot read properties of {what} (reading 'toString')");
            return Err(Fault::type_error(text));
        }
        Value::Number(number) if number.is_infinite() => Value::Null,
        Value::Number(number) => Value::text(value::radix_text(number, 16)),
        Value::Boolean(_) | Value::String(_) => Value::String(value.to_text()),
        Value::Array(_) | Value::Map(_) | Value::RegExp(_) | Value::Callable(_) => Value::Null,
    })
}

pub(super) fn isnull(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(Value::Boolean(given.at(0).is_nothing()))
}

pub(super) fn type_of(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(Value::text(given.at(0).type_name()))
}

pub(super) fn klog(mut given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(given.take(0))
}

pub(super) fn defaults_to(mut given: Given, _: &mut Meter) -> Result<Value, Fault> {
    let value = given.take(0);
    Ok(if value.is_nothing() { given.take(1) } else { value })
}

pub(super) fn encode(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let indent = leading_integer(&value::property_key(given.at(1), meter)?).unwrap_or(0.0);
    let text = json::encode(given.at(0), indent.clamp(0.0, 10.0) as usize, meter)?;
    Ok(Value::text(text))
}

pub(super) fn decode(mut given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let value = given.take(0);
    let decoded = match &value {
        Value::String(text) => json::decode(text, meter)?,
        _ => None,
    };
    Ok(decoded.unwrap_or(value))
}

/// The whole number at the start of a text, as `parseInt` reads it.
pub(super) fn leading_integer(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(value::is_blank);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: f64 = digits[..end].parse().ok()?;
    Some(if text.starts_with('-') { -number } else { number })
}
