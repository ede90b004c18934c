//! JSON as JavaScript writes it.
//!
//! The difference is in numbers: all of them are doubles, and `2.0` is `2`.

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Whole numbers up to here are doubles without loss.
const SAFE_INTEGER_MAX: u64 = 1 << 53;

/// `JSON.stringify`.
pub(super) fn write(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, JavaScript);
    if let Err(error) = value.serialize(&mut serializer) {
        // Neither a vector nor a JSON value refuses.
        tracing::error!(%error, "JSON was not written");
    }
    bytes
}

struct JavaScript;

#[expect(clippy::cast_precision_loss, reason = "that is what JavaScript makes of the number")]
impl Formatter for JavaScript {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        // The text of a double is at most 25 bytes; NaN and infinities are no JSON values.
        writer.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        if value.unsigned_abs() > SAFE_INTEGER_MAX {
            return self.write_f64(writer, value as f64);
        }
        write!(writer, "{value}")
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        if value > SAFE_INTEGER_MAX {
            return self.write_f64(writer, value as f64);
        }
        write!(writer, "{value}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_doubles() {
        let cases = [
            ("2.0", "2"),
            ("-0.0", "0"),
            ("42.5", "42.5"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("1.5e-7", "1.5e-7"),
            ("12345678901234567890", "12345678901234567000"),
            ("-9007199254740993", "-9007199254740992"),
            ("[null,{\"b\":\"\\u001f\\n\u{e9}/\u{2028}\",\"a\":true}]", ""),
        ];
        for (text, expected) in cases {
            let expected = if expected.is_empty() { text } else { expected };
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(String::from_utf8(write(&value)).unwrap(), expected);
        }
    }
}
