//! JSON text to values.

use crate::fault::Fault;
use crate::library::Meter;
use crate::value::{Array, DEPTH_MAX, Map, Text, Value};

/// About what a value in a container takes.
const VALUE_BYTES: usize = 32;
/// About what an entry of a map takes beyond its value.
const ENTRY_BYTES: usize = 64;

/// Reads JSON; `Ok(None)` when the text is not JSON.
pub fn decode(text: &str, meter: &mut Meter) -> Result<Option<Value>, Fault> {
    let mut reader = Reader { text, at: 0, bytes: 0 };
    match reader.document(meter) {
        Ok(value) => {
            meter.allocate(reader.bytes)?;
            Ok(Some(value))
        }
        Err(Refusal::Syntax) => Ok(None),
        Err(Refusal::Fault(fault)) => Err(fault),
    }
}

enum Refusal {
    Syntax,
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    bytes: usize,
}

/// A container that is being read.
enum Open {
    Array(Vec<Value>),
    Map(Vec<(Text, Value)>, Text),
}

impl Reader<'_> {
    fn document(&mut self, meter: &mut Meter) -> Result<Value, Refusal> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.charge(VALUE_BYTES, meter)?;
            let mut value = match self.value(&mut open)? {
                Some(value) => value,
                None => continue,
            };
            // The value is complete: so may be the containers around it.
            loop {
                let Some(mut container) = open.pop() else {
                    self.blanks();
                    return if self.at == self.text.len() {
                        Ok(value)
                    } else {
                        Err(Refusal::Syntax)
                    };
                };
                let end = match &mut container {
                    Open::Array(items) => {
                        items.push(value);
                        b']'
                    }
                    Open::Map(entries, key) => {
                        self.charge(ENTRY_BYTES + key.len(), meter)?;
                        entries.push((std::mem::take(key), value));
                        b'}'
                    }
                };
                self.blanks();
                match self.next()? {
                    b',' => {
                        if let Open::Map(_, key) = &mut container {
                            *key = self.key()?;
                        }
                        open.push(container);
                        break;
                    }
                    byte if byte == end => value = close(container)?,
                    _ => return Err(Refusal::Syntax),
                }
            }
        }
    }

    /// A value that is complete, or the start of a container that is not empty.
    fn value(&mut self, open: &mut Vec<Open>) -> Result<Option<Value>, Refusal> {
        self.blanks();
        let start = self.at;
        Ok(Some(match self.next()? {
            b'{' => {
                self.blanks();
                if self.take(b'}') {
                    return Ok(Some(Value::Map(Map::default())));
                }
                let key = self.key()?;
                self.open(open, Open::Map(Vec::new(), key))?;
                return Ok(None);
            }
            b'[' => {
                self.blanks();
                if self.take(b']') {
                    return Ok(Some(Value::Array(Array::default())));
                }
                self.open(open, Open::Array(Vec::new()))?;
                return Ok(None);
            }
            b'"' => Value::String(self.string()?),
            b't' => self.word("rue", Value::Boolean(true))?,
            b'f' => self.word("alse", Value::Boolean(false))?,
            b'n' => self.word("ull", Value::Null)?,
            b'-' | b'0'..=b'9' => {
                self.at = start;
                Value::Number(self.number()?)
            }
            _ => return Err(Refusal::Syntax),
        }))
    }

    fn open(&self, open: &mut Vec<Open>, container: Open) -> Result<(), Refusal> {
        if open.len() >= DEPTH_MAX as usize {
            return Err(Fault::Limit("DEPTH_MAX").into());
        }
        open.push(container);
        Ok(())
    }

    fn key(&mut self) -> Result<Text, Refusal> {
        self.blanks();
        if !self.take(b'"') {
            return Err(Refusal::Syntax);
        }
        let key = self.string()?;
        self.blanks();
        if self.take(b':') { Ok(key) } else { Err(Refusal::Syntax) }
    }

    fn number(&mut self) -> Result<f64, Refusal> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        self.text[start..self.at].parse().map_err(|_| Refusal::Syntax)
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Refusal::Syntax) }
    }

    /// The rest of a string after its first quote.
    fn string(&mut self) -> Result<Text, Refusal> {
        let mut out = String::new();
        let mut start = self.at;
        loop {
            match self.next()? {
                b'"' if out.is_empty() => return Ok(self.text[start..self.at - 1].into()),
                b'"' => {
                    out.push_str(&self.text[start..self.at - 1]);
                    return Ok(out.into());
                }
                b'\\' => {
                    out.push_str(&self.text[start..self.at - 1]);
                    out.push(self.escape()?);
                    start = self.at;
                }
                0..=31 => return Err(Refusal::Syntax),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                if !(0xD800..0xDC00).contains(&unit) {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let after = self.at;
                if self.take(b'\\') && self.take(b'u') {
                    let low = self.unit()?;
                    if (0xDC00..0xE000).contains(&low) {
                        let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                }
                self.at = after;
                char::REPLACEMENT_CHARACTER
            }
            _ => return Err(Refusal::Syntax),
        })
    }

    fn unit(&mut self) -> Result<u32, Refusal> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.next()?).to_digit(16).ok_or(Refusal::Syntax)?;
            unit = unit * 16 + digit;
        }
        Ok(unit)
    }

    fn word(&mut self, rest: &str, value: Value) -> Result<Value, Refusal> {
        if !self.text.as_bytes()[self.at..].starts_with(rest.as_bytes()) {
            return Err(Refusal::Syntax);
        }
        self.at += rest.len();
        Ok(value)
    }

    fn charge(&mut self, bytes: usize, meter: &mut Meter) -> Result<(), Fault> {
        self.bytes += bytes;
        meter.fits(self.bytes.max(self.at))?;
        meter.spend(1)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, Refusal> {
        let byte = self.peek().ok_or(Refusal::Syntax)?;
        self.at += 1;
        Ok(byte)
    }
}

