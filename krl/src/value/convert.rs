//! What a value is called, and what it is as text and as a number.
//!
//! Source: krl-stdlib 1.4 (`typeOf`, `toString`, `toNumberOrNull`) and, for [`property_key`] and
//! [`plain_number`], ECMA-262 §7.1.

use super::{Text, Value};
use crate::fault::Fault;
use crate::library::Meter;
use std::borrow::Cow;

/// What JavaScript prints for every function that krl-stdlib wraps.
const FUNCTION_TEXT: &str =
    "function (ctx, args) {\n            return fn.apply(ctx, fixArgs(args));\n        }";

impl Value {
    /// What `typeof` answers. `NaN` is `Null`, an infinity is a `JSObject`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined | Self::Null => "Null",
            Self::Boolean(_) => "Boolean",
            Self::Number(number) if number.is_nan() => "Null",
            Self::Number(number) if number.is_infinite() => "JSObject",
            Self::Number(_) => "Number",
            Self::String(text) if is_hex(text) => "Hex",
            Self::String(_) => "String",
            Self::Array(_) => "Array",
            Self::Map(_) => "Map",
            Self::RegExp(_) => "RegExp",
            Self::Callable(callable) => callable.type_name(),
        }
    }

    /// Whether it is nothing, as KRL asks: `NaN` is nothing too.
    #[inline]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => true,
            Self::Number(number) => number.is_nan(),
            _ => false,
        }
    }

    /// As text: what `.as("String")`, chevrons and `+` use.
    pub fn to_text(&self) -> Text {
        match self {
            Self::String(text) => text.clone(),
            other => other.as_text().into(),
        }
    }

    /// As text, borrowed where it can be.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::String(text) => Cow::Borrowed(text),
            Self::Undefined | Self::Null => Cow::Borrowed("null"),
            Self::Boolean(true) => Cow::Borrowed("true"),
            Self::Boolean(false) => Cow::Borrowed("false"),
            Self::Number(number) if number.is_nan() => Cow::Borrowed("null"),
            Self::Number(number) if number.is_finite() => Cow::Owned(number_text(*number)),
            Self::Number(_) => Cow::Borrowed("[JSObject]"),
            Self::Array(_) => Cow::Borrowed("[Array]"),
            Self::Map(_) => Cow::Borrowed("[Map]"),
            Self::RegExp(regexp) => {
                let flags: String =
                    regexp.flags().chars().filter(|flag| matches!(flag, 'g' | 'i')).collect();
                Cow::Owned(format!("re#{}#{flags}", regexp.source()))
            }
            Self::Callable(_) => match self.type_name() {
                "ActionFunction" => Cow::Borrowed("[ActionFunction]"),
                "Action" => Cow::Borrowed("[Action]"),
                _ => Cow::Borrowed("[Function]"),
            },
        }
    }

    /// As a number, or nothing: what operators on numbers use. Containers count their entries.
    pub fn to_number(&self) -> Option<f64> {
        match self {
            Self::Undefined | Self::Null => Some(0.0),
            Self::Boolean(value) => Some(f64::from(u8::from(*value))),
            Self::Number(number) if number.is_nan() => Some(0.0),
            Self::Number(number) => number.is_finite().then_some(*number),
            Self::String(text) => Some(parse_number(text)).filter(|number| number.is_finite()),
            Self::Array(array) => Some(array.items().len() as f64),
            Self::Map(map) => Some(map.len() as f64),
            Self::RegExp(_) | Self::Callable(_) => None,
        }
    }
}

/// The text of the value where JavaScript itself, not KRL, turns it into text: as the key of an
/// object, and in some messages.
pub fn property_key(value: &Value, meter: &mut Meter) -> Result<Text, Fault> {
    enum Part<'v> {
        Value(&'v Value),
        Comma,
    }
    if let Value::String(text) = value {
        return Ok(text.clone());
    }
    let mut text = String::new();
    let mut parts = vec![Part::Value(value)];
    let is_top = |value: &Value, top: &Value| std::ptr::eq(value, top);
    while let Some(part) = parts.pop() {
        meter.spend(1)?;
        let part = match part {
            Part::Value(part) => part,
            Part::Comma => {
                text.push(',');
                continue;
            }
        };
        match part {
            Value::Array(array) => {
                for (place, item) in array.items().iter().enumerate().rev() {
                    parts.push(Part::Value(item));
                    if place > 0 {
                        parts.push(Part::Comma);
                    }
                }
            }
            Value::Undefined if is_top(part, value) => text.push_str("undefined"),
            Value::Null if is_top(part, value) => text.push_str("null"),
            Value::Undefined | Value::Null => {}
            Value::Map(_) => text.push_str("[object Object]"),
            Value::RegExp(regexp) => {
                text.push_str(&format!("/{}/{}", regexp.source(), regexp.flags()));
            }
            Value::Callable(_) => text.push_str(FUNCTION_TEXT),
            Value::Number(number) => text.push_str(&number_text(*number)),
            Value::Boolean(_) | Value::String(_) => text.push_str(&part.as_text()),
        }
        meter.fits(text.len())?;
    }
    meter.allocate(text.len())?;
    Ok(text.into())
}

