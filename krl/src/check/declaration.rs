//! Blocks of declarations, functions and their parameters.

use super::Checker;
use super::scope::Type;
use crate::ast::{Declaration, Expression, ExpressionKind, Function, Identifier};
use crate::diagnostic::Diagnostic;
use std::collections::HashSet;

impl Checker {
    pub(super) fn error(&mut self, message: impl Into<String>, span: crate::ast::Span) {
        self.found.push(Diagnostic::error(message, span));
    }

    pub(super) fn warn(&mut self, message: impl Into<String>, span: crate::ast::Span) {
        self.found.push(Diagnostic::warning(message, span));
    }

    pub(super) fn define(&mut self, name: &Identifier, kind: Type) {
        self.scopes.set(&name.name, kind);
    }

    /// Expressions and actions see what was declared before them, functions see the whole block.
    pub(super) fn block<'d>(&mut self, block: &'d [Declaration], taken: &[&'d Identifier]) {
        let mut names: HashSet<&str> = taken.iter().map(|name| &*name.name).collect();
        let mut functions = vec![];
        for (index, declaration) in block.iter().enumerate() {
            let name = &declaration.name;
            if !names.insert(&name.name) {
                let message = format!("Duplicate declaration: {}", name.name);
                self.error(message, declaration.span);
            }
            if is_function(&declaration.value) {
                self.define(name, Type::Unknown);
                functions.push(declaration);
                continue;
            }
            let before = self.found.len();
            let kind = self.expression(&declaration.value);
            self.hint_later(before, &block[index..]);
            self.define(name, kind);
        }
        for declaration in functions {
            let kind = self.expression(&declaration.value);
            self.define(&declaration.name, kind);
        }
    }

    /// Names that are declared further down are not unknown, but late.
    fn hint_later(&mut self, from: usize, block: &[Declaration]) {
        for diagnostic in &mut self.found[from..] {
            let Some(name) = diagnostic.message.strip_prefix("Undefined id: ") else { continue };
            if block.iter().any(|later| &*later.name.name == name) {
                let hint = format!(
                    "`{name}` is declared here or further down: expressions and actions see only \
                     what comes before them"
                );
                diagnostic.hint = Some(hint);
            }
        }
    }

    pub(super) fn function(&mut self, function: &Function) -> Type {
        self.scopes.push();
        self.parameters(function);
        let taken: Vec<&Identifier> = function.parameters.iter().map(|p| &p.name).collect();
        self.block(&function.body, &taken);
        if let Some(action) = &function.action {
            self.action_block(action);
        }
        if let Some(result) = &function.result {
            self.expression(result);
        }
        self.scopes.pop();
        match function.action {
            Some(_) => Type::Action,
            None => Type::Function,
        }
    }

    /// A default sees the parameters before it.
    fn parameters(&mut self, function: &Function) {
        let mut names = HashSet::new();
        let mut has_default = false;
        for parameter in &function.parameters {
            let name = &parameter.name;
            if !names.insert(&name.name) {
                self.error(format!("Duplicate parameter: {}", name.name), name.span);
            }
            match &parameter.default {
                None if has_default => {
                    let message = "Cannot have a non-default parameter after a defaulted one";
                    self.error(message, name.span);
                }
                None => {}
                Some(_) => has_default = true,
            }
            self.define(name, Type::Unknown);
            if let Some(default) = &parameter.default {
                let kind = self.expression(default);
                self.define(name, kind);
            }
        }
    }
}

fn is_function(value: &Expression) -> bool {
    matches!(&value.kind, ExpressionKind::Function(function) if function.action.is_none())
}
