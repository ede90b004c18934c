//! The machine that runs programs.
//!
//! It has its own stack, counts fuel, depth and heap, and yields whatever it wants from the
//! outside as a [`Request`]; the caller answers it and runs the machine on.
//!
//! One machine runs one thing at a time: an initialisation, a query, a condition, a rule. It can
//! be used again for the next. What it may use up is in its [`Meter`], which goes with it.
//!
//! Source: krl-compiler and krl-stdlib 1.4 for what programs see. Absent on purpose: entity
//! variables, picos, clocks, random numbers; all are asked for.

#![expect(clippy::wildcard_enum_match_arm, reason = "most values are treated alike")]

mod call;
mod callable;
mod effect;
mod facts;
mod frame;
mod heap;
mod instance;
mod module;
mod operate;
mod request;
mod run;
mod start;
#[cfg(test)]
mod tests;

pub use callable::Callable;
pub use facts::{EventFacts, MetaFacts, RulesetFacts};
pub use frame::Location;
pub use instance::{Instance, Module};
pub use module::{MemberKind, Modules, NativeModule};
pub(crate) use operate::operator_kind;
pub use request::{ModuleUse, Request, RuleEnd, Step};

use crate::fault::Fault;
use crate::library::Meter;
use crate::value::{Text, Value};
use callable::Cell;
use frame::Frame;
use std::sync::{Arc, Weak};

/// Operations of one turn, unless it is told otherwise.
pub const FUEL_MAX: u64 = 10_000_000;
/// Bytes that a program may keep alive, unless it is told otherwise.
pub const HEAP_BYTES_MAX: usize = 64 << 20;
/// How deeply calls may nest.
pub const CALL_DEPTH_MAX: usize = 10_000;

/// A machine that runs one thing at a time.
pub struct Machine {
    meter: Meter,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    /// Instances that took part, the one that was started first.
    instances: Vec<Arc<Instance>>,
    /// Cells that this run made.
    cells: Vec<Weak<Cell>>,
    /// What is to be handed to the uppermost frame.
    incoming: Option<Result<Value, Fault>>,
    /// What to do first.
    waiting: Option<run::Flow>,
    /// The instruction after the one that runs.
    at: u32,
    /// What may be allocated before the heap is counted again.
    room: usize,
    event: Option<Arc<EventFacts>>,
    meta: Arc<MetaFacts>,
    now_ms: i64,
    rule: Option<Text>,
    has_fired: bool,
    /// Whether something was wanted from outside, or was told about it.
    is_pure: bool,
}

impl Machine {
    /// A machine that may use up what the meter holds.
    pub fn new(meter: Meter) -> Self {
        Self {
            room: meter.heap_max,
            meter,
            stack: Vec::new(),
            frames: Vec::new(),
            instances: Vec::new(),
            cells: Vec::new(),
            incoming: None,
            waiting: None,
            at: 0,
            event: None,
            meta: Arc::default(),
            now_ms: 0,
            rule: None,
            has_fired: false,
            is_pure: true,
        }
    }

    /// What it may still use up.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Changes what it may still use up: after another machine took part, for example.
    pub fn set_meter(&mut self, meter: Meter) {
        self.meter = meter;
    }

    /// Says which event programs run for; `None` for a query.
    pub fn set_event(&mut self, event: Option<Arc<EventFacts>>) {
        self.event = event;
    }

    /// Says what programs are told about the turn.
    pub fn set_meta(&mut self, meta: Arc<MetaFacts>) {
        self.meta = meta;
    }

    /// Says what time it is, in milliseconds.
    pub fn set_now(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    /// Whether a round of the rule fired.
    pub fn has_fired(&self) -> bool {
        self.has_fired
    }

    fn pop(&mut self) -> Value {
        debug_assert!(!self.stack.is_empty(), "code takes only what code left");
        self.stack.pop().unwrap_or_default()
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        instance::empty(std::mem::take(&mut self.cells));
    }
}

/// A meter with the usual limits.
impl Default for Meter {
    fn default() -> Self {
        Self { fuel: FUEL_MAX, allocated: 0, heap_max: HEAP_BYTES_MAX }
    }
}
