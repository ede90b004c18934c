//! The ruleset, and how the parser goes on after an error.

use super::{Mark, Parser, Read};
use crate::ast::{Declaration, Ruleset, Span};
use crate::diagnostic::Diagnostic;
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn ruleset(&mut self) -> Read<Ruleset> {
        self.check()?;
        let start = self.token().span;
        self.symbol("ruleset")?;
        let rid = self.rid()?;
        self.raw("{")?;
        let mut version = None;
        self.mark(Mark::Line);
        if self.take_symbol("version")? {
            if self.token().kind != Kind::String {
                return self.expected("String");
            }
            version = Some(self.expression(0)?);
        }
        self.mark(Mark::Line);
        let meta = match self.meta() {
            Ok(meta) => meta,
            Err(error) => {
                self.report(error);
                self.skip_to_block();
                None
            }
        };
        self.mark(Mark::Line);
        let global = self.global()?;
        let mut rules = vec![];
        while self.is_symbol("rule") {
            self.mark(Mark::Line);
            match self.rule() {
                Ok(rule) => rules.push(rule),
                Err(error) => {
                    self.report(error);
                    self.advance_over();
                    self.skip_to_block();
                }
            }
        }
        let close = self.raw("}")?;
        Ok(Ruleset { rid, version, meta, global, rules, span: start.to(close.span) })
    }

    fn global(&mut self) -> Read<Vec<Declaration>> {
        if !self.take_symbol("global")? {
            return Ok(vec![]);
        }
        self.raw("{")?;
        let mut all = vec![];
        loop {
            let error = match self.declarations_into(&mut all) {
                Ok(()) if self.take_raw("}") => return Ok(all),
                Ok(()) => Diagnostic::error("Expected a declaration", self.token().span),
                Err(error) => error,
            };
            self.report(error);
            if !self.skip_to_declaration() {
                self.skip_to_block();
                return Ok(all);
            }
        }
    }

    fn declarations_into(&mut self, all: &mut Vec<Declaration>) -> Read<()> {
        self.check()?;
        while self.token().is_name() && self.peek(1).is_raw("=") {
            self.mark(Mark::Line);
            all.push(self.declaration()?);
            self.take_raw(";");
            self.check()?;
        }
        Ok(())
    }

    /// Goes on even over what is no token.
    fn advance_over(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    /// Goes to the next declaration that begins a line of thought: a name and `=` outside of
    /// brackets. False when a rule or the end comes first.
    fn skip_to_declaration(&mut self) -> bool {
        self.advance_over();
        let mut open = 0_i32;
        loop {
            let token = self.token();
            if token.kind == Kind::End || self.is_block_start() {
                return false;
            }
            if open <= 0 && token.is_name() && self.peek(1).is_raw("=") {
                return true;
            }
            if open <= 0 && token.is_raw("}") {
                return true;
            }
            open += opening(token.text);
            self.advance_over();
        }
    }

    /// Goes to the next `global {` or `rule NAME`, or to the end.
    fn skip_to_block(&mut self) {
        while self.token().kind != Kind::End && !self.is_block_start() {
            self.advance_over();
        }
        if self.token().kind == Kind::End {
            // The brace that closes the ruleset, if it is there, is not to be missed once more.
            let before = self.at.saturating_sub(1);
            if self.tokens[before].is_raw("}") {
                self.at = before;
            }
        }
    }

    fn is_block_start(&self) -> bool {
        let (next, after) = (self.peek(1), self.peek(2));
        let is_rule = self.is_symbol("rule")
            && next.kind == Kind::Symbol
            && (after.is_raw("{") || after.is_symbol("is"));
        is_rule || (self.is_symbol("global") && next.is_raw("{"))
    }

    pub(super) fn here(&self) -> Span {
        self.token().span
    }
}

fn opening(text: &str) -> i32 {
    match text {
        "{" | "(" | "[" => 1,
        "}" | ")" | "]" => -1,
        _ => 0,
    }
}
