//! Postludes and their statements.

use super::{Mark, Parser, Read};
use crate::ast::{
    DomainIdentifier, EventName, Expression, Guard, LogLevel, Postlude, Statement, StatementKind,
};
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn postlude(&mut self) -> Read<Option<Postlude>> {
        self.mark(Mark::Line);
        let token = self.token();
        let mut postlude = Postlude { keyword: Some(token.into()), ..Postlude::default() };
        postlude.span = token.span;
        if self.take_symbol("always")? {
            postlude.always = self.statements()?;
            return Ok(Some(postlude));
        }
        let is_fired = self.is_symbol("fired");
        if !is_fired && !self.is_symbol("notfired") {
            return Ok(None);
        }
        self.advance()?;
        let first = self.statements()?;
        let second = match self.take_symbol("else")? {
            true => self.statements()?,
            false => vec![],
        };
        (postlude.fired, postlude.notfired) = match is_fired {
            true => (first, second),
            false => (second, first),
        };
        if self.take_symbol("finally")? {
            postlude.always = self.statements()?;
        }
        Ok(Some(postlude))
    }

    fn statements(&mut self) -> Read<Vec<Statement>> {
        let mut list = vec![];
        self.raw("{")?;
        while !self.is_raw("}") {
            self.check()?;
            self.mark(Mark::Line);
            list.push(self.statement()?);
            self.take_raw(";");
        }
        self.raw("}")?;
        Ok(list)
    }

    fn statement(&mut self) -> Read<Statement> {
        let start = self.here();
        let kind = self.statement_kind()?;
        let mut span = start;
        if self.is_symbol("on") && self.peek(1).is_symbol("final") {
            self.advance()?;
            span = start.to(self.advance()?.span);
            return Ok(Statement { guard: Some(Guard::OnFinal), kind, span });
        }
        let mut guard = None;
        if self.take_symbol("if")? {
            let condition = self.expression(0)?;
            span = start.to(condition.span);
            guard = Some(Guard::If(condition));
        }
        Ok(Statement { guard, kind, span })
    }

    fn statement_kind(&mut self) -> Read<StatementKind> {
        let token = self.token();
        if token.kind == Kind::Symbol {
            match token.text {
                "clear" => {
                    self.advance()?;
                    let variable = self.domain_identifier()?;
                    return Ok(StatementKind::Clear { variable, path: self.path()? });
                }
                "raise" => return self.raise(),
                "schedule" => return self.schedule(),
                "log" => {
                    self.advance()?;
                    return Ok(StatementKind::Log(self.level()?, self.expression(0)?));
                }
                "error" => {
                    self.advance()?;
                    return Ok(StatementKind::Error(self.level()?, self.expression(0)?));
                }
                "last" => {
                    self.advance()?;
                    return Ok(StatementKind::Last);
                }
                _ => {}
            }
        }
        let is_assignment = token.kind == Kind::Symbol
            && self.peek(1).is_raw(":")
            && self.peek(2).kind == Kind::Symbol;
        if is_assignment {
            let variable = self.domain_identifier()?;
            let path = self.path()?;
            self.raw(":=")?;
            return Ok(StatementKind::Assign { variable, path, value: self.expression(0)? });
        }
        Ok(StatementKind::Declare(self.declaration()?))
    }

    fn domain_identifier(&mut self) -> Read<DomainIdentifier> {
        let domain = self.identifier()?;
        self.raw(":")?;
        let name = self.identifier()?;
        let span = domain.span.to(name.span);
        Ok(DomainIdentifier { domain, name, span })
    }

    fn path(&mut self) -> Read<Option<Expression>> {
        self.mark(Mark::Tight);
        if !self.take_raw("{") {
            self.marks.pop();
            return Ok(None);
        }
        let path = self.expression(0)?;
        self.raw("}")?;
        Ok(Some(path))
    }

    fn level(&mut self) -> Read<LogLevel> {
        let level = match self.token().text {
            "error" => LogLevel::Error,
            "warn" => LogLevel::Warn,
            "info" => LogLevel::Info,
            "debug" => LogLevel::Debug,
            _ => return self.expected("error or warn or info or debug"),
        };
        self.advance()?;
        Ok(level)
    }

    fn raise(&mut self) -> Read<StatementKind> {
        self.advance()?;
        let event = match self.take_symbol("event")? {
            true => EventName::Whole(self.expression(0)?),
            false => {
                if !self.token().is_name() {
                    return self.expected("`event`");
                }
                let domain = self.identifier()?;
                self.symbol("event")?;
                EventName::InDomain { domain, name: self.expression(0)? }
            }
        };
        let for_rid = match self.take_symbol("for")? {
            true => Some(self.expression(0)?),
            false => None,
        };
        let attributes = self.attributes()?;
        Ok(StatementKind::Raise { event, for_rid, attributes })
    }

    fn attributes(&mut self) -> Read<Option<Expression>> {
        match self.take_symbol("attributes")? {
            true => Ok(Some(self.expression(0)?)),
            false => Ok(None),
        }
    }

    fn schedule(&mut self) -> Read<StatementKind> {
        self.advance()?;
        let event = match self.take_symbol("event")? {
            true => EventName::Whole(self.expression(0)?),
            false => {
                let domain = self.identifier()?;
                self.symbol("event")?;
                EventName::InDomain { domain, name: self.expression(0)? }
            }
        };
        let (mut at, mut repeat) = (None, None);
        if self.take_symbol("at")? {
            at = Some(self.expression(0)?);
        } else if self.take_symbol("repeat")? {
            repeat = Some(self.expression(0)?);
        } else {
            return self.expected("`at` or `repeat`");
        }
        let attributes = self.attributes()?;
        let mut setting = vec![];
        if self.take_symbol("setting")? {
            self.mark(Mark::Tight);
            self.raw("(")?;
            setting.push(self.identifier()?);
            self.raw(")")?;
        }
        Ok(StatementKind::Schedule { event, at, repeat, attributes, setting })
    }
}
