//! Limits on a document, checked before any work is done on it.

use serde_json::Value;

use crate::Error;

/// Nesting of objects and arrays in a credential or presentation.
pub const DOCUMENT_DEPTH_MAX: usize = 48;
/// Values (scalars, arrays, objects) in a credential or presentation.
pub const DOCUMENT_VALUES_MAX: usize = 20_000;
/// Bytes of all strings and keys in a credential or presentation.
pub const DOCUMENT_TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Credentials in one presentation.
pub const PRESENTATION_CREDENTIALS_MAX: usize = 50;
/// Subjects in one credential.
pub const CREDENTIAL_SUBJECTS_MAX: usize = 50;

/// Refuses a document above the limits. Walks it without recursion.
pub(crate) fn check(document: &Value) -> Result<(), Error> {
    let (mut values, mut text) = (0_usize, 0_usize);
    let mut open: Vec<(&Value, usize)> = vec![(document, 0)];
    while let Some((value, depth)) = open.pop() {
        values += 1;
        if depth > DOCUMENT_DEPTH_MAX {
            return Err(Error::TooLarge("DOCUMENT_DEPTH_MAX"));
        }
        match value {
            Value::String(string) => text += string.len(),
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(map) => {
                text += map.keys().map(String::len).sum::<usize>();
                open.extend(map.values().map(|item| (item, depth + 1)));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        if values > DOCUMENT_VALUES_MAX || open.len() > DOCUMENT_VALUES_MAX {
            return Err(Error::TooLarge("DOCUMENT_VALUES_MAX"));
        }
        if text > DOCUMENT_TEXT_BYTES_MAX {
            return Err(Error::TooLarge("DOCUMENT_TEXT_BYTES_MAX"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deep_a_wide_and_a_long_document_are_refused() {
        let mut deep = json!(1);
        for _ in 0..DOCUMENT_DEPTH_MAX + 1 {
            deep = json!([deep]);
        }
        assert_eq!(check(&deep), Err(Error::TooLarge("DOCUMENT_DEPTH_MAX")));
        let wide = json!(vec![0; DOCUMENT_VALUES_MAX + 1]);
        assert_eq!(check(&wide), Err(Error::TooLarge("DOCUMENT_VALUES_MAX")));
        let long = json!({ "a": "x".repeat(DOCUMENT_TEXT_BYTES_MAX) });
        assert_eq!(check(&long), Err(Error::TooLarge("DOCUMENT_TEXT_BYTES_MAX")));
        assert_eq!(check(&json!({ "a": [1, { "b": "c" }] })), Ok(()));
    }
}
