//! The interface on a running agent is tested in `tests/tests/compat.rs`; here is what needs none.

use super::*;

#[test]
fn a_name_is_trimmed_and_must_be_there() {
    assert_eq!(named("event.name", " x "), Ok("x".to_owned()));
    assert_eq!(named("event.name", " "), Err("Error: missing event.name".to_owned()));
}

#[test]
fn header_values_are_those_of_javascript() {
    let cases = [
        (json!("a=b"), Some("a=b")),
        (json!(""), None),
        (json!(0), None),
        (json!(1.0), Some("1")),
        (json!(true), Some("true")),
        (json!({ "a": 1 }), Some("[object Object]")),
        (Value::Null, None),
    ];
    for (value, expected) in cases {
        assert_eq!(header_text(&value).as_deref(), expected, "{value}");
    }
}
