//! Names of groups.

use super::{Parser, Result};
use crate::regex::error::Refusal;
use crate::value::Text;

const INVALID: Refusal = Refusal::Syntax("Invalid capture group name");

impl Parser {
    /// A name up to its `>`. The place is after the `<`.
    pub(super) fn group_name(&mut self) -> Result<Text> {
        let mut name = String::new();
        loop {
            let Some(mut c) = self.peek() else { return Err(INVALID) };
            self.at += 1;
            if c == '>' && !name.is_empty() {
                return Ok(name.into());
            }
            if c == '\\' {
                if !self.eat('u') {
                    return Err(INVALID);
                }
                let code = self.unicode_escape(true);
                c = code
                    .and_then(char::from_u32)
                    .ok_or(Refusal::Syntax("Invalid Unicode escape"))?;
            }
            let is_first = name.is_empty();
            let is_allowed = match c {
                '$' | '_' => true,
                '\u{200c}' | '\u{200d}' => !is_first,
                _ => c.is_alphabetic() || (c.is_alphanumeric() && !is_first),
            };
            if !is_allowed {
                return Err(INVALID);
            }
            name.push(c);
        }
    }
}
