//! Values to JSON text.

use crate::fault::Fault;
use crate::library::Meter;
use crate::value::{Text, Value};
use std::fmt::Write as _;

/// Most blanks of one step of indentation.
const INDENT_MAX: usize = 10;

/// What the operator `encode` writes: nothing is `null`, and what JSON cannot say stands as text
/// (`"[Function]"`, `"re#a#"`). An indent of 0 is none.
pub fn encode(value: &Value, indent: usize, meter: &mut Meter) -> Result<String, Fault> {
    let mut writer = Writer::new(Style::Encode, indent.min(INDENT_MAX), meter);
    writer.write(value)?;
    Ok(writer.text)
}

/// What leaves the engine: JavaScript's `JSON.stringify`. `undefined` and functions are dropped from
/// maps and are `null` in arrays; a regular expression is `{}`. `None` when nothing is left.
pub fn answer(value: &Value, meter: &mut Meter) -> Result<Option<String>, Fault> {
    if is_dropped(value) {
        return Ok(None);
    }
    let mut writer = Writer::new(Style::Answer, 0, meter);
    writer.write(value)?;
    Ok(Some(writer.text))
}

/// Whether `JSON.stringify` leaves the value out of a map.
pub(super) fn is_dropped(value: &Value) -> bool {
    matches!(value, Value::Undefined | Value::Callable(_))
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Encode,
    Answer,
}

struct Writer<'m> {
    text: String,
    style: Style,
    indent: usize,
    meter: &'m mut Meter,
    counted: usize,
}

/// A container that is being written.
enum Open<'v> {
    Array(std::slice::Iter<'v, Value>),
    Map(Box<dyn Iterator<Item = (&'v Text, &'v Value)> + 'v>),
}

impl<'m> Writer<'m> {
    fn new(style: Style, indent: usize, meter: &'m mut Meter) -> Self {
        Self { text: String::new(), style, indent, meter, counted: 0 }
    }

    fn write(&mut self, value: &Value) -> Result<(), Fault> {
        let mut open: Vec<(Open<'_>, bool)> = Vec::new();
        self.enter(value, &mut open)?;
        while let Some((container, is_first)) = open.last_mut() {
            let first = *is_first;
            let next = match container {
                Open::Array(items) => items.next().map(|item| (None, item)),
                Open::Map(entries) => entries.next().map(|(key, item)| (Some(key), item)),
            };
            let is_array = matches!(container, Open::Array(_));
            let Some((key, item)) = next else {
                open.pop();
                if !first {
                    self.line(open.len());
                }
                self.text.push(if is_array { ']' } else { '}' });
                continue;
            };
            if key.is_some() && self.style == Style::Answer && is_dropped(item) {
                continue;
            }
            *is_first = false;
            if !first {
                self.text.push(',');
            }
            self.line(open.len());
            if let Some(key) = key {
                write_string(&mut self.text, key);
                self.text.push_str(if self.indent == 0 { ":" } else { ": " });
            }
            self.enter(item, &mut open)?;
        }
        self.count()
    }

    /// Writes a scalar, or opens a container.
    fn enter<'v>(
        &mut self,
        value: &'v Value,
        open: &mut Vec<(Open<'v>, bool)>,
    ) -> Result<(), Fault> {
        match value {
            Value::Array(array) => {
                self.text.push('[');
                open.push((Open::Array(array.items().iter()), true));
            }
            Value::Map(map) => {
                self.text.push('{');
                open.push((Open::Map(Box::new(map.iter())), true));
            }
            Value::Undefined | Value::Null => self.text.push_str("null"),
            Value::Boolean(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) if number.is_finite() => {
                self.text.push_str(ryu_js::Buffer::new().format_finite(*number));
            }
            Value::Number(number) if self.style == Style::Answer || number.is_nan() => {
                self.text.push_str("null");
            }
            Value::String(text) => write_string(&mut self.text, text),
            Value::RegExp(_) if self.style == Style::Answer => self.text.push_str("{}"),
            Value::Callable(_) if self.style == Style::Answer => self.text.push_str("null"),
            Value::Number(_) | Value::RegExp(_) | Value::Callable(_) => {
                write_string(&mut self.text, &value.as_text());
            }
        }
        self.meter.spend(1)?;
        if self.text.len() - self.counted > 4096 {
            self.count()?;
        }
        Ok(())
    }

    fn line(&mut self, depth: usize) {
        if self.indent > 0 {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', depth * self.indent));
        }
    }

    fn count(&mut self) -> Result<(), Fault> {
        self.meter.fits(self.text.len())?;
        let grown = self.text.len() - self.counted;
        self.counted = self.text.len();
        self.meter.allocate(grown)?;
        self.meter.spend(grown as u64 / 64)
    }
}

/// ECMA-262 §25.5.2.3 QuoteJSONString.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut done = 0;
    for (place, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            0..=31 => "",
            _ => continue,
        };
        out.push_str(&text[done..place]);
        out.push_str(escape);
        if escape.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        }
        done = place + 1;
    }
    out.push_str(&text[done..]);
    out.push('"');
}
