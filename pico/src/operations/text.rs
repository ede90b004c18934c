//! Values as programs written for pico-engine expect to see them in texts and conditions.

use serde_json::Value;

/// Whether a value counts as true: JavaScript's rule.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_f64().is_some_and(|n| n != 0.0 && !n.is_nan()),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// The name of a value's type in KRL.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Map",
    }
}

/// A value as text, the KRL way: `[Map]`, `[Array]`.
pub fn krl_text(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => format!("[{}]", type_name(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => js_text(Some(value)),
    }
}

/// A value inside a text, the JavaScript way; `None` is `undefined`.
pub fn js_text(value: Option<&Value>) -> String {
    match value {
        None => "undefined".into(),
        Some(Value::Null) => "null".into(),
        Some(Value::Bool(is)) => is.to_string(),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(n) if n.fract() == 0.0 && n.abs() < 1e21 => format!("{n:.0}"),
            _ => number.to_string(),
        },
        Some(Value::String(text)) => text.clone(),
        // What stands inside is of no use in a message, and its depth is the sender's choice.
        Some(Value::Array(_)) => "[object Array]".into(),
        Some(Value::Object(_)) => "[object Object]".into(),
    }
}
