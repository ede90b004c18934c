//! Attributes of events and arguments of functions, as rulesets of pico-engine read them.

use picomesh_pico::operations::{krl_text, truthy};
use serde_json::{Map, Number, Value};

/// Attributes or arguments by name.
pub(super) type Attrs = Map<String, Value>;

/// What stands for an attribute that is not there.
static NULL: Value = Value::Null;

/// An attribute; null when it is absent.
pub(super) fn get<'a>(attrs: &'a Attrs, name: &str) -> &'a Value {
    attrs.get(name).unwrap_or(&NULL)
}

/// An attribute that counts as true.
pub(super) fn given<'a>(attrs: &'a Attrs, name: &str) -> Option<&'a Value> {
    attrs.get(name).filter(|value| truthy(value))
}

/// An attribute as text if it has any, as a rule demands that selects on `re#.+#`.
pub(super) fn filled(attrs: &Attrs, name: &str) -> Option<String> {
    // A missing attribute is selected as the empty text.
    let value = attrs.get(name)?;
    let text = krl_text(value);
    text.chars().any(|c| !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')).then_some(text)
}

/// The attributes with more of them.
pub(super) fn with<const N: usize>(attrs: &Attrs, more: [(&str, Value); N]) -> Attrs {
    let mut attrs = attrs.clone();
    attrs.extend(more.map(|(name, value)| (name.to_owned(), value)));
    attrs
}

/// The attributes without one of them.
pub(super) fn without(attrs: &Attrs, name: &str) -> Attrs {
    let mut attrs = attrs.clone();
    // `remove` alone would bring the last attribute into its place.
    attrs.shift_remove(name);
    attrs
}

/// A member of a value by name; null when there is none.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&NULL)
}

/// A value as a number, as KRL converts it; null when it is none.
pub(super) fn number(value: &Value) -> Value {
    let float = match value {
        Value::Null => 0.0,
        Value::Bool(is) => f64::from(u8::from(*is)),
        Value::Number(number) => return Value::Number(number.clone()),
        Value::String(text) => match text_number(text.trim()) {
            Some(number) => number,
            None => return Value::Null,
        },
        Value::Array(items) => items.len() as f64,
        Value::Object(map) => map.len() as f64,
    };
    if float.fract() == 0.0 && float.abs() < 9e15 {
        return Value::from(float as i64);
    }
    Number::from_f64(float).map_or(Value::Null, Value::Number)
}

fn text_number(text: &str) -> Option<f64> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|number| number as f64);
    }
    if text.is_empty() {
        return Some(0.0);
    }
    // Rust reads "inf" and "nan" as numbers, JavaScript does not.
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}
