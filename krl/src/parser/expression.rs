//! Expressions, by binding powers.

use super::layout::{BREAK_ALTERNATE, BREAK_CHAIN};
use super::{Mark, Parser, Read};
use crate::ast::{
    Argument, Arguments, BinaryOperator, ChevronPart, DomainIdentifier, Expression,
    ExpressionKind as Kind, Function, Member, Parameter, Span, UnaryOperator,
};
use crate::diagnostic::Diagnostic;
use crate::lexer::{self, Token};
use std::sync::Arc;

/// Binding power of the operators before one operand.
const PREFIX: u8 = 70;
/// Binding power of `.`, `{` and `[`.
const MEMBER: u8 = 80;
const CALL: u8 = 90;
const CONDITIONAL: u8 = 10;

impl<'s> Parser<'s> {
    /// An expression whose operators bind closer than `power`.
    pub(super) fn expression(&mut self, power: u8) -> Read<Expression> {
        self.expression_or(power, "Expected an expression")
    }

    /// As [`Parser::expression`], with the words for when none is there.
    pub(super) fn expression_or(&mut self, power: u8, message: &str) -> Read<Expression> {
        self.check()?;
        let deep = self.enter()?;
        let read = self.chain(power, message);
        (self.depth, self.recursion) = deep;
        read
    }

    /// An operand and what follows it. Each operator nests the tree one deeper.
    fn chain(&mut self, power: u8, message: &str) -> Read<Expression> {
        let mut left = self.operand(message)?;
        loop {
            self.check()?;
            let token = self.token();
            if binding(&token) <= power {
                return Ok(left);
            }
            self.deepen(token.span)?;
            match token.text {
                "(" | "{" | "[" => self.mark(Mark::Tight),
                "." => self.mark(Mark::Break(BREAK_CHAIN)),
                // It breaks before `|`.
                "=>" => {}
                _ => self.mark(Mark::Break(binding(&token))),
            }
            self.advance()?;
            left = self.operator(left, token)?;
        }
    }

    fn operand(&mut self, message: &str) -> Read<Expression> {
        let token = self.token();
        let simple = |kind| Ok(Expression { kind, span: token.span });
        match token.kind {
            lexer::Kind::Number => {
                self.advance()?;
                simple(Kind::Number(token.text.parse().unwrap_or(0.0)))
            }
            lexer::Kind::String => {
                self.advance()?;
                simple(Kind::String(unescape_string(token.text)))
            }
            lexer::Kind::RegExp => {
                self.advance()?;
                simple(regexp(token.text))
            }
            lexer::Kind::ChevronOpen => self.chevron(),
            lexer::Kind::Raw => match token.text {
                "{" => self.map(),
                "[" => self.array(),
                "(" => {
                    self.advance()?;
                    let inner = self.expression(0)?;
                    self.raw(")")?;
                    Ok(inner)
                }
                "+" => self.prefix(UnaryOperator::Plus),
                "-" => self.prefix(UnaryOperator::Minus),
                _ => Err(Diagnostic::error(message, token.span)),
            },
            lexer::Kind::Symbol => match token.text {
                "not" => self.prefix(UnaryOperator::Not),
                "function" => self.function(),
                "defaction" => self.defaction(),
                "true" | "false" => {
                    self.advance()?;
                    simple(Kind::Boolean(token.text == "true"))
                }
                "null" => {
                    self.advance()?;
                    simple(Kind::Null)
                }
                "return" | "setting" => {
                    self.advance()?;
                    Err(Diagnostic::error("Reserved word", token.span))
                }
                // Operators that look like names.
                "like" | "cmp" => Err(Diagnostic::error(message, token.span)),
                // Words of event expressions are none of an expression.
                "or" | "and" | "before" | "then" | "after" | "between" | "any" | "count"
                | "repeat" => Err(Diagnostic::error(message, token.span)),
                _ => self.name(),
            },
            _ => Err(Diagnostic::error(message, token.span)),
        }
    }

    fn name(&mut self) -> Read<Expression> {
        let token = self.advance()?;
        if !self.take_raw(":") {
            return Ok(Expression { kind: Kind::Identifier(token.text.into()), span: token.span });
        }
        let name = self.identifier()?;
        let span = token.span.to(name.span);
        let domain = DomainIdentifier { domain: token.into(), name, span };
        Ok(Expression { kind: Kind::Domain(domain), span })
    }

    fn prefix(&mut self, operator: UnaryOperator) -> Read<Expression> {
        if operator != UnaryOperator::Not {
            self.mark(Mark::Prefix);
        }
        let token = self.advance()?;
        let operand = Box::new(self.expression(PREFIX)?);
        Ok(Expression { kind: Kind::Unary { operator, operand }, span: token.span })
    }