fn close(container: Open) -> Result<Value, Fault> {
    Ok(match container {
        Open::Array(items) => Value::Array(Array::new(items)?),
        Open::Map(entries, _) => Value::Map(Map::new(entries)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json::{answer, encode};

    fn meter() -> Meter {
        Meter { fuel: 1_000_000, allocated: 0, heap_max: 1 << 20 }
    }

    #[test]
    fn what_is_read_is_written_again() {
        let texts = [
            r#"{"2":1,"10":[true,false,null],"b":{"c":"\u0001\"\\\n😀"},"a":[[],{}]}"#,
            "[0.1,1e+21,-5,123456789012345680000]",
            r#""""#,
        ];
        for text in texts {
            let value = decode(text, &mut meter()).unwrap().unwrap();
            assert_eq!(encode(&value, 0, &mut meter()).unwrap(), text);
        }
        let value = decode(r#" { "a" : [ 1 , {"b":2} , [] ] , "c":null}"#, &mut meter());
        let value = value.unwrap().unwrap();
        let text =
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    },\n    []\n  ],\n  \"c\": null\n}";
        assert_eq!(encode(&value, 2, &mut meter()).unwrap(), text);
        assert_eq!(
            answer(&value, &mut meter()).unwrap().unwrap(),
            r#"{"a":[1,{"b":2},[]],"c":null}"#
        );
    }

    #[test]
    fn escapes_are_read() {
        let value =
            decode(r#""\u00e9\/\ud83d\ude00\ud83d\t\ude00x""#, &mut meter()).unwrap().unwrap();
        assert_eq!(value.as_str(), Some("é/😀\u{FFFD}\t\u{FFFD}x"));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "1.",
            ".5",
            "+1",
            "'a'",
            "[1 2]",
            "nul",
            "\"\n\"",
            "1 2",
            "{a:1}",
            "\"\\x\"",
            "\u{FEFF}1",
            "NaN",
            "[",
            "\"",
            "-",
            "1e",
            "{\"a\"}",
            "]",
        ] {
            assert!(decode(text, &mut meter()).unwrap().is_none(), "{text:?}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = "[".repeat(100_000);
        assert_eq!(decode(&deep, &mut meter()).err(), Some(Fault::Limit("DEPTH_MAX")));
        let wide = format!("[{}0]", "0,".repeat(100_000));
        assert_eq!(decode(&wide, &mut meter()).err(), Some(Fault::Limit("HEAP_BYTES_MAX")));
    }

    #[test]
    fn shared_values_cannot_grow_without_bound() {
        let mut value = Value::Null;
        for _ in 0..100 {
            value = Value::Array(Array::new(vec![value.clone(), value]).unwrap());
        }
        assert_eq!(encode(&value, 0, &mut meter()).err(), Some(Fault::Limit("HEAP_BYTES_MAX")));
    }
}
