//! Blocks of declarations.
//!
//! Expressions see what was declared before them, functions see the whole block. So expressions
//! are compiled first and functions after them, and the pieces of code are then put together in
//! source order, in which they run.

use super::code::Op;
use super::scope::BEFORE_BLOCK;
use super::{Compiler, Error, error, too_many};
use crate::ast::{Declaration, ExpressionKind, Function, Span};
use crate::value::Text;
use std::collections::HashSet;

/// A piece of code.
type Piece = (Vec<Op>, Vec<Span>);

impl Compiler {
    /// Code that gives the names of a block their values.
    pub(super) fn block(&mut self, declarations: &[Declaration]) -> Result<(), Error> {
        let (code, spans) = self.begin_piece();
        let mut pieces: Vec<Piece> = Vec::with_capacity(declarations.len());
        let mut variables = Vec::with_capacity(declarations.len());
        let mut names = HashSet::new();
        for (declaration, order) in declarations.iter().zip(BEFORE_BLOCK + 1..) {
            let name = &declaration.name.name;
            if !names.insert(name) {
                let message = format!("Duplicate declaration: {name}");
                return Err(error(message, declaration.name.span));
            }
            let is_function = as_function(declaration).is_some();
            if !is_function {
                self.expression(&declaration.value)?;
            }
            variables.push(self.declare(name, order, declaration.name.span)?);
            if !is_function {
                self.emit(variables[variables.len() - 1], declaration.span);
            }
            pieces.push(self.begin_piece());
        }
        for (index, declaration) in declarations.iter().enumerate() {
            let Some(function) = as_function(declaration) else { continue };
            self.scope().declaring = Some(BEFORE_BLOCK + 1 + index as u32);
            let name = Some(declaration.name.name.clone());
            self.function(function, name, declaration.value.span)?;
            self.scope().declaring = None;
            self.emit(variables[index], declaration.span);
            pieces[index] = self.begin_piece();
        }
        let scope = self.scope();
        (scope.code, scope.spans) = (code, spans);
        for (code, spans) in pieces {
            scope.code.extend(code);
            scope.spans.extend(spans);
        }
        Ok(())
    }

    /// Takes the code that was emitted so far out of the scope.
    fn begin_piece(&mut self) -> Piece {
        let scope = self.scope();
        (std::mem::take(&mut scope.code), std::mem::take(&mut scope.spans))
    }

    /// Declares a name; the instruction sets its value.
    fn declare(&mut self, name: &Text, order: u32, span: Span) -> Result<Op, Error> {
        if self.is_global() {
            return Ok(Op::SetGlobal(self.declare_global(name)));
        }
        let slot = self.scope().declare(name, order).map_err(|_| too_many(span))?;
        Ok(Op::SetLocal(slot))
    }

    /// Declares a name whose value is on the stack.
    pub(super) fn declare_here(&mut self, name: &Text, span: Span) -> Result<(), Error> {
        let set = self.declare(name, BEFORE_BLOCK, span)?;
        self.emit(set, span);
        Ok(())
    }
}

/// The function that a declaration names directly.
pub(super) fn as_function(declaration: &Declaration) -> Option<&Function> {
    match &declaration.value.kind {
        ExpressionKind::Function(function) => Some(function),
        _ => None,
    }
}
