//! JSON Canonicalization Scheme: one byte sequence for equal JSON.
//!
//! Source: RFC 8785. Numbers print as ECMAScript prints them (§3.2.2.3), keys sort by UTF-16
//! code units (§3.2.3).
//!
//! Absent on purpose: integers beyond 2^53. I-JSON (RFC 7493) does not carry them exactly, so
//! two readers could hash different values; they are refused.

use serde_json::{Number, Value};

use crate::Error;

/// The largest integer that an IEEE 754 double holds together with all smaller ones.
const INTEGER_MAX: u64 = 1 << 53;

/// The canonical text of a value. The caller has checked the depth.
pub(crate) fn canonical(value: &Value) -> Result<String, Error> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), Error> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&ecmascript(number)?),
        Value::String(string) => quote(string, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                write(item, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// RFC 8785 §3.2.2.2: the two-character escapes where they exist, else `\u00xx` in lower case.
fn quote(string: &str, out: &mut String) {
    out.push('"');
    for c in string.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// RFC 8785 §3.2.2.3: `Number.prototype.toString` of ECMAScript.
fn ecmascript(number: &Number) -> Result<String, Error> {
    let refused = || Error::malformed("number", format!("{number} is not exact in JSON"));
    if let Some(integer) = number.as_i64() {
        return if integer.unsigned_abs() <= INTEGER_MAX {
            Ok(integer.to_string())
        } else {
            Err(refused())
        };
    }
    if number.is_u64() {
        return Err(refused());
    }
    let float = number.as_f64().filter(|f| f.is_finite()).ok_or_else(refused)?;
    Ok(ecmascript_float(float))
}

fn ecmascript_float(float: f64) -> String {
    if float == 0.0 {
        return "0".into();
    }
    let sign = if float < 0.0 { "-" } else { "" };
    // Rust prints the shortest digits that read back as the same double, as ECMAScript demands.
    // Of several such, ECMAScript takes the closest and of two equally close the even one: that
    // is what rounding to this many digits does.
    let shortest = format!("{:e}", float.abs());
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    let scientific = format!("{:.*e}", digits.saturating_sub(1), float.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent + 1;
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let text = if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
        format!("{whole}.{fraction}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let plus = if exponent > 0 { "+" } else { "" };
        format!("{first}{dot}{rest}e{plus}{exponent}")
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    /// RFC 8785 Appendix B, the IEEE 754 samples.
    #[test]
    fn numbers_print_as_in_appendix_b() {
        let samples: [(u64, &str); 21] = [
            (0x0000000000000000, "0"),
            (0x8000000000000000, "0"),
            (0x0000000000000001, "5e-324"),
            (0x8000000000000001, "-5e-324"),
            (0x7fefffffffffffff, "1.7976931348623157e+308"),
            (0xffefffffffffffff, "-1.7976931348623157e+308"),
            (0x4340000000000000, "9007199254740992"),
            (0xc340000000000000, "-9007199254740992"),
            (0x4430000000000000, "295147905179352830000"),
            (0x44b52d02c7e14af5, "9.999999999999997e+22"),
            (0x44b52d02c7e14af6, "1e+23"),
            (0x44b52d02c7e14af7, "1.0000000000000001e+23"),
            (0x444b1ae4d6e2ef4e, "999999999999999700000"),
            (0x444b1ae4d6e2ef4f, "999999999999999900000"),
            (0x444b1ae4d6e2ef50, "1e+21"),
            (0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"),
            (0x3eb0c6f7a0b5ed8d, "0.000001"),
            (0x41b3de4355555553, "333333333.3333332"),
            (0x41b3de4355555554, "333333333.33333325"),
            (0xbecbf647612f3696, "-0.0000033333333333333333"),
            (0x43143ff3c1cb0959, "1424953923781206.2"),
        ];
        for (bits, text) in samples {
            assert_eq!(ecmascript_float(f64::from_bits(bits)), text);
        }
    }

    /// RFC 8785 §3.2.2, §3.2.3.
    #[test]
    fn strings_and_key_order_are_as_in_the_rfc() {
        let value = json!({
            "numbers": [333_333_333.333_333_3, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u{20ac}$\u{000F}\u{000a}A'\u{0042}\u{0022}\u{005c}\\\"\u{002f}",
            "literals": [null, true, false]
        });
        assert_eq!(
            canonical(&value).unwrap(),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
        let keys = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "o diaeresis"
        });
        let order: Vec<_> =
            ["\\r", "1", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}", "\u{fb33}"].into();
        let text = canonical(&keys).unwrap();
        let places: Vec<_> =
            order.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
        assert!(places.is_sorted());
    }

    #[test]
    fn an_integer_that_a_double_cannot_hold_is_refused() {
        assert!(canonical(&json!(9_007_199_254_740_993_u64)).is_err());
        assert!(canonical(&json!(u64::MAX)).is_err());
        assert_eq!(canonical(&json!(-9_007_199_254_740_992_i64)).unwrap(), "-9007199254740992");
    }
}