/// The number of a value where JavaScript itself, not KRL, turns it into one: `NaN` for `undefined`.
pub fn plain_number(value: &Value, meter: &mut Meter) -> Result<f64, Fault> {
    Ok(match value {
        Value::Undefined | Value::Map(_) | Value::RegExp(_) | Value::Callable(_) => f64::NAN,
        Value::Null => 0.0,
        Value::Boolean(value) => f64::from(u8::from(*value)),
        Value::Number(number) => *number,
        Value::String(text) => parse_number(text),
        Value::Array(_) => parse_number(&property_key(value, meter)?),
    })
}

/// A number as JavaScript prints it.
pub fn number_text(number: f64) -> String {
    ryu_js::Buffer::new().format(number).to_owned()
}

/// A number in another base, as JavaScript prints it (ECMA-262 §21.1.3.6).
pub fn radix_text(number: f64, radix: u32) -> String {
    if !number.is_finite() {
        return number_text(number);
    }
    let digit = |value: u32| char::from_digit(value, radix).unwrap_or('0');
    let base = f64::from(radix);
    let mut whole = number.abs().floor();
    let mut fraction = number.abs() - whole;
    // Half the distance to the next number: digits beyond it say nothing.
    let mut delta = (0.5 * (number.abs().next_up() - number.abs())).max(f64::MIN_POSITIVE);
    let mut after: Vec<u32> = Vec::new();
    while fraction >= delta {
        fraction *= base;
        delta *= base;
        let value = fraction.floor();
        fraction -= value;
        after.push(value as u32);
        if (fraction > 0.5 || (fraction == 0.5 && value as u32 % 2 == 1)) && fraction + delta > 1.0
        {
            while after.last().is_some_and(|last| last + 1 == radix) {
                after.pop();
            }
            match after.last_mut() {
                Some(last) => *last += 1,
                None => whole += 1.0,
            }
            break;
        }
    }
    let mut before = Vec::new();
    loop {
        before.push(digit((whole % base) as u32));
        whole = (whole / base).floor();
        if whole == 0.0 {
            break;
        }
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let point = if after.is_empty() { "" } else { "." };
    let after: String = after.into_iter().map(digit).collect();
    format!("{sign}{}{point}{after}", before.iter().rev().collect::<String>())
}

/// Whether text is what KRL calls `Hex`: `0x1F`.
pub fn is_hex(text: &str) -> bool {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Whether JavaScript's `\s` and `trim` take it for blank.
pub fn is_blank(c: char) -> bool {
    match c {
        '\u{FEFF}' => true,
        '\u{85}' => false,
        c => c.is_whitespace(),
    }
}

/// Text as a number as JavaScript reads it (ECMA-262 §7.1.4.1.1): `NaN` when it is none.
pub fn parse_number(text: &str) -> f64 {
    let text = text.trim_matches(is_blank);
    let radix = match text.as_bytes() {
        [] => return 0.0,
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 10,
    };
    if radix != 10 {
        return parse_radix(&text[2..], radix);
    }
    match text {
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        // Rust reads more than JavaScript: `inf`, `nan`.
        _ if text
            .bytes()
            .any(|byte| !matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) =>
        {
            f64::NAN
        }
        _ => text.parse().unwrap_or(f64::NAN),
    }
}

fn parse_radix(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return f64::NAN;
    }
    // As many digits as fit are exact; of the rest only whether there is anything counts for the
    // rounding.
    let digits = digits.trim_start_matches('0');
    let bits = radix.trailing_zeros() as usize;
    let (head, tail) = digits.split_at(digits.len().min(126 / bits));
    let exact = u128::from_str_radix(head, radix).unwrap_or(0);
    let sticky = u128::from(tail.bytes().any(|byte| byte != b'0'));
    let scale = i32::try_from(tail.len() * bits).unwrap_or(i32::MAX);
    (exact | sticky) as f64 * 2f64.powi(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_javascript_does() {
        let cases = [
            ("", 0.0),
            (" \u{FEFF}12\n", 12.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-1e3", -1000.0),
            ("0x1F", 31.0),
            ("0b101", 5.0),
            ("0o17", 15.0),
            ("0x20000000000001", 9_007_199_254_740_993.0),
            ("-Infinity", f64::NEG_INFINITY),
        ];
        for (text, number) in cases {
            assert_eq!(parse_number(text), number, "{text:?}");
        }
        for text in ["1 2", "-0x1F", "inf", "nan", "1,000", "0b02", "0x", ".", "e5", "infinity"] {
            assert!(parse_number(text).is_nan(), "{text:?}");
        }
    }

    #[test]
    fn numbers_are_printed_as_javascript_does() {
        let cases =
            [(0.1 + 0.2, "0.30000000000000004"), (1e21, "1e+21"), (-0.0, "0"), (1e-7, "1e-7")];
        for (number, text) in cases {
            assert_eq!(number_text(number), text);
        }
        let cases = [(255.0, "ff"), (-255.5, "-ff.8"), (0.1, "0.1999999999999a"), (0.0, "0")];
        for (number, text) in cases {
            assert_eq!(radix_text(number, 16), text);
        }
    }
}
