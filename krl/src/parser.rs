//! From tokens to a tree, with every error of a file.
//!
//! Source: krl-parser 1.4, whose messages and places the first error has. After an error the
//! parser goes on behind the declaration or the rule that it stands in.

#![expect(clippy::wildcard_enum_match_arm, reason = "most tokens are none of what is looked for")]

mod event;
mod expression;
mod layout;
mod meta;
mod postlude;
mod rule;
mod ruleset;

use crate::ast::{Declaration, Expression, Identifier, Ruleset, Source, Span};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Kind, Token, tokens};
pub(crate) use layout::{BREAK_CHAIN, Mark, Marks};

/// Largest source, in bytes.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;
/// How deeply the tree of an expression may nest; a chain of operators nests too.
pub const NESTING_MAX: u32 = 250;
/// How deeply brackets, functions and operands may stand in one another.
const RECURSION_MAX: u32 = 128;
/// Errors reported of one source.
const ERRORS_MAX: usize = 100;

/// Words that no expression may use as a name.
const RESERVED: &[&str] =
    &["defaction", "function", "return", "not", "setting", "null", "true", "false"];

/// A source that was read.
#[derive(Debug)]
pub struct Parsed {
    /// The ruleset, as far as it could be read.
    pub ruleset: Option<Ruleset>,
    /// What is wrong, in the order of the source. Empty when the ruleset is whole.
    pub errors: Vec<Diagnostic>,
}

/// Reads a ruleset.
pub fn parse(source: &str) -> Parsed {
    if let Err(error) = check_size(source) {
        return Parsed { ruleset: None, errors: vec![error] };
    }
    let mut parser = Parser::new(source);
    let ruleset = parser.ruleset();
    let ruleset = match ruleset.and_then(|ruleset| parser.end().map(|()| ruleset)) {
        Ok(ruleset) => Some(ruleset),
        Err(error) => {
            parser.report(error);
            None
        }
    };
    Parsed { ruleset, errors: parser.errors }
}

/// Reads an expression.
pub fn parse_expression(source: &str) -> Result<Expression, Vec<Diagnostic>> {
    check_size(source).map_err(|error| vec![error])?;
    let mut parser = Parser::new(source);
    let read = parser.expression(0).and_then(|read| parser.end().map(|()| read));
    parser.finish(read)
}

/// Reads a ruleset, or declarations and then at most one expression.
pub fn parse_source(source: &str) -> Result<Source, Vec<Diagnostic>> {
    check_size(source).map_err(|error| vec![error])?;
    let mut parser = Parser::new(source);
    if parser.is_symbol("ruleset") {
        let parsed = parse(source);
        return match parsed.ruleset {
            Some(ruleset) if parsed.errors.is_empty() => Ok(Source::Ruleset(Box::new(ruleset))),
            _ => Err(parsed.errors),
        };
    }
    let read = parser.snippet();
    parser.finish(read)
}

/// Reads a ruleset for the formatter: what its tokens alone do not say.
pub(crate) fn parse_layout(source: &str) -> Result<Marks, Vec<Diagnostic>> {
    check_size(source).map_err(|error| vec![error])?;
    let mut parser = Parser::new(source);
    let read = parser.ruleset().and_then(|_| parser.end());
    let marks = std::mem::take(&mut parser.marks);
    parser.finish(read).map(|()| marks)
}

fn check_size(source: &str) -> Result<(), Diagnostic> {
    match source.len() > SOURCE_BYTES_MAX {
        true => Err(Diagnostic::error("limit SOURCE_BYTES_MAX reached", Span::default())),
        false => Ok(()),
    }
}

type Read<T> = Result<T, Diagnostic>;

