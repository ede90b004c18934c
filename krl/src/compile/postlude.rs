//! What follows the actions of a rule.

use super::code::{End, EventShape, Op};
use super::{Compiler, Error, error, too_many};
use crate::ast::{
    DomainIdentifier, EventName, Expression, ExpressionKind, Guard, LogLevel, Member, Postlude,
    Span, Statement, StatementKind,
};
use crate::value::{Text, Value};

impl Compiler {
    /// Code of a postlude. `loops` are the loops around it, the outermost first.
    pub(super) fn postlude(
        &mut self,
        postlude: &Postlude,
        fired: u16,
        loops: &[u16],
    ) -> Result<(), Error> {
        if !postlude.fired.is_empty() {
            self.emit(Op::Local(fired), postlude.span);
            self.guarded(&postlude.fired, loops, postlude.span)?;
        }
        if !postlude.notfired.is_empty() {
            self.emit(Op::Local(fired), postlude.span);
            self.emit(Op::Not, postlude.span);
            self.guarded(&postlude.notfired, loops, postlude.span)?;
        }
        postlude.always.iter().try_for_each(|statement| self.statement(statement, loops))
    }

    /// Statements that run when the value on the stack is truthy.
    fn guarded(
        &mut self,
        statements: &[Statement],
        loops: &[u16],
        span: Span,
    ) -> Result<(), Error> {
        let skip = self.jump(Op::JumpUnless(0), span);
        statements.iter().try_for_each(|statement| self.statement(statement, loops))?;
        self.land(skip);
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, loops: &[u16]) -> Result<(), Error> {
        let span = statement.span;
        match &statement.guard {
            None => return self.statement_kind(&statement.kind, span),
            Some(Guard::If(condition)) => self.expression(condition)?,
            Some(Guard::OnFinal) => {
                self.constant(Value::Boolean(true), span);
                for slot in loops {
                    let known = self.jump(Op::And(0), span);
                    self.emit(Op::LoopLast(*slot), span);
                    self.land(known);
                }
            }
        }
        let skip = self.jump(Op::JumpUnless(0), span);
        self.statement_kind(&statement.kind, span)?;
        self.land(skip);
        Ok(())
    }

    fn statement_kind(&mut self, kind: &StatementKind, span: Span) -> Result<(), Error> {
        match kind {
            StatementKind::Declare(declaration) => {
                self.expression(&declaration.value)?;
                self.declare_here(&declaration.name.name, declaration.name.span)?;
            }
            StatementKind::Assign { variable, path, value } => {
                let name = self.entity(variable)?;
                match path {
                    Some(path) => {
                        self.expression(path)?;
                        self.expression(value)?;
                        self.emit(Op::EntityPutPath(name), span);
                    }
                    None => {
                        self.expression(value)?;
                        self.emit(Op::EntityPut(name), span);
                    }
                }
            }
            StatementKind::Clear { variable, path } => {
                let name = self.entity(variable)?;
                match path {
                    Some(path) => {
                        self.expression(path)?;
                        self.emit(Op::EntityClearPath(name), span);
                    }
                    None => self.emit(Op::EntityClear(name), span),
                }
            }
            StatementKind::Raise { event, for_rid, attributes } => {
                self.raise(event, for_rid.as_ref(), attributes.as_ref(), span)?;
            }
            StatementKind::Schedule { event, at, repeat, attributes, setting } => {
                self.optional(attributes.as_ref(), span)?;
                let domain = self.event_name(event)?;
                self.optional(at.as_ref().or(repeat.as_ref()), span)?;
                let is_repeat = at.is_none();
                let shape = self.pool.event(EventShape { domain, is_repeat });
                self.emit(Op::Schedule(shape), span);
                match setting.first() {
                    Some(variable) => {
                        let declared = self.scope().declare_once(&variable.name);
                        let slot = declared.map_err(|_| too_many(variable.span))?;
                        self.emit(Op::SetLocal(slot), variable.span);
                    }
                    None => self.emit(Op::Pop, span),
                }
            }
            StatementKind::Log(level, value) => {
                self.expression(value)?;
                self.emit(Op::Log(*level), span);
            }
            StatementKind::Error(level, value) => {
                self.expression(value)?;
                self.emit(Op::Error(*level), span);
                if *level == LogLevel::Error {
                    self.emit(Op::EndRule(End::Error), span);
                }
            }
            StatementKind::Last => self.emit(Op::EndRule(End::Last), span),
        }
        Ok(())
    }

    fn entity(&mut self, variable: &DomainIdentifier) -> Result<u32, Error> {
        match &*variable.domain.name {
            "ent" => Ok(self.pool.name(&variable.name.name)),
            domain => {
                let message = format!("Only `ent:` variables can be set, not `{domain}:`");
                Err(error(message, variable.span))
            }
        }
    }

    fn raise(
        &mut self,
        event: &EventName,
        for_rid: Option<&Expression>,
        attributes: Option<&Expression>,
        span: Span,
    ) -> Result<(), Error> {
        let domain = self.event_name(event)?;
        match for_rid {
            Some(rid) => self.ruleset_id(rid)?,
            None => self.emit(Op::Undefined, span),
        }
        self.optional(attributes, span)?;
        let shape = self.pool.event(EventShape { domain, is_repeat: false });
        self.emit(Op::Raise(shape), span);
        Ok(())
    }

    /// Code that leaves an event's name on the stack; its domain, when it is written apart.
    fn event_name(&mut self, event: &EventName) -> Result<Option<Text>, Error> {
        match event {
            EventName::InDomain { domain, name } => {
                self.expression(name)?;
                Ok(Some(domain.name.clone()))
            }
            EventName::Whole(name) => {
                self.expression(name)?;
                Ok(None)
            }
        }
    }

    fn optional(&mut self, expression: Option<&Expression>, span: Span) -> Result<(), Error> {
        match expression {
            Some(expression) => self.expression(expression),
            None => {
                self.emit(Op::Undefined, span);
                Ok(())
            }
        }
    }

    /// `for RID`: a variable if there is one of this name, else the name itself. The reference
    /// reads an expression here and does nothing with it.
    fn ruleset_id(&mut self, rid: &Expression) -> Result<(), Error> {
        let Some(names) = dotted(rid) else { return self.expression(rid) };
        if self.variable(&names[0], rid.span)? {
            self.scope().code.pop();
            self.scope().spans.pop();
            return self.expression(rid);
        }
        self.constant(Value::text(names.join(".")), rid.span);
        Ok(())
    }
}

/// The names of `a.b.c`.
pub(crate) fn dotted(expression: &Expression) -> Option<Vec<Text>> {
    let mut names = Vec::new();
    let mut rest = expression;
    loop {
        match &rest.kind {
            ExpressionKind::Identifier(name) => {
                names.push(name.clone());
                names.reverse();
                return Some(names);
            }
            ExpressionKind::Member { object, member: Member::Dot, property } => {
                let ExpressionKind::String(name) = &property.kind else { return None };
                names.push(name.clone());
                rest = object;
            }
            _ => return None,
        }
    }
}
