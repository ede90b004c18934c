//! Rules: what selects them, loops, what follows.

use super::Checker;
use super::scope::Type;
use crate::ast::{
    Aggregator, DomainIdentifier, EventBase, EventExpression, EventName, Expression,
    ExpressionKind, Guard, Postlude, Rule, Select, Statement, StatementKind, When,
};
use crate::compile::dotted;
use crate::diagnostic::Diagnostic;
use crate::select;
use std::collections::HashSet;

impl Checker {
    pub(super) fn rule(&mut self, rule: &Rule) {
        let name = &rule.name.name;
        if !rule.is_active {
            self.warn(format!("rule {name} is inactive, i.e. commented out"), rule.span);
            return;
        }
        self.scopes.push();
        match &rule.select {
            Some(select) => self.select(select),
            None => {
                let message = format!("rule {name} is missing a `select`");
                let error = Diagnostic::error(message, rule.span)
                    .with_hint("`select when domain:name` says which events the rule is for");
                self.found.push(error);
            }
        }
        // The reference looks at what loops go over after their bodies, the innermost first.
        let mut loops = vec![];
        for foreach in &rule.foreach {
            let before = self.found.len();
            self.drop_type(&foreach.expression);
            loops.push(self.found.split_off(before));
            foreach.setting.iter().for_each(|name| self.define(name, Type::Unknown));
        }
        self.block(&rule.pre, &[]);
        if let Some(action) = &rule.action {
            self.action_block(action);
        }
        if let Some(postlude) = &rule.postlude {
            self.postlude(postlude);
        }
        self.found.extend(loops.into_iter().rev().flatten());
        self.scopes.pop();
    }

    fn select(&mut self, select: &Select) {
        let patterns = self.patterns.len();
        match &select.when {
            When::Where(condition) => self.drop_type(condition),
            When::Events { expression, within } => {
                self.events(expression);
                if let Some(within) = within {
                    // The limit is known before any event is.
                    let names = std::mem::take(self.scopes.innermost());
                    self.drop_type(&within.expression);
                    *self.scopes.innermost() = names;
                }
            }
        }
        if self.patterns.len() == patterns
            && let Err(fault) = select::Select::compile(select)
        {
            self.late.push(Diagnostic::error(fault.to_string(), select.span));
        }
    }

    fn events(&mut self, expression: &EventExpression) {
        let mut rest = vec![expression];
        while let Some(expression) = rest.pop() {
            match expression {
                EventExpression::Base(base) => self.event(base, None),
                EventExpression::Group { base, aggregator, .. } => {
                    self.event(base, aggregator.as_ref());
                }
                EventExpression::Operator { operands, .. } => rest.extend(operands.iter().rev()),
            }
        }
    }

    fn event(&mut self, base: &EventBase, aggregator: Option<&Aggregator>) {
        if !base.setting.is_empty() {
            let message = match (base.is_condition_first, base.attributes.is_empty()) {
                (true, _) => Some("Move the `where` clause to be after the `setting`"),
                (false, true) => Some("What are you `setting`? There are no attribute matches"),
                (false, false) => None,
            };
            if let Some(message) = message {
                self.warn(format!("DEPRECATED SYNTAX - {message}"), base.span);
            }
        }
        for attribute in &base.attributes {
            self.pattern(&attribute.pattern, &attribute.flags, attribute.pattern_span);
        }
        base.setting.iter().for_each(|name| self.define(name, Type::String));
        if let Some(condition) = &base.condition {
            self.drop_type(condition);
        }
        let variables = aggregator.iter().flat_map(|aggregator| &aggregator.variables);
        variables.for_each(|name| self.define(name, Type::Unknown));
    }

    fn postlude(&mut self, postlude: &Postlude) {
        for statements in [&postlude.fired, &postlude.notfired, &postlude.always] {
            let mut names = HashSet::new();
            for statement in statements {
                if let StatementKind::Declare(declaration) = &statement.kind
                    && !names.insert(&declaration.name.name)
                {
                    let message = format!("Duplicate declaration: {}", declaration.name.name);
                    self.error(message, declaration.span);
                }
                self.statement(statement);
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        if let Some(Guard::If(condition)) = &statement.guard {
            self.drop_type(condition);
        }
        match &statement.kind {
            StatementKind::Declare(declaration) => {
                let kind = self.expression(&declaration.value);
                self.define(&declaration.name, kind);
            }
            StatementKind::Assign { variable, path, value } => {
                if &*variable.domain.name != "ent" {
                    let message = "PersistentVariableAssignment - only works on ent:* variables";
                    self.error(message, variable.span);
                }
                if path.is_none() {
                    self.put_hint(variable, value);
                }
                self.drop_type(value);
                self.optional(path.as_ref());
            }
            StatementKind::Clear { variable, path } => {
                let domain = &variable.domain.name;
                if &**domain != "ent" {
                    let message =
                        format!("ClearPersistentVariable only works for `ent:`, not `{domain}:`");
                    self.error(message, variable.span);
                }
                self.optional(path.as_ref());
            }
            StatementKind::Raise { event, for_rid, attributes } => {
                self.optional(attributes.as_ref());
                self.event_name(event);
                // A ruleset id is no expression, though it is read as one.
                self.optional(for_rid.as_ref().filter(|rid| dotted(rid).is_none()));
            }
            StatementKind::Schedule { event, at, repeat, attributes, setting } => {
                self.optional(attributes.as_ref());
                self.event_name(event);
                self.optional(at.as_ref().or(repeat.as_ref()));
                setting.iter().for_each(|name| self.define(name, Type::Unknown));
            }
            StatementKind::Log(_, value) | StatementKind::Error(_, value) => {
                self.drop_type(value);
            }
            StatementKind::Last => {}
        }
    }

    fn optional(&mut self, expression: Option<&Expression>) {
        if let Some(expression) = expression {
            self.drop_type(expression);
        }
    }

    fn event_name(&mut self, event: &EventName) {
        match event {
            EventName::InDomain { name, .. } | EventName::Whole(name) => self.drop_type(name),
        }
    }

    /// `ent:v := ent:v.put(k, d)` writes the whole variable.
    fn put_hint(&mut self, variable: &DomainIdentifier, value: &Expression) {
        if let ExpressionKind::Call { callee, arguments, is_method: true } = &value.kind
            && let ExpressionKind::Identifier(method) = &callee.kind
            && &**method == "put"
            && let Some(object) = arguments.list.first()
            && let ExpressionKind::Domain(source) = &object.value.kind
            && source.domain.name == variable.domain.name
            && source.name.name == variable.name.name
        {
            let message = format!(
                "Performance Hint: to leverage indexes use `{}:{}{{key}} := value` instead of \
                 .put(key, value)",
                variable.domain.name, variable.name.name
            );
            self.warn(message, object.value.span);
        }
    }
}
