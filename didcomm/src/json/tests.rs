//! Bad inputs 5-8 and 35-37.

use super::*;

#[test]
fn it_reads_what_serde_json_reads() {
    for text in [
        r#"{"a":[1,-2,3.5,1e3,true,false,null,"x\n\u00e9\ud83d\ude00\/"],"b":{}}"#,
        " [ ] ",
        r#""\u0000""#,
        "18446744073709551615",
        "-9223372036854775808",
        "0.1",
        "1.50",
        "-0.0",
        "0e5",
        "1E+2",
    ] {
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse(text.as_bytes(), 8).unwrap(), expected, "{text}");
    }
    assert_eq!(parse(b"0.30000000000000004", 8).unwrap().to_string(), "0.30000000000000004");
    assert_eq!(parse(b"-0", 8).unwrap(), serde_json::json!(0));
}

#[test]
fn numbers_that_would_change_are_refused() {
    for text in [
        "18446744073709551616",
        "-9223372036854775809",
        "1e400",
        "1e-400",
        "0.1000000000000000055511151231257827",
        "1e99999999999999999999",
    ] {
        assert_eq!(parse(text.as_bytes(), 8), Err(Error::Json("number out of range")), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for text in [
        "{",
        "[1",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "nul",
        "NaN",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "\"",
        "\"\\x\"",
        "\"\n\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "1 2",
        " ",
        "\u{feff}{}",
        "\"\\u+123\"",
    ] {
        assert!(matches!(parse(text.as_bytes(), 8), Err(Error::Json(_))), "{text}");
    }
    assert_eq!(parse(b"", 8), Err(Error::Empty));
    assert_eq!(parse(b"\"\xff\"", 8), Err(Error::Json("not utf-8")));
}

#[test]
fn depth_and_count_are_bounded() {
    for depth in [9, 128, 100_000] {
        assert_eq!(parse("[".repeat(depth).as_bytes(), 8), Err(Error::TooDeep));
        assert_eq!(parse("{\"a\":".repeat(depth).as_bytes(), 8), Err(Error::TooDeep));
    }
    assert!(parse(format!("{}{}", "[".repeat(8), "]".repeat(8)).as_bytes(), 8).is_ok());
    let many = format!("[{}0]", "0,".repeat(JSON_VALUES_MAX));
    assert_eq!(parse(many.as_bytes(), 8), Err(Error::Json("too many values")));
}

#[test]
fn equal_keys_are_refused_at_every_level() {
    for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
        assert_eq!(parse(text.as_bytes(), 8), Err(Error::DuplicateKey), "{text}");
    }
}
