//! Drives machines: runs them, answers what they ask, stops where the turn has to stop.

use super::host::{self, Reply};
use super::link::Links;
use super::{RunStop, to_fault, to_krl_fault};
use crate::context::Context;
use crate::fault::Fault;
use picomesh_krl::machine::{Machine, Request, RuleEnd, Step};
use picomesh_krl::value::Value;

/// Operations after which a machine lets others go first: about a millisecond.
const SLICE_OPERATIONS: u64 = 5_000;
/// Queries of a pico to itself that may wait for one another.
const OWN_QUERIES_DEPTH_MAX: usize = 32;

/// What a machine came to.
pub(crate) enum Ended {
    Value(Value),
    Rule(RuleEnd),
}

/// A machine, and those that run within it to answer the pico's queries to itself.
pub(crate) struct Driver {
    machines: Vec<Machine>,
    /// What the innermost machine wants and has not got.
    wanted: Option<Request>,
}

impl Driver {
    pub(crate) fn new(machine: Machine) -> Self {
        Self { machines: vec![machine], wanted: None }
    }

    /// Runs on.
    pub(crate) fn run(&mut self, context: &mut Context, links: &mut Links) -> RunStop<Ended> {
        loop {
            if let Some(request) = self.wanted.take()
                && let Some(fault) = self.answer(context, links, request)
            {
                return RunStop::Wait(fault);
            }
            let Some(machine) = self.machines.last_mut() else {
                return RunStop::Over(Err(Fault::Broken("no machine to run".into())));
            };
            let ended = match machine.run(SLICE_OPERATIONS) {
                Ok(Step::Slice) => return RunStop::Pause,
                Ok(Step::Request(request)) => {
                    self.wanted = Some(request);
                    continue;
                }
                Ok(Step::Done(value)) => Ok(Ended::Value(value)),
                Ok(Step::Rule(end)) => Ok(Ended::Rule(end)),
                Err(fault) => Err(fault),
            };
            if self.machines.len() == 1 {
                return RunStop::Over(ended.map_err(to_fault));
            }
            self.end_inner(context, ended);
        }
    }

    /// The innermost machine answered a query of the one around it.
    fn end_inner(
        &mut self,
        context: &mut Context,
        ended: Result<Ended, picomesh_krl::fault::Fault>,
    ) {
        let Some(inner) = self.machines.pop() else { return };
        context.core.may_write = context.core.may_write_before.pop().unwrap_or(false);
        let Some(outer) = self.machines.last_mut() else { return };
        // What the query used up is the turn's.
        outer.set_meter(inner.meter().clone());
        outer.answer(ended.map(|ended| match ended {
            Ended::Value(value) => value,
            Ended::Rule(_) => Value::Undefined,
        }));
    }

    /// Answers a request; a fault that comes back is what the turn has to wait for.
    fn answer(
        &mut self,
        context: &mut Context,
        links: &mut Links,
        request: Request,
    ) -> Option<Fault> {
        let depth = self.machines.len();
        let machine = self.machines.last_mut()?;
        context.core.hold();
        let reply = match host::answer(context, links, machine, &request) {
            Ok(Reply::Inner(_)) if depth > OWN_QUERIES_DEPTH_MAX => {
                Err(Fault::Limit { name: "OWN_QUERIES_DEPTH_MAX" })
            }
            reply => reply,
        };
        context.core.release(reply.is_ok());
        match reply {
            Ok(Reply::Value(value)) => machine.answer(Ok(value)),
            Ok(Reply::Inner(inner)) => {
                let may_write = std::mem::replace(&mut context.core.may_write, false);
                context.core.may_write_before.push(may_write);
                self.machines.push(*inner);
            }
            Err(fault) if fault.is_wait() => {
                self.wanted = Some(request);
                return Some(fault);
            }
            Err(fault) => machine.answer(Err(to_krl_fault(fault))),
        }
        None
    }

    /// The outermost machine, when it is done.
    pub(crate) fn into_machine(mut self) -> Option<Machine> {
        self.machines.truncate(1);
        self.machines.pop()
    }
}