struct Parser<'s> {
    tokens: Vec<Token<'s>>,
    at: usize,
    /// How deep the tree is here.
    depth: u32,
    /// How deep the parser's own calls are here.
    recursion: u32,
    errors: Vec<Diagnostic>,
    marks: Marks,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Self {
        let (tokens, errors, marks) = (tokens(source), vec![], vec![]);
        Self { tokens, at: 0, depth: 0, recursion: 0, errors, marks }
    }

    /// Enters something that may hold its like; whoever enters comes back to `deep`.
    fn enter(&mut self) -> Read<(u32, u32)> {
        let deep = (self.depth, self.recursion);
        if deep.0 >= NESTING_MAX || deep.1 >= RECURSION_MAX {
            return Err(too_deep(self.token().span));
        }
        self.depth += 1;
        self.recursion += 1;
        Ok(deep)
    }

    /// An operator nests the tree one deeper.
    fn deepen(&mut self, span: Span) -> Read<()> {
        self.depth += 1;
        match self.depth >= NESTING_MAX {
            true => Err(too_deep(span)),
            false => Ok(()),
        }
    }

    fn finish<T>(mut self, read: Read<T>) -> Result<T, Vec<Diagnostic>> {
        match read {
            Ok(read) if self.errors.is_empty() => Ok(read),
            Ok(_) => Err(self.errors),
            Err(error) => {
                self.report(error);
                Err(self.errors)
            }
        }
    }

    fn report(&mut self, error: Diagnostic) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(error);
        }
    }

    /// Declarations and then at most one expression.
    fn snippet(&mut self) -> Read<Source> {
        let (mut declarations, mut result) = (vec![], None);
        while self.token().kind != Kind::End {
            match self.peek(1).is_raw("=") && self.token().kind == Kind::Symbol {
                true => declarations.push(self.declaration()?),
                false => result = Some(self.expression(0)?),
            }
            self.take_raw(";");
        }
        Ok(Source::Snippet { declarations, result })
    }

    /// The token that is looked at.
    fn token(&self) -> Token<'s> {
        self.peek(0)
    }

    fn peek(&self, ahead: usize) -> Token<'s> {
        // The last token is the end, and nothing goes past it.
        self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    /// Goes on to the next token. What is no token at all is an error as soon as one gets there.
    fn advance(&mut self) -> Read<Token<'s>> {
        let token = self.token();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        self.check()?;
        Ok(token)
    }

    /// Refuses a token that is none.
    fn check(&self) -> Read<()> {
        let token = self.token();
        match token.kind {
            Kind::MissingClose(close) => {
                Err(Diagnostic::error(format!("Missing close {close}"), token.span))
            }
            Kind::Illegal => Err(Diagnostic::error("Unsupported characters", token.span)),
            _ => Ok(()),
        }
    }

    fn expected<T>(&self, what: &str) -> Read<T> {
        Err(Diagnostic::error(format!("Expected {what}"), self.token().span))
    }

    fn is_symbol(&self, text: &str) -> bool {
        self.token().is_symbol(text)
    }

    fn is_raw(&self, text: &str) -> bool {
        self.token().is_raw(text)
    }

    fn take_symbol(&mut self, text: &str) -> Read<bool> {
        let is_here = self.is_symbol(text);
        if is_here {
            self.advance()?;
        }
        Ok(is_here)
    }

    /// Takes an operator if it is here. An error behind it shows when the next token is looked at.
    fn take_raw(&mut self, text: &str) -> bool {
        let is_here = self.is_raw(text);
        if is_here {
            self.at += 1;
        }
        is_here
    }

    fn symbol(&mut self, text: &str) -> Read<Token<'s>> {
        self.check()?;
        match self.is_symbol(text) {
            true => self.advance(),
            false => self.expected(&format!("`{text}`")),
        }
    }

    fn raw(&mut self, text: &str) -> Read<Token<'s>> {
        self.check()?;
        // Other braces open with their operators.
        if text == "{" {
            self.mark(Mark::Block);
        }
        match self.is_raw(text) {
            true => self.advance(),
            false => self.expected(&format!("`{text}`")),
        }
    }

    /// Any word.
    fn word(&mut self, what: &str) -> Read<Identifier> {
        self.check()?;
        match self.token().kind {
            Kind::Symbol => Ok(self.advance()?.into()),
            _ => self.expected(what),
        }
    }

    /// A word that may be a name.
    fn identifier(&mut self) -> Read<Identifier> {
        self.check()?;
        match self.token().is_name() {
            true => Ok(self.advance()?.into()),
            false => self.expected("Identifier"),
        }
    }

    fn identifiers(&mut self) -> Read<Vec<Identifier>> {
        let mut list = vec![self.identifier()?];
        while self.take_raw(",") {
            list.push(self.identifier()?);
        }
        Ok(list)
    }

    /// Marks the token that is looked at.
    fn mark(&mut self, mark: Mark) {
        self.marks.push((self.token().span.start, mark));
    }

    /// `(a, b)` after `setting`.
    fn setting(&mut self) -> Read<(Vec<Identifier>, Span)> {
        self.mark(Mark::Tight);
        self.raw("(")?;
        let names = self.identifiers()?;
        let close = self.raw(")")?;
        Ok((names, close.span))
    }

    fn declaration(&mut self) -> Read<Declaration> {
        self.check()?;
        let start = self.token();
        if !start.is_name() {
            return self.expected("a declaration");
        }
        self.advance()?;
        if !self.take_raw("=") {
            return Err(Diagnostic::error("Expected a declaration", start.span)
                .with_hint("a declaration is `name = expression`"));
        }
        self.check()?;
        let value = self.expression(0)?;
        let span = start.span.to(value.span);
        Ok(Declaration { name: start.into(), value, span })
    }

    /// Declarations as long as there are some.
    fn declarations(&mut self) -> Read<Vec<Declaration>> {
        let mut list = vec![];
        self.check()?;
        while self.token().is_name() && self.peek(1).is_raw("=") {
            self.mark(Mark::Line);
            list.push(self.declaration()?);
            self.take_raw(";");
            self.check()?;
        }
        Ok(list)
    }

    fn end(&mut self) -> Read<()> {
        self.check()?;
        match self.token() {
            Token { kind: Kind::End, .. } => Ok(()),
            token => {
                let id = token.rule();
                Err(Diagnostic::error(format!("Expected `(end)` but was {id}"), token.span))
            }
        }
    }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(format!("limit NESTING_MAX ({NESTING_MAX}) reached"), span)
        .with_hint("give a part of the expression a name")
}