    /// The operator that was just read, with what stands right of it.
    fn operator(&mut self, left: Expression, token: Token<'s>) -> Read<Expression> {
        let start = left.span.start;
        let whole = |kind, end: Span| Expression { kind, span: Span { start, end: end.end } };
        match token.text {
            "." => {
                let (kind, end) = {
                    let name = self.identifier()?;
                    match self.take_raw(":") {
                        false => (Kind::String(name.name.clone()), name.span),
                        true => {
                            let member = self.identifier()?;
                            let span = name.span.to(member.span);
                            let domain = DomainIdentifier { domain: name, name: member, span };
                            (Kind::Domain(domain), span)
                        }
                    }
                };
                let property = Box::new(Expression { kind, span: end });
                let object = Box::new(left);
                Ok(whole(Kind::Member { object, member: Member::Dot, property }, end))
            }
            "{" | "[" => {
                let (member, close) = match token.text {
                    "{" => (Member::Path, "}"),
                    _ => (Member::Index, "]"),
                };
                let property = Box::new(self.expression(0)?);
                let end = self.raw(close)?.span;
                let object = Box::new(left);
                Ok(whole(Kind::Member { object, member, property }, end))
            }
            "(" => {
                let arguments = self.arguments_after(token.span)?;
                let end = arguments.span;
                Ok(whole(call(left, arguments), end))
            }
            "=>" => {
                let consequent = Box::new(self.expression(CONDITIONAL)?);
                self.mark(Mark::Break(BREAK_ALTERNATE));
                self.raw("|")?;
                let alternate = Box::new(self.expression(0)?);
                let (test, end) = (Box::new(left), alternate.span);
                Ok(whole(Kind::Conditional { test, consequent, alternate }, end))
            }
            _ => {
                let Some(operator) = binary(token.text) else {
                    return Err(Diagnostic::error("Expected an operator", token.span));
                };
                let right = Box::new(self.expression(operator.precedence())?);
                let kind = Kind::Binary { operator, left: Box::new(left), right };
                Ok(Expression { kind, span: token.span })
            }
        }
    }

    fn map(&mut self) -> Read<Expression> {
        let open = self.advance()?;
        let mut entries = vec![];
        while !self.is_raw("}") {
            self.check()?;
            let key = self.token();
            if key.kind != lexer::Kind::String {
                return self.expected("String");
            }
            self.advance()?;
            self.raw(":")?;
            let name = unescape_string(key.text);
            entries.push((crate::ast::Identifier { name, span: key.span }, self.expression(0)?));
            if !self.take_raw(",") {
                break;
            }
        }
        let close = self.raw("}")?;
        Ok(Expression { kind: Kind::Map(entries), span: open.span.to(close.span) })
    }

    fn array(&mut self) -> Read<Expression> {
        let open = self.advance()?;
        let mut items = vec![];
        while !self.is_raw("]") {
            items.push(self.expression(0)?);
            if !self.take_raw(",") {
                break;
            }
        }
        let close = self.raw("]")?;
        Ok(Expression { kind: Kind::Array(items), span: open.span.to(close.span) })
    }

    fn chevron(&mut self) -> Read<Expression> {
        let open = self.advance()?;
        let mut parts = vec![];
        loop {
            match self.token().kind {
                lexer::Kind::ChevronText => {
                    let text = self.advance()?.text;
                    parts.push(ChevronPart::Text(unescape_chevron(text)));
                }
                lexer::Kind::BeestingOpen => {
                    self.advance()?;
                    parts.push(ChevronPart::Expression(self.expression(0)?));
                    match self.token().kind {
                        lexer::Kind::BeestingClose => self.advance()?,
                        _ => return self.expected("`}`"),
                    };
                }
                lexer::Kind::ChevronClose => break,
                _ => return self.expected("`>>`"),
            }
        }
        let close = self.advance()?;
        Ok(Expression { kind: Kind::Chevron(parts), span: open.span.to(close.span) })
    }

    pub(super) fn arguments(&mut self) -> Read<Arguments> {
        self.mark(Mark::Tight);
        let open = self.raw("(")?;
        self.arguments_after(open.span)
    }

    fn arguments_after(&mut self, open: Span) -> Read<Arguments> {
        let mut list = vec![];
        self.check()?;
        while !self.is_raw(")") {
            let value = self.expression(0)?;
            let argument = match value.kind {
                Kind::Identifier(name) if self.is_raw("=") => {
                    self.advance()?;
                    let name = crate::ast::Identifier { name, span: value.span };
                    Argument { name: Some(name), value: self.expression(0)? }
                }
                kind => Argument { name: None, value: Expression { kind, span: value.span } },
            };
            list.push(argument);
            if !self.take_raw(",") {
                break;
            }
        }
        let close = self.raw(")")?;
        Ok(Arguments { list, span: open.to(close.span) })
    }

