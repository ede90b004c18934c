//! Functions, actions and blocks of actions.

use super::code::{Function, Op};
use super::scope::Scope;
use super::{Compiler, Error, error, too_many};
use crate::ast::{self, Action, ActionBlock, BlockKind, Span};
use crate::value::{Text, Value};
use std::collections::HashSet;

impl Compiler {
    /// Code that makes a function or an action.
    pub(super) fn function(
        &mut self,
        function: &ast::Function,
        name: Option<Text>,
        span: Span,
    ) -> Result<(), Error> {
        self.scopes.push(Scope::new());
        self.parameters(function)?;
        self.block(&function.body)?;
        if let Some(action) = &function.action {
            self.action_block(action)?;
        }
        match &function.result {
            Some(result) => self.expression(result)?,
            None => self.emit(Op::Undefined, span),
        }
        self.emit(Op::Return, span);
        let scope = self.scopes.pop().unwrap_or_else(Scope::new);
        let names = function.parameters.iter().map(|parameter| parameter.name.name.clone());
        let id = self.pool.function(Function {
            name,
            parameters: names.collect(),
            is_action: function.action.is_some(),
            ..scope.finish()
        });
        self.emit(Op::Closure(id), span);
        Ok(())
    }

    /// Parameters are the first variables. A default sees the parameters before it.
    fn parameters(&mut self, function: &ast::Function) -> Result<(), Error> {
        let mut has_default = false;
        let mut names = HashSet::new();
        for parameter in &function.parameters {
            let name = &parameter.name;
            if !names.insert(&name.name) {
                return Err(error(format!("Duplicate parameter: {}", name.name), name.span));
            }
            if has_default && parameter.default.is_none() {
                let message = "Cannot have a non-default parameter after a defaulted one";
                return Err(error(message, name.span));
            }
            has_default |= parameter.default.is_some();
            self.slot(name.span)?;
        }
        for (slot, parameter) in (0u16..).zip(&function.parameters) {
            self.scope().name(&parameter.name.name, slot);
            let Some(default) = &parameter.default else { continue };
            let given = self.jump(Op::JumpIfGiven(slot, 0), default.span);
            self.expression(default)?;
            self.emit(Op::SetLocal(slot), default.span);
            self.land(given);
        }
        Ok(())
    }

    /// Code of a block of actions; the variable says whether its condition held.
    pub(super) fn action_block(&mut self, block: &ActionBlock) -> Result<u16, Error> {
        let fired = self.slot(block.span)?;
        match &block.condition {
            Some(condition) => self.expression(condition)?,
            None => self.constant(Value::Boolean(true), block.span),
        }
        self.emit(Op::SetLocal(fired), block.span);
        self.emit(Op::Local(fired), block.span);
        let skip = self.jump(Op::JumpUnless(0), block.span);
        match &block.kind {
            BlockKind::Every => {
                block.actions.iter().try_for_each(|action| self.action(action))?;
            }
            BlockKind::Sample if block.actions.is_empty() => {}
            BlockKind::Sample => {
                self.emit(Op::Random(block.actions.len() as u32), block.span);
                let number = |index, _: &Action| Ok(Value::Number(index as f64));
                self.one_of(block, number)?;
            }
            BlockKind::Choose(which) => {
                self.expression(which)?;
                self.one_of(block, |_, action| match &action.label {
                    Some(label) => Ok(Value::String(label.name.clone())),
                    None => {
                        let message = "all actions inside a `choose` block need a label";
                        Err(error(message, action.span))
                    }
                })?;
            }
        }
        self.land(skip);
        Ok(fired)
    }

    /// Runs the first action whose label is the value on the stack.
    fn one_of(
        &mut self,
        block: &ActionBlock,
        label: impl Fn(usize, &Action) -> Result<Value, Error>,
    ) -> Result<(), Error> {
        let which = self.slot(block.span)?;
        self.emit(Op::SetLocal(which), block.span);
        let mut done = Vec::new();
        for (index, action) in block.actions.iter().enumerate() {
            let label = self.pool.constant(label(index, action)?);
            self.emit(Op::Local(which), action.span);
            self.emit(Op::Same(label), action.span);
            let next = self.jump(Op::JumpUnless(0), action.span);
            self.action(action)?;
            done.push(self.jump(Op::Jump(0), action.span));
            self.land(next);
        }
        done.into_iter().for_each(|jump| self.land(jump));
        Ok(())
    }

    fn action(&mut self, action: &Action) -> Result<(), Error> {
        self.callee(&action.callee)?;
        self.emit(Op::CheckAction, action.callee.span);
        self.values(&action.arguments.list)?;
        let op = match self.named(&action.arguments.list) {
            Some(shape) => Op::ActNamed(shape),
            None => Op::Act(action.arguments.list.len() as u32),
        };
        self.emit(op, action.span);
        match &action.setting[..] {
            [] => self.emit(Op::Pop, action.span),
            // Actions of one block may set the same variable, `choose` for example.
            [variable] => {
                let declared = self.scope().declare_once(&variable.name);
                let slot = declared.map_err(|_| too_many(variable.span))?;
                self.emit(Op::SetLocal(slot), variable.span);
            }
            [_, second, ..] => {
                return Err(error("Actions only return on value", second.span));
            }
        }
        Ok(())
    }
}
