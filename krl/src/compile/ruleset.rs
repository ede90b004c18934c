//! Rulesets: what they say about themselves, what they use, globals, rules.

use super::code::{Function, Op};
use super::program::{Meta, Program, Use};
use super::scope::Scope;
use super::{Compiler, Error, error};
use crate::ast::{
    ChevronPart, Declaration, Expression, ExpressionKind, MetaKind, MetaProperty, Ruleset,
};
use crate::value::Text;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, Weak};

impl Compiler {
    pub(super) fn ruleset(mut self, ruleset: &Ruleset) -> Result<Arc<Program>, Error> {
        let mut meta = Meta::default();
        let (mut shares, mut provides, mut configure) = (Vec::new(), Vec::new(), Vec::new());
        for property in ruleset.meta.iter().flatten() {
            match &property.kind {
                MetaKind::Text(value) => describe(&mut meta, &property.key.name, value),
                MetaKind::Use { rid, alias, with, .. } => {
                    let alias = alias.as_ref().unwrap_or(rid).name.clone();
                    self.uses(&rid.name, alias, with, property)?;
                }
                MetaKind::Configure(declarations) => {
                    self.configure(declarations, &mut configure)?;
                }
                MetaKind::Provides(names) => provides.extend(names),
                MetaKind::Shares(names) => shares.extend(names),
                MetaKind::Logging(_) => {}
                MetaKind::Key { .. } => return Err(unsupported(property, "")),
                MetaKind::ProvidesKeys { .. } => return Err(unsupported(property, "_keys")),
                MetaKind::ErrorsTo { .. } => return Err(unsupported(property, "")),
            }
        }
        if let Some(version) = &ruleset.version {
            describe(&mut meta, "version", version);
        }
        self.block(&ruleset.global)?;
        let mut rules = Vec::new();
        let mut names = HashSet::new();
        for rule in &ruleset.rules {
            if !names.insert(&rule.name.name) {
                let message = format!("Duplicate rule name: {}", rule.name.name);
                return Err(error(message, rule.name.span));
            }
            rules.extend(self.rule(rule)?);
            self.testing.end_rule();
        }
        let parameters = parameters(&ruleset.global);
        for (names, what) in [(&shares, "share"), (&provides, "provide")] {
            for name in names {
                if !self.globals.contains_key(&name.name) && &*name.name != "__testing" {
                    let message =
                        format!("Trying to {what}: {} but it's not defined in global", name.name);
                    return Err(error(message, name.span));
                }
            }
        }
        for name in &shares {
            let arguments = parameters.get(&name.name).cloned().unwrap_or_default();
            self.testing.query(&name.name, arguments);
        }
        let unique = |names: Vec<&crate::ast::Identifier>| -> Vec<Text> {
            let mut seen = HashSet::new();
            names.iter().map(|name| name.name.clone()).filter(|n| seen.insert(n.clone())).collect()
        };
        let (mut shares, mut provides) = (unique(shares), unique(provides));
        // `__testing` is there for all, whether a ruleset shares it or not.
        let is_own = |name: &Text| self.globals.contains_key(name);
        shares.retain(is_own);
        provides.retain(is_own);
        self.emit(Op::Undefined, ruleset.span);
        self.emit(Op::Return, ruleset.span);
        let init = self.scopes.pop().unwrap_or_else(Scope::new).finish();
        let init = self.pool.function(Function { name: Some("global".into()), ..init });
        let too_deep = |fault: crate::fault::Fault| error(fault.to_string(), ruleset.span);
        let testing = self.testing.finish(&mut self.pool).map_err(too_deep)?;
        let mut program = self.program(init);
        program.meta = meta;
        program.testing = testing;
        program.rules = rules;
        (program.shares, program.provides, program.configure) = (shares, provides, configure);
        Ok(Arc::new(program))
    }