    fn parameters(&mut self) -> Read<Vec<Parameter>> {
        let mut list = vec![];
        self.mark(Mark::Tight);
        self.raw("(")?;
        while !self.is_raw(")") {
            let name = self.identifier()?;
            let default = match self.take_raw("=") {
                true => Some(self.expression(0)?),
                false => None,
            };
            list.push(Parameter { name, default });
            if !self.take_raw(",") {
                break;
            }
        }
        self.raw(")")?;
        Ok(list)
    }

    fn function(&mut self) -> Read<Expression> {
        let token = self.advance()?;
        let parameters = self.parameters()?;
        let open = self.raw("{")?;
        let body = self.declarations()?;
        if body.is_empty() {
            self.marks.push((open.span.start, Mark::OneExpression));
        }
        self.mark(Mark::Line);
        self.take_symbol("return")?;
        let result = self.expression_or(0, "Expected the function return expression")?;
        self.take_raw(";");
        self.raw("}")?;
        let result = Some(result);
        let function = Function { parameters, body, action: None, result };
        Ok(Expression { kind: Kind::Function(Box::new(function)), span: token.span })
    }

    fn defaction(&mut self) -> Read<Expression> {
        const ONE_VALUE: &str = "defaction can only return one value";
        let token = self.advance()?;
        let parameters = self.parameters()?;
        self.raw("{")?;
        let body = self.declarations()?;
        let action = Some(self.action_block()?);
        let mut result = None;
        if !self.is_raw("}") {
            self.mark(Mark::Line);
            if self.take_symbol("returns")? {
                return Err(Diagnostic::error(ONE_VALUE, self.token().span));
            }
            self.symbol("return")?;
            result = Some(self.expression(0)?);
            if self.is_raw(",") {
                return Err(Diagnostic::error(ONE_VALUE, self.token().span));
            }
            self.take_raw(";");
        }
        self.raw("}")?;
        let function = Function { parameters, body, action, result };
        Ok(Expression { kind: Kind::Function(Box::new(function)), span: token.span })
    }
}

/// `x.f(args)` is `f(x, args)`.
fn call(callee: Expression, mut arguments: Arguments) -> Kind {
    match callee.kind {
        Kind::Member { object, member: Member::Dot, property } => {
            let callee = match property.kind {
                Kind::String(name) => Expression { kind: Kind::Identifier(name), ..*property },
                kind => Expression { kind, span: property.span },
            };
            arguments.list.insert(0, Argument { name: None, value: *object });
            Kind::Call { callee: Box::new(callee), arguments, is_method: true }
        }
        kind => {
            let callee = Expression { kind, span: callee.span };
            Kind::Call { callee: Box::new(callee), arguments, is_method: false }
        }
    }
}

/// How closely a token binds what stands left of it; 0 ends the expression.
fn binding(token: &Token) -> u8 {
    match (token.kind, token.text) {
        (lexer::Kind::Raw, "(") => CALL,
        (lexer::Kind::Raw, "{" | "[" | ".") => MEMBER,
        (lexer::Kind::Raw, "=>") => CONDITIONAL,
        (lexer::Kind::Raw | lexer::Kind::Symbol, text) => {
            binary(text).map_or(0, BinaryOperator::precedence)
        }
        _ => 0,
    }
}

fn binary(text: &str) -> Option<BinaryOperator> {
    Some(match text {
        "||" => BinaryOperator::Or,
        "&&" => BinaryOperator::And,
        "==" => BinaryOperator::Equal,
        "!=" => BinaryOperator::NotEqual,
        "<" => BinaryOperator::Less,
        "<=" => BinaryOperator::LessOrEqual,
        ">" => BinaryOperator::Greater,
        ">=" => BinaryOperator::GreaterOrEqual,
        "like" => BinaryOperator::Like,
        "><" => BinaryOperator::Contains,
        "<=>" => BinaryOperator::Compare,
        "cmp" => BinaryOperator::CompareText,
        "+" => BinaryOperator::Add,
        "-" => BinaryOperator::Subtract,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        "%" => BinaryOperator::Modulo,
        _ => return None,
    })
}

/// Without the quotes; `\"` and `\\` alone are escapes.
fn unescape_string(text: &str) -> Arc<str> {
    let inner = &text[1..text.len() - 1];
    match inner.contains('\\') {
        false => inner.into(),
        true => inner.replace("\\\"", "\"").replace("\\\\", "\\").into(),
    }
}

fn unescape_chevron(text: &str) -> Arc<str> {
    match text.contains('\\') {
        false => text.into(),
        true => text.replace("\\>", ">").replace("\\#{", "#{").replace("\\\\", "\\").into(),
    }
}

/// A regular expression as it stands in the source, taken apart.
pub(super) fn regexp(text: &str) -> Kind {
    let end = text.rfind('#').unwrap_or(text.len());
    let pattern = text.get(3..end).unwrap_or_default().replace("\\#", "#");
    let flags = text.get(end + 1..).unwrap_or_default();
    Kind::RegExp { pattern: pattern.into(), flags: flags.into() }
}
