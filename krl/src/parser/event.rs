//! Event expressions.

use super::expression::regexp;
use super::{Mark, Parser, Read};
use crate::ast::{
    Aggregator, AttributeMatch, EventBase, EventExpression, EventOperator, ExpressionKind,
    Identifier, Span,
};
use crate::lexer::{Kind, Token};

/// Whether a word is an operator of event expressions or of expressions.
pub(super) fn is_operator(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "or", "and", "before", "then", "after", "between", "any", "count", "repeat", "like", "cmp",
    ];
    WORDS.contains(&text)
}

impl<'s> Parser<'s> {
    pub(super) fn event(&mut self, power: u8) -> Read<EventExpression> {
        self.check()?;
        let deep = self.enter()?;
        let read = self.event_chain(power);
        (self.depth, self.recursion) = deep;
        read
    }

    fn event_chain(&mut self, power: u8) -> Read<EventExpression> {
        let mut left = self.event_operand()?;
        loop {
            self.check()?;
            let token = self.token();
            if binding(&token) <= power {
                return Ok(left);
            }
            self.deepen(token.span)?;
            self.mark(Mark::Break(binding(&token)));
            self.advance()?;
            left = self.event_operator(left, token)?;
        }
    }

    fn event_operand(&mut self) -> Read<EventExpression> {
        let token = self.token();
        if self.take_raw("(") {
            let inner = self.event(0)?;
            self.raw(")")?;
            return Ok(inner);
        }
        if token.kind != Kind::Symbol || super::RESERVED.contains(&token.text) {
            // `like` and its like are words of the language, but no events.
            return self.expected("an event expression");
        }
        match token.text {
            "any" => {
                self.advance()?;
                let (count, _) = self.positive_integer()?;
                self.event_list(EventOperator::Any(count), token.span)
            }
            "count" | "repeat" => self.event_group(token.text == "repeat"),
            text => match variadic(text) {
                Some(operator) => {
                    self.advance()?;
                    self.event_list(operator, token.span)
                }
                None if is_operator(text) => self.expected("an event expression"),
                None => {
                    self.advance()?;
                    let base = self.event_base(token.into())?;
                    Ok(EventExpression::Base(Box::new(base)))
                }
            },
        }
    }

    /// `(a, b, c)` after an operator.
    fn event_list(&mut self, operator: EventOperator, span: Span) -> Read<EventExpression> {
        self.raw("(")?;
        let mut operands = vec![self.event(0)?];
        while self.take_raw(",") {
            operands.push(self.event(0)?);
        }
        self.raw(")")?;
        Ok(EventExpression::Operator { operator, operands, span })
    }

    fn event_operator(&mut self, left: EventExpression, token: Token<'s>) -> Read<EventExpression> {
        let span = token.span;
        let operator = match token.text {
            "between" => EventOperator::Between,
            "not" => {
                self.symbol("between")?;
                EventOperator::NotBetween
            }
            text => {
                let Some(operator) = variadic(text) else {
                    return self.expected("an event expression");
                };
                let right = self.event(binding(&token))?;
                let operands = vec![left, right];
                return Ok(EventExpression::Operator { operator, operands, span });
            }
        };
        self.raw("(")?;
        let one = self.event(0)?;
        self.raw(",")?;
        let two = self.event(0)?;
        self.raw(")")?;
        Ok(EventExpression::Operator { operator, operands: vec![left, one, two], span })
    }

    fn event_group(&mut self, is_repeat: bool) -> Read<EventExpression> {
        let span = self.advance()?.span;
        let (count, count_span) = self.positive_integer()?;
        self.raw("(")?;
        let domain = self.word("a bare word for the event domain")?;
        let base = Box::new(self.event_base(domain)?);
        self.raw(")")?;
        let token = self.token();
        let mut aggregator = None;
        if token.kind == Kind::Symbol && ["max", "min", "sum", "avg", "push"].contains(&token.text)
        {
            self.advance()?;
            let (variables, _) = self.setting()?;
            aggregator = Some(Aggregator { operator: token.into(), variables, span: token.span });
        }
        Ok(EventExpression::Group { is_repeat, count, count_span, base, aggregator, span })
    }

    fn positive_integer(&mut self) -> Read<(f64, Span)> {
        self.check()?;
        let token = self.token();
        if token.kind != Kind::Number || !token.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.expected("a positive integer");
        }
        self.advance()?;
        Ok((token.text.parse().unwrap_or(0.0), token.span))
    }

    fn event_base(&mut self, domain: Identifier) -> Read<EventBase> {
        let has_colon = self.take_raw(":");
        let name = self.word(match has_colon {
            true => "a bare word for the event type",
            false => "`:`",
        })?;
        let mut attributes = vec![];
        while self.token().kind == Kind::Symbol && self.peek(1).kind == Kind::RegExp {
            let attribute = self.word("Attribute")?;
            let pattern = self.advance()?;
            if let ExpressionKind::RegExp { pattern: source, flags } = regexp(pattern.text) {
                let (name, pattern_span) = (attribute, pattern.span);
                attributes.push(AttributeMatch { name, pattern: source, flags, pattern_span });
            }
        }
        let mut condition = None;
        if self.take_symbol("where")? {
            condition = Some(self.expression(0)?);
        }
        let (mut setting, mut is_condition_first) = (vec![], false);
        if self.take_symbol("setting")? {
            is_condition_first = condition.is_some();
            setting = self.setting()?.0;
        }
        if condition.is_none() && self.take_symbol("where")? {
            condition = Some(self.expression(0)?);
        }
        let span = domain.span.to(name.span);
        Ok(EventBase { domain, name, attributes, setting, condition, is_condition_first, span })
    }
}

/// How closely an operator binds what stands left of it; 0 ends the expression.
fn binding(token: &Token) -> u8 {
    match (token.kind, token.text) {
        (Kind::Symbol, "or") => 20,
        (Kind::Symbol, "and") => 30,
        (Kind::Symbol, "before" | "then" | "after") => 40,
        (Kind::Symbol, "between" | "not") => 50,
        _ => 0,
    }
}

fn variadic(text: &str) -> Option<EventOperator> {
    Some(match text {
        "or" => EventOperator::Or,
        "and" => EventOperator::And,
        "before" => EventOperator::Before,
        "then" => EventOperator::Then,
        "after" => EventOperator::After,
        _ => return None,
    })
}