    pub(super) fn snippet(
        mut self,
        declarations: &[Declaration],
        result: Option<&Expression>,
    ) -> Result<Arc<Program>, Error> {
        self.scopes.push(Scope::new());
        self.block(declarations)?;
        let span = result.map(|result| result.span).unwrap_or_default();
        match result {
            Some(result) => self.expression(result)?,
            None => self.emit(Op::Undefined, span),
        }
        self.emit(Op::Return, span);
        let scope = self.scopes.pop().unwrap_or_else(Scope::new);
        let init = self.pool.function(scope.finish());
        Ok(Arc::new(self.program(init)))
    }

    fn uses(
        &mut self,
        rid: &Text,
        alias: Text,
        with: &[Declaration],
        property: &MetaProperty,
    ) -> Result<(), Error> {
        with.iter().try_for_each(|entry| self.expression(&entry.value))?;
        let names: Vec<Text> = with.iter().map(|entry| entry.name.name.clone()).collect();
        let shape = self.pool.shape(0, names.clone());
        self.uses.push(Use { rid: rid.clone(), alias, with: names, shape });
        let index = self.uses.len() as u32 - 1;
        self.emit(Op::Use(index), property.span);
        Ok(())
    }

    fn configure(
        &mut self,
        declarations: &[Declaration],
        names: &mut Vec<Text>,
    ) -> Result<(), Error> {
        for declaration in declarations {
            self.expression(&declaration.value)?;
            let name = self.pool.name(&declaration.name.name);
            self.emit(Op::Configure(name), declaration.span);
            self.declare_here(&declaration.name.name, declaration.name.span)?;
            names.push(declaration.name.name.clone());
        }
        Ok(())
    }

    fn program(self, init: u32) -> Program {
        Program {
            rid: self.rid,
            meta: Meta::default(),
            uses: self.uses,
            configure: Vec::new(),
            shares: Vec::new(),
            provides: Vec::new(),
            rules: Vec::new(),
            testing: crate::value::Value::Null,
            globals: self.globals,
            global_names: self.global_names,
            constants: self.pool.constants,
            names: self.pool.names,
            shapes: self.pool.shapes,
            events: self.pool.events,
            members: self.pool.members,
            functions: self.pool.functions,
            init,
            shared: Mutex::new(Weak::new()),
            is_unshareable: AtomicBool::new(false),
        }
    }
}

fn unsupported(property: &MetaProperty, more: &str) -> Error {
    let message = format!("RulesetMetaProperty not supported: {}{more}", property.key.name);
    error(message, property.span)
}

fn describe(meta: &mut Meta, key: &str, value: &Expression) {
    let text = text(value);
    match key {
        "name" => meta.name = text,
        "description" => meta.description = text,
        "author" => meta.author = text,
        "version" => meta.version = text,
        _ => {}
    }
}

/// The text of a literal.
fn text(expression: &Expression) -> Option<Text> {
    match &expression.kind {
        ExpressionKind::String(text) => Some(text.clone()),
        ExpressionKind::Number(number) => Some(number.to_string().into()),
        ExpressionKind::Chevron(parts) => {
            let mut text = String::new();
            for part in parts {
                let ChevronPart::Text(piece) = part else { return None };
                text.push_str(piece);
            }
            Some(text.into())
        }
        _ => None,
    }
}

/// The parameters of global functions, also of those that are another name for one.
fn parameters(globals: &[Declaration]) -> HashMap<Text, Vec<Text>> {
    let mut known: HashMap<Text, Vec<Text>> = HashMap::new();
    for declaration in globals {
        if let Some(function) = super::block::as_function(declaration) {
            let names = function.parameters.iter().map(|p| p.name.name.clone()).collect();
            known.insert(declaration.name.name.clone(), names);
        }
    }
    for declaration in globals {
        if let ExpressionKind::Identifier(other) = &declaration.value.kind
            && let Some(names) = known.get(other).cloned()
        {
            known.entry(declaration.name.name.clone()).or_insert(names);
        }
    }
    known
}
