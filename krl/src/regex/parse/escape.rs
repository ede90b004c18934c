//! What follows a backslash.

use super::{Atom, Node, Parser, Result};
use crate::regex::class::Shorthand;
use crate::regex::error::Refusal;

/// Characters that may be escaped under the flag `u`.
const SYNTAX: &str = "^$\\.*+?()[]{}|/";

impl Parser {
    /// An escape outside of a class. The place is that of the backslash.
    pub(super) fn atom_escape(&mut self) -> Result<Node> {
        match self.peek_at(1) {
            None => Err(Refusal::Syntax("\\ at end of pattern")),
            Some('1'..='9') => {
                if let Some(group) = self.group_number() {
                    return Ok(Node::BackReference(group));
                }
                if self.unicode {
                    return Err(Refusal::Syntax("Invalid escape"));
                }
                self.at += 1;
                Ok(Node::Char(self.legacy_octal()))
            }
            Some('0') => {
                self.at += 1;
                let is_long = self.peek_at(1).is_some_and(|c| c.is_ascii_digit());
                if self.unicode && is_long {
                    return Err(Refusal::Syntax("Invalid decimal escape"));
                }
                Ok(Node::Char(self.legacy_octal()))
            }
            Some('k') if self.has_names => {
                self.at += 2;
                if !self.eat('<') {
                    return Err(Refusal::Syntax("Invalid named reference"));
                }
                let name = self.group_name()?;
                self.references.push(name);
                Ok(Node::NamedReference(self.references.len() - 1))
            }
            Some(_) => {
                self.at += 1;
                Ok(self.common_escape(false)?.into_node())
            }
        }
    }

    /// An escape in a class. The place is that of the backslash.
    pub(super) fn class_escape(&mut self) -> Result<Atom> {
        self.at += 1;
        match self.peek() {
            None => Err(Refusal::Syntax("\\ at end of pattern")),
            Some('b') => {
                self.at += 1;
                Ok(Atom::Char(8))
            }
            Some('-') if self.unicode => {
                self.at += 1;
                Ok(Atom::Char(u32::from('-')))
            }
            Some(digit @ '0'..='9') => {
                let is_long = self.peek_at(1).is_some_and(|c| c.is_ascii_digit());
                if self.unicode && (digit != '0' || is_long) {
                    return Err(Refusal::Syntax("Invalid class escape"));
                }
                Ok(Atom::Char(self.legacy_octal()))
            }
            Some('k') if self.has_names => Err(Refusal::Syntax("Invalid escape")),
            Some(_) => self.common_escape(true),
        }
    }

    /// An escape that means the same everywhere. The place is after the backslash.
    fn common_escape(&mut self, is_class: bool) -> Result<Atom> {
        let Some(c) = self.peek() else { return Err(Refusal::Syntax("\\ at end of pattern")) };
        self.at += 1;
        Ok(match c {
            'd' | 'D' => Atom::Shorthand(Shorthand::Digit, c == 'D'),
            's' | 'S' => Atom::Shorthand(Shorthand::Space, c == 'S'),
            'w' | 'W' if self.unicode && self.ignore_case => {
                Atom::Shorthand(Shorthand::WordOfAnyCase, c == 'W')
            }
            'w' | 'W' => Atom::Shorthand(Shorthand::Word, c == 'W'),
            't' => Atom::Char(0x09),
            'n' => Atom::Char(0x0a),
            'v' => Atom::Char(0x0b),
            'f' => Atom::Char(0x0c),
            'r' => Atom::Char(0x0d),
            'c' => Atom::Char(self.control(is_class)?),
            'x' => match self.hexadecimal(2) {
                Some(code) => Atom::Char(code),
                None if self.unicode => return Err(Refusal::Syntax("Invalid escape")),
                None => Atom::Char(u32::from('x')),
            },
            'u' => match self.unicode_escape(self.unicode) {
                Some(code) => Atom::Char(code),
                None if self.unicode => return Err(Refusal::Syntax("Invalid Unicode escape")),
                None => Atom::Char(u32::from('u')),
            },
            'p' | 'P' if self.unicode => return Err(Refusal::Syntax("Invalid property name")),
            _ if self.unicode && !SYNTAX.contains(c) => {
                return Err(Refusal::Syntax("Invalid escape"));
            }
            _ => Atom::Char(u32::from(c)),
        })
    }

    /// What follows `\c`. A letter makes a control character; in a class a digit and `_` do too.
    fn control(&mut self, is_class: bool) -> Result<u32> {
        match self.peek() {
            Some(c)
                if c.is_ascii_alphabetic()
                    || (is_class && !self.unicode && (c.is_ascii_digit() || c == '_')) =>
            {
                self.at += 1;
                Ok(u32::from(c) % 32)
            }
            _ if self.unicode => Err(Refusal::Syntax("Invalid Unicode escape")),
            _ => {
                // Annex B: the backslash stands for itself, and the `c` is still to come.
                self.at -= 1;
                Ok(u32::from('\\'))
            }
        }
    }

    /// The number of a group that there is. The place is that of the backslash.
    fn group_number(&mut self) -> Option<u32> {
        let digits = (1..).map_while(|ahead| self.peek_at(ahead)?.to_digit(10));
        let (mut number, mut length) = (0_u32, 1);
        for digit in digits {
            number = number.saturating_mul(10).saturating_add(digit);
            length += 1;
        }
        if number > self.groups_total {
            return None;
        }
        self.at += length;
        Some(number)
    }

    /// Up to three octal digits of a byte; `8` and `9` stand for themselves.
    fn legacy_octal(&mut self) -> u32 {
        let Some(first) = self.peek().and_then(|c| c.to_digit(10)) else { return 0 };
        self.at += 1;
        if first > 7 {
            return first + u32::from('0');
        }
        let mut code = first;
        for _ in 0..2 {
            match self.peek().and_then(|c| c.to_digit(8)) {
                Some(digit) if code * 8 + digit <= 0o377 => code = code * 8 + digit,
                _ => break,
            }
            self.at += 1;
        }
        code
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        let mut code = 0;
        for ahead in 0..digits {
            code = code * 16 + self.peek_at(ahead)?.to_digit(16)?;
        }
        self.at += digits;
        Some(code)
    }

    /// What follows `\u`. Two surrogates in a row are one character.
    pub(super) fn unicode_escape(&mut self, allows_braces: bool) -> Option<u32> {
        if allows_braces && self.peek() == Some('{') {
            return self.braced();
        }
        let high = self.hexadecimal(4)?;
        if !(0xd800..0xdc00).contains(&high) {
            return Some(high);
        }
        let after_high = self.at;
        if self.eat_all("\\u") {
            match self.hexadecimal(4) {
                Some(low) if (0xdc00..0xe000).contains(&low) => {
                    return Some(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00));
                }
                _ => self.at = after_high,
            }
        }
        Some(high)
    }

    /// `{1F600}`
    fn braced(&mut self) -> Option<u32> {
        let (mut code, mut length) = (0_u32, 1);
        while let Some(digit) = self.peek_at(length)?.to_digit(16) {
            code = code.saturating_mul(16).saturating_add(digit);
            length += 1;
        }
        if self.peek_at(length) != Some('}') || length == 1 || code > 0x10_ffff {
            return None;
        }
        self.at += length + 1;
        Some(code)
    }
}