impl<'s> Token<'s> {
    fn is_symbol(&self, text: &str) -> bool {
        self.kind == Kind::Symbol && self.text == text
    }

    fn is_raw(&self, text: &str) -> bool {
        self.kind == Kind::Raw && self.text == text
    }

    fn is_name(&self) -> bool {
        self.kind == Kind::Symbol && !RESERVED.contains(&self.text)
    }

    /// How the reference calls what it found.
    fn rule(&self) -> &'s str {
        match self.kind {
            Kind::Symbol if !event::is_operator(self.text) && !RESERVED.contains(&self.text) => {
                "SYMBOL"
            }
            Kind::Number => "NUMBER",
            Kind::String => "STRING",
            Kind::RegExp => "REGEXP",
            Kind::ChevronOpen => "CHEVRON-OPEN",
            Kind::ChevronText => "CHEVRON-STRING",
            Kind::BeestingOpen => "CHEVRON-BEESTING-OPEN",
            Kind::BeestingClose => "CHEVRON-BEESTING-CLOSE",
            Kind::ChevronClose => "CHEVRON-CLOSE",
            _ => self.text,
        }
    }
}

impl From<Token<'_>> for Identifier {
    fn from(token: Token<'_>) -> Self {
        Self { name: token.text.into(), span: token.span }
    }
}

#[cfg(test)]
mod tests;
