//! Bodies of forms, as Node's `querystring` reads them: flat, a repeated name makes a list.

use super::percent;
use serde_json::{Map, Value};

/// Most pairs of one form.
const PAIRS_MAX: usize = 1000;

/// The fields of a form.
///
/// # Errors
/// When it has more than 1000 pairs: the text that the caller is told.
pub(super) fn parse(body: &str) -> Result<Map<String, Value>, String> {
    let mut fields = Map::new();
    if body.is_empty() {
        return Ok(fields);
    }
    if body.split('&').count() > PAIRS_MAX {
        return Err("PayloadTooLargeError: too many parameters".into());
    }
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), Value::String(decode(value)));
        match fields.get_mut(&name) {
            None => drop(fields.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(fields)
}

/// What cannot be decoded as a whole is decoded as far as it goes.
fn decode(text: &str) -> String {
    percent::decode_form(text).unwrap_or_else(|text| {
        String::from_utf8_lossy(&percent::decode_bytes(&text).0).into_owned()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_is_flat() {
        let fields = parse("a=1&a=2&b[c]=3&d=%C3%A9+x&&e&=f&a=3&g=%zz%20").unwrap();
        let expected = json!({
            "a": ["1", "2", "3"], "b[c]": "3", "d": "\u{e9} x", "e": "", "": "f", "g": "%zz ",
        });
        assert_eq!(Value::Object(fields), expected);
        assert!(parse(&"a&".repeat(1001)).is_err());
    }
}
