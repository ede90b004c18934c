//! The standard library: operators as functions over values.
//!
//! Source: krl-stdlib 1.4. An operator that calls back into the program is an [`Iteration`]:
//! the machine makes the calls, so that no operator recurses natively.

use crate::fault::Fault;
use crate::value::{Text, Value};

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

    /// Counts memory before it is taken. The machine counts what is alive between operations.
    pub fn allocate(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > self.heap_max {
            return Err(Fault::Limit("HEAP_BYTES_MAX"));
        }
        self.allocated = self.allocated.saturating_add(bytes);
        Ok(())
    }
}
