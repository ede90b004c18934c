//! Rules.

use super::code::{CodeId, End, Function, Op};
use super::program::Rule;
use super::scope::Scope;
use super::{Compiler, Error, error, too_many};
use crate::ast::{self, EventBase, Expression, Foreach, Span, When};
use crate::select::{self, Select};
use crate::value::{Text, Value};

impl Compiler {
    /// Compiles a rule. An inactive one is as if it were not there.
    pub(super) fn rule(&mut self, rule: &ast::Rule) -> Result<Option<Rule>, Error> {
        if !rule.is_active {
            return Ok(None);
        }
        let Some(ast_select) = &rule.select else {
            let message = format!("rule {} is missing a `select`", rule.name.name);
            return Err(error(message, rule.span));
        };
        let select = Select::compile(ast_select)
            .map_err(|fault| error(fault.to_string(), ast_select.span))?;
        self.testing.begin_rule();
        let conditions = self.conditions(ast_select, &select)?;
        let within = match &ast_select.when {
            When::Events { within: Some(within), .. } => {
                Some(self.alone(&within.expression, &[], &[])?)
            }
            When::Events { within: None, .. } | When::Where(_) => None,
        };
        let body = self.rule_body(rule, select.variables())?;
        Ok(Some(Rule { name: rule.name.name.clone(), select, conditions, within, body }))
    }

    /// Code of the conditions, one place for each kind of event.
    fn conditions(
        &mut self,
        ast_select: &ast::Select,
        select: &Select,
    ) -> Result<Vec<Option<CodeId>>, Error> {
        if let When::Where(condition) = &ast_select.when {
            return Ok(vec![Some(self.alone(condition, &[], &[])?)]);
        }
        let mut conditions = Vec::new();
        for EventBase { domain, name, attributes, setting, condition, .. } in
            select::bases(ast_select)
        {
            self.testing.event(&domain.name, &name.name);
            attributes.iter().for_each(|matched| self.testing.attribute(&matched.name.name));
            let names: Vec<Text> = setting.iter().map(|name| name.name.clone()).collect();
            let code = condition.as_ref();
            let code = code.map(|code| self.alone(code, &names, select.variables()));
            conditions.push(code.transpose()?);
        }
        Ok(conditions)
    }

    /// Code of an expression that is evaluated by itself, with these variables.
    fn alone(
        &mut self,
        expression: &Expression,
        given: &[Text],
        absent: &[Text],
    ) -> Result<CodeId, Error> {
        self.begin(given, expression.span)?;
        for name in absent.iter().filter(|name| !given.contains(name)) {
            self.scope().declare_once(name).map_err(|_| too_many(expression.span))?;
        }
        self.expression(expression)?;
        self.emit(Op::Return, expression.span);
        Ok(self.end(None, given))
    }

    fn begin(&mut self, parameters: &[Text], span: Span) -> Result<(), Error> {
        self.scopes.push(Scope::new());
        for name in parameters {
            let slot = self.slot(span)?;
            self.scope().name(name, slot);
        }
        Ok(())
    }

    fn end(&mut self, name: Option<Text>, parameters: &[Text]) -> CodeId {
        let scope = self.scopes.pop().unwrap_or_else(Scope::new);
        self.pool.function(Function { name, parameters: parameters.into(), ..scope.finish() })
    }

    fn rule_body(&mut self, rule: &ast::Rule, variables: &[Text]) -> Result<CodeId, Error> {
        self.begin(variables, rule.name.span)?;
        let mut loops = Vec::new();
        self.testing.hold();
        for foreach in &rule.foreach {
            loops.push(self.foreach(foreach)?);
        }
        let held = self.testing.release();
        self.block(&rule.pre)?;
        let fired = match &rule.action {
            Some(action) => self.action_block(action)?,
            None => {
                let fired = self.slot(rule.span)?;
                self.constant(Value::Boolean(true), rule.span);
                self.emit(Op::SetLocal(fired), rule.span);
                fired
            }
        };
        self.emit(Op::Fired(fired), rule.span);
        if let Some(postlude) = &rule.postlude {
            let slots: Vec<u16> = loops.iter().map(|round| round.slot).collect();
            self.postlude(postlude, fired, &slots)?;
        }
        for round in loops.iter().rev() {
            self.jump_back(round.start, Op::LoopNext(round.slot, 0), round.span);
            self.land(round.exit);
        }
        held.iter().for_each(|name| self.testing.attribute(name));
        self.emit(Op::EndRule(End::Continue), rule.span);
        Ok(self.end(Some(rule.name.name.clone()), variables))
    }

    fn foreach(&mut self, foreach: &Foreach) -> Result<Round, Error> {
        self.expression(&foreach.expression)?;
        let span = foreach.span;
        let slot = self.slot(span)?;
        // The place within what is gone over.
        self.slot(span)?;
        self.emit(Op::Loop(slot), span);
        let start = self.scope().code.len();
        let exit = self.jump(Op::LoopTest(slot, 0), span);
        for (place, name) in foreach.setting.iter().enumerate() {
            self.emit(
                [Op::LoopValue(slot), Op::LoopKey(slot)]
                    .get(place)
                    .copied()
                    .unwrap_or(Op::Undefined),
                span,
            );
            self.declare_here(&name.name, name.span)?;
        }
        Ok(Round { slot, start, exit, span })
    }
}

/// A loop that is open.
struct Round {
    slot: u16,
    start: usize,
    exit: usize,
    span: Span,
}
