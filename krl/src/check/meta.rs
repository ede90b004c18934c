//! The ruleset as a whole: its meta block, globals, rules, what it gives to others.

use super::Checker;
use super::scope::Type;
use crate::ast::{Expression, Identifier, MetaKind, MetaProperty, Ruleset, Span};
use crate::diagnostic::Diagnostic;
use std::collections::HashSet;

impl Checker {
    pub(super) fn ruleset(&mut self, ruleset: &Ruleset) {
        if ruleset.version.is_some() {
            let message =
                "ruleset{version ...} is deprecated. Use ruleset{meta{version ...}} instead";
            self.warn(message, ruleset.span);
        }
        let properties: Vec<&MetaProperty> = ruleset.meta.iter().flatten().collect();
        self.properties(&properties, ruleset.version.as_ref());
        let mut configured: Vec<&Identifier> = vec![];
        for property in &properties {
            match &property.kind {
                MetaKind::Use { with, .. } => {
                    with.iter().for_each(|entry| self.drop_type(&entry.value));
                }
                MetaKind::Configure(declarations) => {
                    for declaration in declarations {
                        let name = &declaration.name;
                        let kind = self.expression(&declaration.value);
                        self.define(name, kind);
                        if configured.iter().any(|other| other.name == name.name) {
                            let message = format!("Duplicate declaration: {}", name.name);
                            self.error(message, declaration.span);
                        }
                        configured.push(name);
                    }
                }
                MetaKind::Text(_)
                | MetaKind::Logging(_)
                | MetaKind::Provides(_)
                | MetaKind::Shares(_)
                | MetaKind::Key { .. }
                | MetaKind::ProvidesKeys { .. }
                | MetaKind::ErrorsTo { .. } => {}
            }
        }
        self.block(&ruleset.global, &configured);
        let mut names = HashSet::new();
        for rule in &ruleset.rules {
            if !names.insert(&rule.name.name) {
                let message = format!("Duplicate rule name: {}", rule.name.name);
                self.error(message, rule.name.span);
            }
            self.rule(rule);
        }
        for property in &properties {
            if let MetaKind::Shares(names) = &property.kind {
                names.iter().for_each(|name| self.given(name, "share"));
            }
        }
        for property in &properties {
            if let MetaKind::Provides(names) = &property.kind {
                names.iter().for_each(|name| self.given(name, "provide"));
            }
        }
    }

    /// A name that others may use.
    fn given(&mut self, name: &Identifier, what: &str) {
        let is_own = self.scopes.innermost().contains_key(&name.name);
        let kind = self.scopes.get(&name.name).filter(|kind| is_own || *kind == Type::Map);
        match kind {
            None => {
                let message =
                    format!("Trying to {what}: {} but it's not defined in global", name.name);
                let mut error = Diagnostic::error(message, name.span);
                if let Some(other) = super::hint::nearest(&name.name, self.scopes.names()) {
                    error = error.with_hint(format!("did you mean `{other}`?"));
                }
                self.found.push(error);
            }
            Some(Type::Action) if what == "share" => {
                let message = format!("Actions must not be shared: {}", name.name);
                let error = Diagnostic::error(message, name.span)
                    .with_hint("actions are for other rulesets: `provides`");
                self.found.push(error);
            }
            Some(_) => {}
        }
    }

    /// Properties by their keys, in the order in which the keys come up first.
    fn properties(&mut self, properties: &[&MetaProperty], version: Option<&Expression>) {
        let mut seen = HashSet::new();
        let version = version.map(|value| ("version", value.span, Some(value), None));
        let all = properties.iter().map(|property| {
            let text = match &property.kind {
                MetaKind::Text(value) => Some(value),
                MetaKind::Logging(_)
                | MetaKind::Use { .. }
                | MetaKind::Configure(_)
                | MetaKind::Provides(_)
                | MetaKind::Shares(_)
                | MetaKind::Key { .. }
                | MetaKind::ProvidesKeys { .. }
                | MetaKind::ErrorsTo { .. } => None,
            };
            (key(property), property.span, text, Some(&property.kind))
        });
        let all: Vec<(&str, Span, Option<&Expression>, Option<&MetaKind>)> =
            all.chain(version).collect();
        for (key, span, text, kind) in &all {
            if !seen.insert(*key) {
                continue;
            }
            let is_single = ["version", "name", "description", "author", "logging"].contains(key);
            let second = all.iter().filter(|other| other.0 == *key).nth(1);
            if let Some((_, second, ..)) = second
                && is_single
            {
                self.error(format!("only 1 meta.{key} allowed"), *second);
            }
            match (text, kind) {
                (Some(text), _) => self.drop_type(text),
                (None, Some(MetaKind::Logging(_))) => {
                    let message = "DEPRECATED meta.logging is no longer needed, logging is \
                                   always on";
                    self.warn(message, *span);
                }
                (
                    None,
                    Some(
                        MetaKind::Key { .. }
                        | MetaKind::ProvidesKeys { .. }
                        | MetaKind::ErrorsTo { .. },
                    ),
                ) => self.error(format!("RulesetMetaProperty not supported: {key}"), *span),
                (None, _) => {}
            }
        }
    }
}

/// The key that the reference files a property under.
fn key(property: &MetaProperty) -> &str {
    match &property.kind {
        MetaKind::Text(_) => &property.key.name,
        MetaKind::Logging(_) => "logging",
        MetaKind::Use { .. } => "use",
        MetaKind::Configure(_) => "configure",
        MetaKind::Provides(_) => "provides",
        MetaKind::Shares(_) => "shares",
        MetaKind::Key { .. } => "keys",
        MetaKind::ProvidesKeys { .. } => "provides_keys",
        MetaKind::ErrorsTo { .. } => "errors",
    }
}
