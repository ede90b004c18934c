//! Expressions.

use super::Checker;
use super::hint::nearest;
use super::scope::Type;
use crate::ast::{
    Arguments, ChevronPart, DomainIdentifier, Expression, ExpressionKind, Member, Span,
};
use crate::diagnostic::Diagnostic;
use crate::regex::RegExp;
use std::sync::Arc;

impl Checker {
    /// Checks an expression; what is known of its value.
    pub(super) fn expression(&mut self, expression: &Expression) -> Type {
        match &expression.kind {
            ExpressionKind::Identifier(name) => return self.name(name, expression.span),
            ExpressionKind::Function(function) => return self.function(function),
            ExpressionKind::Null
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Error => {}
            ExpressionKind::RegExp { pattern, flags } => {
                self.pattern(pattern, flags, expression.span);
            }
            ExpressionKind::Chevron(parts) => {
                for part in parts {
                    if let ChevronPart::Expression(inner) = part {
                        self.expression(inner);
                    }
                }
            }
            ExpressionKind::Array(items) => items.iter().for_each(|item| self.drop_type(item)),
            ExpressionKind::Map(entries) => {
                entries.iter().for_each(|(_, value)| self.drop_type(value));
            }
            ExpressionKind::Domain(domain) => self.domain(domain),
            ExpressionKind::Member { object, member, property } => {
                if *member == Member::Dot {
                    let message = "DEPRECATED use `{}` or `[]` instead of `.`";
                    self.warn(message, expression.span);
                }
                self.drop_type(object);
                self.drop_type(property);
            }
            ExpressionKind::Call { callee, arguments, is_method } => {
                self.call(callee, arguments, *is_method);
            }
            ExpressionKind::Unary { operand, .. } => self.drop_type(operand),
            ExpressionKind::Binary { left, right, .. } => {
                self.drop_type(left);
                self.drop_type(right);
            }
            ExpressionKind::Conditional { test, consequent, alternate } => {
                [test, consequent, alternate].into_iter().for_each(|part| self.drop_type(part));
            }
        }
        Type::Unknown
    }

    /// Checks an expression whose value is used for something else.
    pub(super) fn drop_type(&mut self, expression: &Expression) {
        self.expression(expression);
    }

    pub(super) fn name(&mut self, name: &Arc<str>, span: Span) -> Type {
        if let Some(kind) = self.scopes.get(name) {
            return kind;
        }
        let mut error = Diagnostic::error(format!("Undefined id: {name}"), span);
        if let Some(other) = nearest(name, self.scopes.names()) {
            error = error.with_hint(format!("did you mean `{other}`?"));
        }
        self.found.push(error);
        Type::Unknown
    }

    pub(super) fn pattern(&mut self, pattern: &str, flags: &str, span: Span) {
        // The flag `m` is read and dropped, as the reference does.
        let flags: String = flags.chars().filter(|flag| matches!(flag, 'g' | 'i')).collect();
        if let Err(fault) = RegExp::new(pattern, &flags) {
            self.patterns.push(Diagnostic::error(fault.to_string(), span));
        }
    }

    fn domain(&mut self, domain: &DomainIdentifier) {
        if (&*domain.domain.name, &*domain.name.name) == ("event", "attr") {
            let message = "event:attr(key) is deprecated. Use event:attrs{key} instead";
            self.warn(message, domain.span);
        }
    }

    fn call(&mut self, callee: &Expression, arguments: &Arguments, is_method: bool) {
        if let ExpressionKind::Domain(domain) = &callee.kind
            && !is_method
            && (&*domain.domain.name, &*domain.name.name) == ("event", "attrs")
        {
            let message = "`event:attrs` is a Map, not a Function. Use `event:attrs{key}` instead";
            self.error(message, callee.span);
        }
        let kind = self.expression(callee);
        self.arguments(arguments);
        match kind {
            Type::Function | Type::Unknown => {}
            Type::Action | Type::ActionFunction => {
                let error =
                    Diagnostic::error(format!("Not a function: {}", kind.name()), callee.span)
                        .with_hint(
                            "an action runs in the action block of a rule or of a defaction",
                        );
                self.found.push(error);
            }
            Type::String | Type::Map => {
                self.error(format!("Not a function: {}", kind.name()), callee.span);
            }
        }
    }

    pub(super) fn arguments(&mut self, arguments: &Arguments) {
        let mut has_named = false;
        for argument in &arguments.list {
            has_named |= argument.name.is_some();
            if has_named && argument.name.is_none() {
                let message = "Once you used a named arg, all following must be named.";
                self.error(message, argument.value.span);
            }
            self.drop_type(&argument.value);
        }
    }
}
