//! From text to tokens.
//!
//! Source: krl-parser 1.4, tokenizer. Comments and white space are left out; what cannot be a
//! token becomes one that says so, and the parser reports it when it comes there.

use crate::ast::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Kind {
    Symbol,
    Number,
    String,
    RegExp,
    ChevronOpen,
    ChevronText,
    BeestingOpen,
    BeestingClose,
    ChevronClose,
    /// An operator or a bracket.
    Raw,
    /// No character of the language.
    Illegal,
    /// Something that was opened is not closed; this should have stood at the end.
    MissingClose(&'static str),
    /// The end of the text.
    End,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// As it is written.
    pub text: &'s str,
    /// Where it stands.
    pub span: Span,
}

/// A comment, for the formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment<'s> {
    /// As it is written, without the line's end.
    pub text: &'s str,
    /// Where it stands.
    pub span: Span,
}

/// Longest first where one begins another.
const RAW: &[&str] = &[
    "<=>", "<=", "<", "||", "|", "==", "=>", "=", ":=", ":", ">=", "><", ">", "&&", "!=", "(", ")",
    "{", "}", "[", "]", ",", "/", ".", "-", "%", "+", ";", "*",
];

/// The tokens of a text, the end included.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    Lexer::run(source).tokens
}

/// The comments of a text.
pub fn comments(source: &str) -> Vec<Comment<'_>> {
    Lexer::run(source).comments
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<Token<'s>>,
    comments: Vec<Comment<'s>>,
    /// For each beesting that is open, how many braces are open in it.
    beestings: Vec<u32>,
}

impl<'s> Lexer<'s> {
    fn run(source: &'s str) -> Self {
        let (tokens, comments, beestings) = (vec![], vec![], vec![]);
        let mut lexer = Self { source, at: 0, tokens, comments, beestings };
        while let Some(c) = lexer.rest().chars().next() {
            lexer.next(c);
        }
        lexer.push(Kind::End, 0);
        lexer
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let span = Span { start: self.at as u32, end: (self.at + length) as u32 };
        let text = &self.source[self.at..self.at + length];
        self.tokens.push(Token { kind, text, span });
        self.at += length;
    }

    fn next(&mut self, c: char) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        match c {
            _ if is_space(c) => self.at += c.len_utf8(),
            '/' if rest.starts_with("//") => {
                let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
                self.comment(length);
            }
            '/' if rest.starts_with("/*") => match rest[2..].find("*/") {
                Some(inner) => self.comment(inner + 4),
                None => self.push(Kind::MissingClose("*/"), rest.len()),
            },
            '0'..='9' => {
                let whole = digits(bytes);
                let length = match bytes.get(whole..whole + 2) {
                    Some([b'.', b'0'..=b'9']) => whole + 1 + digits(&bytes[whole + 1..]),
                    _ => whole,
                };
                self.push(Kind::Number, length);
            }
            '.' if bytes.get(1).is_some_and(u8::is_ascii_digit) => {
                self.push(Kind::Number, 1 + digits(&bytes[1..]));
            }
            '"' => match closing(&bytes[1..], b'"') {
                Some(inner) => self.push(Kind::String, inner + 2),
                None => self.push(Kind::MissingClose("\""), rest.len()),
            },
            'r' if rest.starts_with("re#") => match closing(&bytes[3..], b'#') {
                Some(inner) => {
                    let end = inner + 4;
                    let flags = bytes[end..].iter().take_while(|b| b"gim".contains(b)).count();
                    self.push(Kind::RegExp, end + flags);
                }
                None => self.push(Kind::MissingClose("#"), rest.len()),
            },
            '<' if rest.starts_with("<<") => {
                self.push(Kind::ChevronOpen, 2);
                self.chevron_body();
            }
            'a'..='z' | 'A'..='Z' | '_' | '$' => {
                let is_symbol = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_' || **b == b'$';
                self.push(Kind::Symbol, bytes.iter().take_while(is_symbol).count());
            }
            '{' => {
                if let Some(open) = self.beestings.last_mut() {
                    *open += 1;
                }
                self.push(Kind::Raw, 1);
            }
            '}' => match self.beestings.last_mut() {
                Some(0) => {
                    self.push(Kind::BeestingClose, 1);
                    self.beestings.pop();
                    self.chevron_body();
                }
                Some(open) => {
                    *open -= 1;
                    self.push(Kind::Raw, 1);
                }
                None => self.push(Kind::Raw, 1),
            },
            _ => match RAW.iter().find(|raw| rest.starts_with(**raw)) {
                Some(raw) => self.push(Kind::Raw, raw.len()),
                None => self.push(Kind::Illegal, c.len_utf8()),
            },
        }
    }

    fn comment(&mut self, length: usize) {
        let span = Span { start: self.at as u32, end: (self.at + length) as u32 };
        let text = &self.source[self.at..self.at + length];
        self.comments.push(Comment { text, span });
        self.at += length;
    }

    /// The text of a chevron up to its end or to a beesting.
    fn chevron_body(&mut self) {
        let bytes = self.rest().as_bytes();
        let mut length = 0;
        let stop = loop {
            match bytes.get(length..) {
                None | Some([]) => break None,
                Some([b'\\', ..]) => length += 2,
                Some([b'#', b'{', ..]) => break Some(Kind::BeestingOpen),
                Some([b'>', b'>', ..]) => break Some(Kind::ChevronClose),
                Some(_) => length += 1,
            }
        };
        // An escape may have stepped into a character of several bytes, or over the end.
        let mut length = length.min(bytes.len());
        while !self.rest().is_char_boundary(length) {
            length += 1;
        }
        if length > 0 {
            self.push(Kind::ChevronText, length);
        }
        // Where there is no stop, the parser misses the end by itself.
        if let Some(stop) = stop {
            if stop == Kind::BeestingOpen {
                self.beestings.push(0);
            }
            self.push(stop, 2);
        }
    }
}

/// Where the closing byte stands, escapes skipped.
fn closing(bytes: &[u8], close: u8) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == close => return Some(at),
            _ => at += 1,
        }
    }
    None
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// JavaScript's `\s`.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<(Kind, &str)> {
        tokens(source).into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn chevrons_nest() {
        use Kind::*;
        assert_eq!(
            kinds("<<a#{ {\"k\":<<b>>} }\\>>c>>"),
            [
                (ChevronOpen, "<<"),
                (ChevronText, "a"),
                (BeestingOpen, "#{"),
                (Raw, "{"),
                (String, "\"k\""),
                (Raw, ":"),
                (ChevronOpen, "<<"),
                (ChevronText, "b"),
                (ChevronClose, ">>"),
                (Raw, "}"),
                (BeestingClose, "}"),
                (ChevronText, "\\>>c"),
                (ChevronClose, ">>"),
                (End, ""),
            ]
        );
    }

    #[test]
    fn what_is_not_closed_says_so() {
        assert_eq!(kinds("\"a\\\"")[0].0, Kind::MissingClose("\""));
        assert_eq!(kinds("/*/")[0].0, Kind::MissingClose("*/"));
        assert_eq!(kinds("re#a")[0].0, Kind::MissingClose("#"));
        assert_eq!(
            kinds("<<a"),
            [(Kind::ChevronOpen, "<<"), (Kind::ChevronText, "a"), (Kind::End, "")]
        );
    }
}
