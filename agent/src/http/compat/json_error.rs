//! What JavaScript says about a text that is no JSON.
//!
//! Source: V8 as in Node 20. Programs compare these texts. Only for texts that the JSON reader
//! refused; positions count UTF-16 units.

/// Characters of the text that are shown on each side of the place.
const CONTEXT_UNITS: usize = 10;

/// The error of `JSON.parse`, as text.
pub(super) fn describe(text: &str) -> String {
    let scan = Scan { units: text.encode_utf16().collect(), at: 0 };
    format!("SyntaxError: {}", scan.whole())
}

/// The error for a text that is neither an object nor a list, though it may be JSON.
pub(super) fn neither_object_nor_list(text: &str) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let blank = |unit: &u16| [0x20, 0x09, 0x0a, 0x0d].contains(unit);
    match units.iter().position(|unit| !blank(unit)) {
        None => "SyntaxError: Unexpected end of JSON input".into(),
        Some(at) => {
            let scan = Scan { units, at };
            format!("SyntaxError: {}", scan.unexpected_character())
        }
    }
}

struct Scan {
    units: Vec<u16>,
    at: usize,
}

#[derive(Clone, Copy)]
enum Open {
    List,
    Map,
}

impl Scan {
    fn peek(&self) -> Option<u8> {
        // What is beyond ASCII is no part of JSON's grammar.
        self.units.get(self.at).map(|unit| u8::try_from(*unit).unwrap_or(0xff))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads a document; always ends with what is wrong.
    fn whole(mut self) -> String {
        self.document().err().unwrap_or_else(|| "Unexpected end of JSON input".into())
    }

    fn document(&mut self) -> Result<(), String> {
        let mut open: Vec<Open> = vec![];
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    self.skip_blanks();
                    if self.peek() != Some(b'}') {
                        self.first_name()?;
                        open.push(Open::Map);
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'[') => {
                    self.at += 1;
                    self.skip_blanks();
                    if self.peek() != Some(b']') {
                        open.push(Open::List);
                        continue;
                    }
                    self.at += 1;
                }
                _ => self.scalar()?,
            }
            if !self.after_value(&mut open)? {
                return Ok(());
            }
        }
    }

    /// Closes what ends here; whether another value must follow.
    fn after_value(&mut self, open: &mut Vec<Open>) -> Result<bool, String> {
        loop {
            self.skip_blanks();
            match (open.last(), self.peek()) {
                (None, None) => return Ok(false),
                (None, Some(_)) => {
                    return Err(self.here("Unexpected non-whitespace character after JSON"));
                }
                (Some(Open::List), Some(b',')) => {
                    self.at += 1;
                    return Ok(true);
                }
                (Some(Open::Map), Some(b',')) => {
                    self.at += 1;
                    self.next_name()?;
                    return Ok(true);
                }
                (Some(Open::List), Some(b']')) | (Some(Open::Map), Some(b'}')) => {
                    self.at += 1;
                    open.pop();
                }
                (Some(Open::List), _) => {
                    return Err(self.here("Expected ',' or ']' after array element in JSON"));
                }
                (Some(Open::Map), _) => {
                    return Err(self.here("Expected ',' or '}' after property value in JSON"));
                }
            }
        }
    }

    fn first_name(&mut self) -> Result<(), String> {
        if self.peek() != Some(b'"') {
            return Err(self.here("Expected property name or '}' in JSON"));
        }
        self.string()?;
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.here("Expected ':' after property name in JSON"));
        }
        self.at += 1;
        Ok(())
    }

    /// V8 has another text for the colon of names after the first.
    fn next_name(&mut self) -> Result<(), String> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return Err(self.here("Expected double-quoted property name in JSON"));
        }
        self.string()?;
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), String> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.unexpected()),
        }
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for byte in word.bytes() {
            if self.peek() != Some(byte) {
                return Err(self.unexpected());
            }
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(self.here("Unterminated string in JSON")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(0..=0x1f) => {
                    return Err(self.here("Bad control character in string literal in JSON"));
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.peek() {
            None => Err(self.unexpected()),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                for _ in 0..4 {
                    self.at += 1;
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.here("Bad Unicode escape in JSON"));
                    }
                }
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.here("Bad escaped character in JSON")),
        }
    }

    fn number(&mut self) -> Result<(), String> {
        if self.peek() == Some(b'-') {
            self.at += 1;
            if !self.is_digit() {
                return Err(self.here("No number after minus sign in JSON"));
            }
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.is_digit() {
                return Err(self.here("Unexpected number in JSON"));
            }
        }
        self.digits();
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !self.is_digit() {
                return Err(self.here("Unterminated fractional number in JSON"));
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !self.is_digit() {
                return Err(self.here("Exponent part is missing a number in JSON"));
            }
            self.digits();
        }
        Ok(())
    }

    fn is_digit(&self) -> bool {
        self.peek().is_some_and(|byte| byte.is_ascii_digit())
    }

    fn digits(&mut self) {
        while self.is_digit() {
            self.at += 1;
        }
    }

    fn here(&self, what: &str) -> String {
        format!("{what} at position {}", self.at)
    }

    fn unexpected(&self) -> String {
        match self.peek() {
            None => "Unexpected end of JSON input".into(),
            Some(b'-' | b'0'..=b'9') => self.here("Unexpected number in JSON"),
            Some(b'"') => self.here("Unexpected string in JSON"),
            Some(_) => self.unexpected_character(),
        }
    }

    fn unexpected_character(&self) -> String {
        let length = self.units.len();
        let text = |from: usize, to: usize| {
            String::from_utf16_lossy(self.units.get(from..to).unwrap_or_default())
        };
        let token = text(self.at, self.at + 1);
        if length <= 2 * CONTEXT_UNITS {
            return format!(
                "Unexpected token '{token}', \"{}\" is not valid JSON",
                text(0, length)
            );
        }
        let (from, before) =
            self.at.checked_sub(CONTEXT_UNITS).map_or((0, ""), |from| (from, "..."));
        let to = self.at + CONTEXT_UNITS;
        let (to, after) = if to < length { (to, "...") } else { (length, "") };
        format!(
            "Unexpected token '{token}', {before}\"{}\"{after} is not valid JSON",
            text(from, to)
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As Node 20 says it.
    #[test]
    fn errors_are_those_of_v8() {
        let cases = include_str!("vectors/json_errors.json");
        let cases: Vec<(String, String)> = serde_json::from_str(cases).unwrap();
        for (text, error) in cases {
            assert_eq!(describe(&text), format!("SyntaxError: {error}"), "{text}");
        }
    }

    #[test]
    fn only_objects_and_lists_are_taken() {
        let cases = [
            ("5", "Unexpected token '5', \"5\" is not valid JSON"),
            ("\"abc\"", "Unexpected token '\"', \"\"abc\"\" is not valid JSON"),
            (" \n", "Unexpected end of JSON input"),
            ("  x", "Unexpected token 'x', \"  x\" is not valid JSON"),
        ];
        for (text, error) in cases {
            assert_eq!(neither_object_nor_list(text), format!("SyntaxError: {error}"), "{text}");
        }
    }
}
