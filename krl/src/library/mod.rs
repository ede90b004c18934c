//! The standard library: operators as functions over values.
//!
//! Source: krl-stdlib 1.4. An operator that calls back into the program is an [`Iteration`]:
//! the machine makes the calls, so that no operator recurses natively.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an operator names the values that it takes and treats all others alike"
)]

mod arguments;
mod bits;
mod collection;
mod convert;
mod infix;
mod iterate;
pub mod modules;
mod path;
mod pattern;
mod sets;
mod substitute;
mod table;
mod text;

pub use infix::{binary, unary};
pub use path::{index, member};
pub use table::{Operator, call, find};

use crate::fault::Fault;
use crate::value::{Text, Value};

/// What text takes beyond its bytes, about.
const TEXT_BYTES: usize = 32;
/// What a container takes beyond its items, about.
const CONTAINER_BYTES: usize = 64;
/// Bytes of text that are copied for one operation.
const BYTES_PER_FUEL: u64 = 64;

/// What a single operation has allocated so far, for results whose size shows only as they grow.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Growth(usize);

impl Growth {
    /// Counts memory before it is taken.
    pub(crate) fn add(&mut self, bytes: usize, meter: &mut Meter) -> Result<(), Fault> {
        self.0 = self.0.saturating_add(bytes);
        meter.fits(self.0)?;
        meter.allocate(bytes)
    }
}

/// What an operator comes to.
pub enum Outcome {
    /// A value.
    Value(Value),
    /// Calls into the program first.
    Iterate(Box<dyn Iteration>),
}

/// An operator that calls functions of the program, `map` or `sort` for example.
pub trait Iteration: Send {
    /// The next call, or the result. `answer` is what the last call returned, `None` at first.
    fn step(&mut self, answer: Option<Value>, meter: &mut Meter) -> Result<Next, Fault>;

    /// Shows every value that is held, so that memory can be counted.
    fn visit(&self, visit: &mut dyn FnMut(&Value));
}

/// What an iteration wants next.
pub enum Next {
    /// Call this with these arguments.
    Call(Value, Vec<Value>),
    /// It is over.
    Done(Value),
}

/// Arguments of an operator: by place, or by the name of the parameter.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// By place.
    pub positional: Vec<Value>,
    /// By name.
    pub named: Vec<(Text, Value)>,
}

/// What a program has used up.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Operations left.
    pub fuel: u64,
    /// Bytes allocated since the machine last counted what is alive.
    pub allocated: usize,
    /// Most bytes that a single operation may allocate: the heap limit.
    pub heap_max: usize,
}

impl Meter {
    /// Takes operations; an operator takes one for each element that it touches.
    pub fn spend(&mut self, operations: u64) -> Result<(), Fault> {
        self.fuel = self.fuel.checked_sub(operations).ok_or(Fault::Limit("FUEL_MAX"))?;
        Ok(())
    }

    /// Refuses a result that grows beyond what a single operation may allocate.
    pub fn fits(&self, bytes: usize) -> Result<(), Fault> {
        if bytes > self.heap_max { Err(Fault::Limit("HEAP_BYTES_MAX")) } else { Ok(()) }
    }

    /// Counts text before it is made.
    pub fn take_text(&mut self, bytes: usize) -> Result<(), Fault> {
        self.allocate(bytes.saturating_add(TEXT_BYTES))?;
        self.spend(bytes as u64 / BYTES_PER_FUEL)
    }

    /// Counts a container before it is made: an operation for each item.
    pub fn take_items(&mut self, items: usize) -> Result<(), Fault> {
        self.allocate(items.saturating_mul(size_of::<Value>()).saturating_add(CONTAINER_BYTES))?;
        self.spend(items as u64)
    }

    /// Counts memory before it is taken. The machine counts what is alive between operations.
    pub fn allocate(&mut self, bytes: usize) -> Result<(), Fault> {
        self.fits(bytes)?;
        self.allocated = self.allocated.saturating_add(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
