//! What a machine is in the middle of.

use super::{CALL_DEPTH_MAX, Instance, Machine};
use crate::ast::Span;
use crate::fault::Fault;
use crate::library::Iteration;
use crate::value::{Text, Value};
use std::sync::{Arc, Weak};

/// One thing that a machine is in the middle of.
pub(super) struct Frame {
    /// The ruleset whose code it is.
    pub(super) instance: u32,
    /// The ruleset on whose behalf actions are done: a module's action acts for its caller.
    pub(super) context: u32,
    pub(super) work: Work,
}

pub(super) enum Work {
    /// Code. Its variables begin at `base` on the stack; below them stands what was called.
    Code { function: u32, pc: u32, base: u32 },
    /// An operator that calls functions of the program.
    Iterate(Box<dyn Iteration>),
    /// Something from outside is awaited, but this is the value.
    Keep(Value),
    /// The initialisation of a module; then it is linked to its user.
    Link { user: u32, index: u32 },
}

/// Where a program is, for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The ruleset whose code runs.
    pub rid: Text,
    /// The rule or function, if it has a name.
    pub name: Option<Text>,
    /// Where in the source.
    pub span: Span,
}

impl Machine {
    pub(super) fn push_frame(&mut self, frame: Frame) -> Result<(), Fault> {
        if self.frames.len() >= CALL_DEPTH_MAX {
            return Err(Fault::Depth);
        }
        self.frames.push(frame);
        Ok(())
    }

    /// The ruleset whose code runs, by its index.
    pub(super) fn instance(&self) -> u32 {
        self.frames.last().map_or(0, |frame| frame.instance)
    }

    pub(super) fn context(&self) -> u32 {
        self.frames.last().map_or(0, |frame| frame.context)
    }

    /// Whether the code of the ruleset that was started runs, and not that of a module.
    pub(super) fn is_main(&self) -> bool {
        self.instance() == 0
    }

    fn rid_at(&self, instance: u32) -> Text {
        match self.instances.get(instance as usize) {
            Some(instance) => instance.program.rid.clone(),
            None => "".into(),
        }
    }

    /// The ruleset whose code runs.
    pub(super) fn rid(&self) -> Text {
        self.rid_at(self.instance())
    }

    /// The ruleset on whose behalf actions are done.
    pub(super) fn acting_rid(&self) -> Text {
        self.rid_at(self.context())
    }

    /// The index of an instance, which the machine keeps alive from now on.
    pub(super) fn enlist(&mut self, instance: &Arc<Instance>) -> u32 {
        let known = self.instances.iter().position(|known| Arc::ptr_eq(known, instance));
        let index = known.unwrap_or_else(|| {
            self.instances.push(instance.clone());
            self.instances.len() - 1
        });
        index as u32
    }

    /// The index of the instance that a function belongs to.
    pub(super) fn home(&mut self, instance: &Weak<Instance>) -> Result<u32, Fault> {
        let now = self.instance();
        let is_here = |known: &Arc<Instance>| std::ptr::eq(Arc::as_ptr(known), instance.as_ptr());
        if self.instances.get(now as usize).is_some_and(is_here) {
            return Ok(now);
        }
        if let Some(index) = self.instances.iter().position(is_here) {
            return Ok(index as u32);
        }
        let instance = instance.upgrade();
        let instance = instance.ok_or_else(|| Fault::error("the function's ruleset is gone"))?;
        Ok(self.enlist(&instance))
    }

    /// Where the program is.
    pub fn location(&self) -> Option<Location> {
        let mut is_top = true;
        for frame in self.frames.iter().rev() {
            if let Work::Code { function, pc, .. } = frame.work {
                let program = &self.instances.get(frame.instance as usize)?.program;
                let code = program.function(function)?;
                let next = if is_top { self.at } else { pc };
                let span = code.spans.get(next.saturating_sub(1) as usize).copied();
                let span = span.unwrap_or_default();
                return Some(Location { rid: program.rid.clone(), name: code.name.clone(), span });
            }
            is_top = false;
        }
        None
    }
}
