//! Blocks of actions.

use super::Checker;
use super::scope::Type;
use crate::ast::{Action, ActionBlock, BlockKind};
use crate::diagnostic::Diagnostic;

impl Checker {
    pub(super) fn action_block(&mut self, block: &ActionBlock) {
        if let Some(condition) = &block.condition {
            self.drop_type(condition);
        }
        if let BlockKind::Choose(which) = &block.kind {
            self.drop_type(which);
        }
        for action in &block.actions {
            if matches!(block.kind, BlockKind::Choose(_)) && action.label.is_none() {
                let message = "all actions inside a `choose` block need a label";
                let error = Diagnostic::error(message, action.span)
                    .with_hint("a label is `name => action(…)`");
                self.found.push(error);
            }
            self.action(action);
        }
    }

    fn action(&mut self, action: &Action) {
        let kind = self.expression(&action.callee);
        match kind {
            Type::Action | Type::ActionFunction | Type::Unknown => {}
            Type::Function | Type::String | Type::Map => {
                let message = format!("Not an action: {}", kind.name());
                let error = Diagnostic::error(message, action.callee.span).with_hint(
                    "actions are defined by `defaction`; a function is called in an expression",
                );
                self.found.push(error);
            }
        }
        self.arguments(&action.arguments);
        if let [_, second, ..] = &action.setting[..] {
            self.error("Actions only return on value", second.span);
        }
        for variable in &action.setting {
            self.define(variable, Type::Unknown);
        }
    }
}
