//! Rules and their action blocks.

use super::{Mark, Parser, Read};
use crate::ast::{
    Action, ActionBlock, BlockKind, DomainIdentifier, Expression, ExpressionKind, Foreach, Rule,
    Select, When, Within,
};
use crate::diagnostic::Diagnostic;
use crate::lexer::Kind;

/// Source: krl-parser 1.4, in the order of its message.
const PERIODS: &[&str] = &[
    "day", "days", "hour", "hours", "minute", "minutes", "month", "months", "second", "seconds",
    "week", "weeks", "year", "years",
];

impl Parser<'_> {
    pub(super) fn rule(&mut self) -> Read<Rule> {
        let start = self.symbol("rule")?.span;
        let name = self.identifier()?;
        let mut is_active = true;
        if self.take_symbol("is")? {
            is_active = self.take_symbol("active")?;
            if !is_active && !self.take_symbol("inactive")? {
                return self.expected("active and inactive");
            }
        }
        self.raw("{")?;
        let select = self.select()?;
        let foreach = self.foreach()?;
        let mut pre = vec![];
        self.mark(Mark::Line);
        if self.take_symbol("pre")? {
            self.raw("{")?;
            pre = self.declarations()?;
            if !self.take_raw("}") {
                return self.expected("a declaration");
            }
        }
        self.check()?;
        let is_postlude =
            ["fired", "notfired", "else", "finally", "always"].contains(&self.token().text);
        let action = match self.token().kind == Kind::Symbol && !is_postlude {
            true => Some(self.action_block()?),
            false => None,
        };
        let postlude = self.postlude()?;
        let close = self.raw("}")?;
        let span = start.to(close.span);
        Ok(Rule { name, is_active, select, foreach, pre, action, postlude, span })
    }

    fn select(&mut self) -> Read<Option<Select>> {
        self.mark(Mark::Line);
        let start = self.here();
        if !self.take_symbol("select")? {
            return Ok(None);
        }
        if self.take_symbol("when")? {
            let expression = self.event(0)?;
            let within = self.within()?;
            let when = When::Events { expression, within };
            return Ok(Some(Select { when, span: start.to(self.here()) }));
        }
        if self.take_symbol("where")? {
            let span = start.to(self.here());
            return Ok(Some(Select { when: When::Where(self.expression(0)?), span }));
        }
        self.expected("`when` or `where`")
    }

    fn within(&mut self) -> Read<Option<Within>> {
        let start = self.here();
        if !self.take_symbol("within")? {
            return Ok(None);
        }
        let expression = self.expression(0)?;
        let period = self.token();
        if period.kind != Kind::Symbol || !PERIODS.contains(&period.text) {
            return self.expected(&format!("time period: [{}]", PERIODS.join(",")));
        }
        self.advance()?;
        let span = start.to(period.span);
        Ok(Some(Within { expression, period: period.into(), span }))
    }

    fn foreach(&mut self) -> Read<Vec<Foreach>> {
        let mut loops = vec![];
        loop {
            self.mark(Mark::Line);
            let start = self.here();
            if !self.take_symbol("foreach")? {
                return Ok(loops);
            }
            let expression = self.expression(0)?;
            self.symbol("setting")?;
            let (setting, end) = self.setting()?;
            loops.push(Foreach { expression, setting, span: start.to(end) });
        }
    }

    pub(super) fn action_block(&mut self) -> Read<ActionBlock> {
        self.check()?;
        self.mark(Mark::Line);
        let span = self.here();
        let mut condition = None;
        if self.take_symbol("if")? {
            condition = Some(self.expression(0)?);
            self.symbol("then")?;
        }
        let (mut kind, mut actions) = (BlockKind::Every, vec![]);
        if self.token().kind == Kind::Symbol {
            match self.token().text {
                "every" => {
                    self.advance()?;
                    actions = self.actions()?;
                }
                "sample" => {
                    self.advance()?;
                    (kind, actions) = (BlockKind::Sample, self.actions()?);
                }
                "choose" => {
                    self.advance()?;
                    // What it chooses by ends where the block of actions begins.
                    let chooser = self.expression(80)?;
                    (kind, actions) = (BlockKind::Choose(chooser), self.actions()?);
                }
                "always" | "fired" | "notfired" => {}
                _ => actions.push(self.action()?),
            }
        }
        if condition.is_some() && actions.is_empty() {
            let what = match self.is_raw("{") {
                true => "`every`, `sample`, or `choose`",
                false => "an action after `if ... then`",
            };
            return self.expected(what);
        }
        Ok(ActionBlock { condition, kind, actions, span })
    }

    fn actions(&mut self) -> Read<Vec<Action>> {
        let mut list = vec![];
        self.raw("{")?;
        while !self.is_raw("}") {
            self.mark(Mark::Line);
            list.push(self.action()?);
        }
        self.raw("}")?;
        Ok(list)
    }

    fn action(&mut self) -> Read<Action> {
        let start = self.here();
        let mut label = None;
        let mut callee = self.action_name()?;
        if let ExpressionKind::Identifier(name) = &callee.kind
            && self.is_raw("=>")
        {
            label = Some(crate::ast::Identifier { name: name.clone(), span: callee.span });
            self.advance()?;
            callee = self.action_name()?;
        }
        if !self.is_raw("(") && self.token().kind == Kind::End {
            return Err(Diagnostic::error("Expected `(`", self.here()));
        }
        let arguments = self.arguments()?;
        let mut span = start.to(arguments.span);
        let mut setting = vec![];
        if self.take_symbol("setting")? {
            let (names, end) = self.setting()?;
            (setting, span) = (names, start.to(end));
        }
        self.take_raw(";");
        self.check()?;
        Ok(Action { label, callee, arguments, setting, span })
    }

    fn action_name(&mut self) -> Read<Expression> {
        let name = self.identifier()?;
        if !self.take_raw(":") {
            let span = name.span;
            return Ok(Expression { kind: ExpressionKind::Identifier(name.name), span });
        }
        let member = self.identifier()?;
        let span = name.span.to(member.span);
        let domain = DomainIdentifier { domain: name, name: member, span };
        Ok(Expression { kind: ExpressionKind::Domain(domain), span })
    }
}
