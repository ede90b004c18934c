//! JSON read strictly: what is not exactly what it seems is refused.
//!
//! Source: RFC 8259; bad-input policy of this project. `serde_json` keeps the last of two equal
//! keys and turns 2^64 into a float; a message whose meaning depends on the reader has no
//! meaning, so this reader refuses duplicate keys at every level, lone surrogates, and numbers
//! that would change on the way through (`i64`, `u64` or the shortest form of an `f64`).
//! The values are bounded in depth and in number before memory is spent on them.
//!
//! Absent on purpose: typed decoding, which stays with serde on the resulting [`Value`].

mod number;

use serde_json::{Map, Value};

use crate::Error;

/// Deepest nesting of arrays and objects in anything that a peer sends.
pub const JSON_DEPTH_MAX: usize = 64;
/// Most values (scalars, arrays, objects) in one document: bounds memory to some tens of bytes each.
pub const JSON_VALUES_MAX: usize = 100_000;

/// Checks `bytes` as [`parse`] does and forgets the value.
///
/// # Errors
/// As [`parse`].
pub fn check(bytes: &[u8], depth_max: usize) -> Result<(), Error> {
    parse(bytes, depth_max).map(drop)
}

/// Parses one JSON document strictly.
///
/// # Errors
/// [`Error::Empty`], [`Error::Json`], [`Error::TooDeep`], [`Error::DuplicateKey`].
pub fn parse(bytes: &[u8], depth_max: usize) -> Result<Value, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Error::Json("not utf-8"))?;
    let mut reader = Reader { text, at: 0, depth_left: depth_max, values_left: JSON_VALUES_MAX };
    let value = reader.value()?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(Error::Json("something after the end"));
    }
    Ok(value)
}

/// Parses one JSON object strictly.
///
/// # Errors
/// As [`parse`]; [`Error::Json`] when it is something else than an object.
pub fn parse_object(bytes: &[u8], depth_max: usize) -> Result<Map<String, Value>, Error> {
    match parse(bytes, depth_max)? {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Error::Json("not an object"))
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth_left: usize,
    values_left: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Value, Error> {
        self.values_left = self.values_left.checked_sub(1).ok_or(Error::Json("too many values"))?;
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(Error::Json("not a value")),
            None => Err(Error::Json("truncated")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Error> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(Error::Json("not a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Error::TooDeep)?;
        self.at += 1;
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut map = Map::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::Object(map));
        }
        loop {
            self.skip_space();
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(Error::Json("no colon after a key"));
            }
            if map.contains_key(&key) {
                return Err(Error::DuplicateKey);
            }
            let value = self.value()?;
            map.insert(key, value);
            self.skip_space();
            if self.take(b'}') {
                return Ok(Value::Object(map));
            }
            if !self.take(b',') {
                return Err(Error::Json("object not closed"));
            }
        }
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(Error::Json("array not closed"));
            }
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        if !self.take(b'"') {
            return Err(Error::Json("no string"));
        }
        let mut text = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|b| b != b'"' && b != b'\\' && b >= b' ') {
                self.at += 1;
            }
            // Both ends stand at an ASCII byte, so this never cuts a character.
            text.push_str(&self.text[start..self.at]);
            if self.take(b'"') {
                return Ok(text);
            }
            if !self.take(b'\\') {
                return Err(Error::Json("string not closed"));
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let byte = self.peek().ok_or(Error::Json("truncated"))?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Error::Json("bad escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.hex4()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let paired = self.take(b'\\') && self.take(b'u');
            let second = if paired { self.hex4()? } else { 0 };
            if !(0xdc00..0xe000).contains(&second) {
                return Err(Error::Json("lone surrogate"));
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or(Error::Json("lone surrogate"))
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Error::Json("bad escape"));
        }
        let code = digits
            .iter()
            .fold(0, |code, digit| code * 16 + char::from(*digit).to_digit(16).unwrap_or_default());
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut is_integer = true;
        if self.take(b'.') {
            is_integer = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_integer = false;
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let literal = &self.text[start..self.at];
        let number = if is_integer { number::integer(literal) } else { number::decimal(literal) };
        number.map(Value::Number).ok_or(Error::Json("number out of range"))
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(Error::Json("bad number")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
