//! Query strings and forms.
//!
//! Source: qs 6.17 as pico-engine 1.4 calls it: lists by index, RFC 3986.

use super::arguments::number_text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What RFC 3986 §2.3 does not call unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `{"a": [1, {"b": 2}]}` is `a%5B0%5D=1&a%5B1%5D%5Bb%5D=2`. Nothing is left out; what holds no
/// names is the empty string.
pub(super) fn stringify(value: &Value) -> String {
    let mut pairs = Vec::new();
    let mut left: Vec<(String, &Value)> = children(None, value);
    while let Some((name, value)) = left.pop() {
        let text = match value {
            Value::Null => continue,
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number_text(number),
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => {
                left.extend(children(Some(&name), value));
                continue;
            }
        };
        pairs.push(format!("{}={}", encoded(&name), encoded(&text)));
    }
    pairs.join("&")
}

/// What is in a value, last one first, with its whole names.
fn children<'v>(name: Option<&str>, value: &'v Value) -> Vec<(String, &'v Value)> {
    let inside = |key: &str| match name {
        Some(name) => format!("{name}[{key}]"),
        None => key.to_owned(),
    };
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate().rev();
            items.map(|(place, item)| (inside(&place.to_string()), item)).collect()
        }
        Value::Object(entries) => {
            entries.iter().rev().map(|(key, item)| (inside(key), item)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_nest_by_brackets() {
        for (value, text) in [
            (json!({"a": 1, "b": "x y", "c": true}), "a=1&b=x%20y&c=true"),
            (json!({"a": [1, 2.5]}), "a%5B0%5D=1&a%5B1%5D=2.5"),
            (
                json!({"a": {"b": {"c": 1}, "d": [1, {"e": 2}]}}),
                "a%5Bb%5D%5Bc%5D=1&a%5Bd%5D%5B0%5D=1&a%5Bd%5D%5B1%5D%5Be%5D=2",
            ),
            (json!({"a": [], "b": {}, "c": null, "d": [null, 1], "e": ""}), "d%5B1%5D=1&e="),
            (json!({"a b": "é&=+()~'*!/"}), "a%20b=%C3%A9%26%3D%2B%28%29~%27%2A%21%2F"),
            (json!([1, "b"]), "0=1&1=b"),
            (json!({"a": 1e21, "b": 1.0}), "a=1e%2B21&b=1"),
            (json!("abc"), ""),
            (json!(5), ""),
        ] {
            assert_eq!(stringify(&value), text);
        }
    }
}
