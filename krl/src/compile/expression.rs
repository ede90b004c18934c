//! Expressions.

use super::code::Op;
use super::scope::Place;
use super::{Compiler, EXPRESSION_DEPTH_MAX, Error, error};
use crate::ast::{
    Argument, Arguments, BinaryOperator, ChevronPart, DomainIdentifier, Expression, ExpressionKind,
    Identifier, Member, Span, UnaryOperator,
};
use crate::library;
use crate::machine::{Callable, operator_kind};
use crate::regex::RegExp;
use crate::value::{Text, Value};
use std::sync::Arc;

impl Compiler {
    /// Code that leaves the value of an expression on the stack.
    pub(super) fn expression(&mut self, expression: &Expression) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > EXPRESSION_DEPTH_MAX {
            return Err(error("Nested too deeply", expression.span));
        }
        let done = self.expression_kind(&expression.kind, expression.span);
        self.depth -= 1;
        done
    }

    fn expression_kind(&mut self, kind: &ExpressionKind, span: Span) -> Result<(), Error> {
        match kind {
            ExpressionKind::Null => self.emit(Op::Undefined, span),
            ExpressionKind::Boolean(value) => self.constant(Value::Boolean(*value), span),
            ExpressionKind::Number(value) => self.constant(Value::Number(*value), span),
            ExpressionKind::String(text) => self.constant(Value::String(text.clone()), span),
            ExpressionKind::RegExp { pattern, flags } => self.regexp(pattern, flags, span)?,
            ExpressionKind::Chevron(parts) => self.chevron(parts, span)?,
            ExpressionKind::Array(items) => {
                items.iter().try_for_each(|item| self.expression(item))?;
                self.emit(Op::Array(items.len() as u32), span);
            }
            ExpressionKind::Map(entries) => self.map(entries, span)?,
            ExpressionKind::Identifier(name) => self.identifier(name, span)?,
            ExpressionKind::Domain(domain) => self.domain(domain, false, span)?,
            ExpressionKind::Member { object, member, property } => {
                self.member(object, *member, property, span)?;
            }
            ExpressionKind::Call { callee, arguments, .. } => self.call(callee, arguments, span)?,
            ExpressionKind::Unary { operator, operand } => {
                self.expression(operand)?;
                self.emit(unary(*operator), span);
            }
            ExpressionKind::Binary { operator, left, right } => {
                self.binary(*operator, left, right, span)?;
            }
            ExpressionKind::Conditional { test, consequent, alternate } => {
                self.expression(test)?;
                let to_alternate = self.jump(Op::JumpUnless(0), span);
                self.expression(consequent)?;
                let to_end = self.jump(Op::Jump(0), span);
                self.land(to_alternate);
                self.expression(alternate)?;
                self.land(to_end);
            }
            ExpressionKind::Function(function) => self.function(function, None, span)?,
            ExpressionKind::Error => return Err(error("Expected an expression", span)),
        }
        Ok(())
    }

    pub(super) fn constant(&mut self, value: Value, span: Span) {
        let index = self.pool.constant(value);
        self.emit(Op::Constant(index), span);
    }

    /// The flag `m` is read and dropped, as the reference does.
    fn regexp(&mut self, pattern: &str, flags: &str, span: Span) -> Result<(), Error> {
        let flags: String = flags.chars().filter(|flag| matches!(flag, 'g' | 'i')).collect();
        let regexp = RegExp::new(pattern, &flags).map_err(|why| error(why.to_string(), span))?;
        self.constant(Value::RegExp(Arc::new(regexp)), span);
        Ok(())
    }

    fn chevron(&mut self, parts: &[ChevronPart], span: Span) -> Result<(), Error> {
        for part in parts {
            match part {
                ChevronPart::Text(text) => self.constant(Value::String(text.clone()), span),
                ChevronPart::Expression(expression) => self.expression(expression)?,
            }
        }
        self.emit(Op::Concat(parts.len() as u32), span);
        Ok(())
    }

    fn map(&mut self, entries: &[(Identifier, Expression)], span: Span) -> Result<(), Error> {
        entries.iter().try_for_each(|(_, value)| self.expression(value))?;
        let keys = entries.iter().map(|(key, _)| key.name.clone()).collect();
        let shape = self.pool.shape(0, keys);
        self.emit(Op::Map(shape), span);
        Ok(())
    }

    fn identifier(&mut self, name: &Text, span: Span) -> Result<(), Error> {
        if self.variable(name, span)? {
            return Ok(());
        }
        if let Some(operator) = library::find(name) {
            let callable = Callable::operator(operator, operator_kind(operator));
            self.constant(Value::Callable(callable), span);
            return Ok(());
        }
        if &**name == "__testing" {
            let index = self.testing.constant(&mut self.pool);
            self.emit(Op::Constant(index), span);
            return Ok(());
        }
        Err(error(format!("Undefined id: {name}"), span))
    }

    /// Code that reads a variable or a global, if there is one with this name.
    pub(super) fn variable(&mut self, name: &Text, span: Span) -> Result<bool, Error> {
        let op = match self.find(name, span)? {
            Some(Place::Local(slot)) => Op::Local(slot),
            Some(Place::Captured(index)) => Op::Captured(index),
            Some(Place::Callee) => Op::Callee,
            None => match self.globals.get(name) {
                Some(index) => Op::Global(*index),
                None => return Ok(false),
            },
        };
        self.emit(op, span);
        Ok(true)
    }

    /// `domain:name`, alone or as what is called.
    pub(super) fn domain(
        &mut self,
        domain: &DomainIdentifier,
        is_callee: bool,
        span: Span,
    ) -> Result<(), Error> {
        if &*domain.domain.name == "ent" {
            let name = self.pool.name(&domain.name.name);
            self.emit(Op::Entity(name), span);
            return Ok(());
        }
        let link = self.uses.iter().position(|used| used.alias == domain.domain.name);
        let link = link.map(|index| index as u32);
        let member = self.pool.member(&domain.domain.name, &domain.name.name, link);
        self.emit(if is_callee { Op::MemberCallee(member) } else { Op::Member(member) }, span);
        Ok(())
    }

    fn member(
        &mut self,
        object: &Expression,
        member: Member,
        property: &Expression,
        span: Span,
    ) -> Result<(), Error> {
        self.expression(object)?;
        if member == Member::Dot
            && let ExpressionKind::String(name) = &property.kind
        {
            let name = self.pool.name(name);
            self.emit(Op::Dot(name), span);
            return Ok(());
        }
        self.expression(property)?;
        self.emit(if member == Member::Index { Op::Index } else { Op::Path }, span);
        if member == Member::Path
            && is_event_attrs(object)
            && let ExpressionKind::String(name) = &property.kind
        {
            self.testing.attribute(name);
        }
        Ok(())
    }

    fn call(
        &mut self,
        callee: &Expression,
        arguments: &Arguments,
        span: Span,
    ) -> Result<(), Error> {
        let is_named = arguments.list.iter().any(|argument| argument.name.is_some());
        if !is_named
            && let ExpressionKind::Identifier(name) = &callee.kind
            && let Some(operator) = self.operator(name, span)?
            && let Ok(count) = u16::try_from(arguments.list.len())
        {
            self.values(&arguments.list)?;
            self.emit(Op::Operate(operator, count), span);
        } else {
            self.callee(callee)?;
            self.emit(Op::CheckFunction, callee.span);
            self.values(&arguments.list)?;
            let op = match self.named(&arguments.list) {
                Some(shape) => Op::CallNamed(shape),
                None => Op::Call(arguments.list.len() as u32),
            };
            self.emit(op, span);
        }
        self.note_attribute(callee, &arguments.list);
        Ok(())
    }

    /// The operator that a name stands for, unless the program uses the name for something else
    /// or the machine itself carries the operator out.
    fn operator(&mut self, name: &Text, span: Span) -> Result<Option<library::Operator>, Error> {
        if self.globals.contains_key(name) || self.find(name, span)?.is_some() {
            return Ok(None);
        }
        let plain = |operator: &library::Operator| !operator_kind(*operator).is_action();
        Ok(library::find(name).filter(plain))
    }

    /// Code that leaves what is called on the stack.
    pub(super) fn callee(&mut self, callee: &Expression) -> Result<(), Error> {
        match &callee.kind {
            ExpressionKind::Domain(domain) => self.domain(domain, true, callee.span),
            _ => self.expression(callee),
        }
    }

    /// Code that leaves the values of arguments on the stack.
    pub(super) fn values(&mut self, arguments: &[Argument]) -> Result<(), Error> {
        arguments.iter().try_for_each(|argument| self.expression(&argument.value))
    }

    /// The shape of arguments, if some of them have names.
    pub(super) fn named(&mut self, arguments: &[Argument]) -> Option<u32> {
        let named = |argument: &Argument| argument.name.as_ref().map(|name| name.name.clone());
        let names: Vec<Text> = arguments.iter().filter_map(named).collect();
        let positional = arguments.len() - names.len();
        (!names.is_empty()).then(|| self.pool.shape(positional, names))
    }

    /// `event:attr("x")` and `event:attrs.get("x")` tell which attributes a rule knows.
    fn note_attribute(&mut self, callee: &Expression, arguments: &[Argument]) {
        let name = match &callee.kind {
            ExpressionKind::Domain(domain)
                if &*domain.domain.name == "event" && &*domain.name.name == "attr" =>
            {
                arguments.first()
            }
            ExpressionKind::Identifier(name) if &**name == "get" => arguments
                .first()
                .filter(|object| is_event_attrs(&object.value))
                .and_then(|_| arguments.get(1)),
            _ => None,
        };
        if let Some(Argument {
            value: Expression { kind: ExpressionKind::String(name), .. }, ..
        }) = name
        {
            self.testing.attribute(name);
        }
    }

    /// Long chains (`a + b + c + …`) lean to the left; they are walked without recursion.
    fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Result<(), Error> {
        let mut chain = vec![(operator, right, span)];
        let mut first = left;
        while let ExpressionKind::Binary { operator, left, right } = &first.kind {
            chain.push((*operator, right, first.span));
            first = left;
        }
        self.expression(first)?;
        // From the innermost outwards. A logical operator skips its right side alone.
        for (operator, right, span) in chain.into_iter().rev() {
            let skip = match operator {
                BinaryOperator::And => self.jump(Op::And(0), span),
                BinaryOperator::Or => self.jump(Op::Or(0), span),
                operator => {
                    self.expression(right)?;
                    self.emit(Op::Binary(operator), span);
                    continue;
                }
            };
            self.expression(right)?;
            self.land(skip);
        }
        Ok(())
    }
}

fn unary(operator: UnaryOperator) -> Op {
    match operator {
        UnaryOperator::Not => Op::Not,
        UnaryOperator::Minus => Op::Negate,
        UnaryOperator::Plus => Op::Plus,
    }
}

fn is_event_attrs(expression: &Expression) -> bool {
    matches!(&expression.kind, ExpressionKind::Domain(domain)
        if &*domain.domain.name == "event" && &*domain.name.name == "attrs")
}
