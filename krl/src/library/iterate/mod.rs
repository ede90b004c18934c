//! Operators that call functions of the program.
//!
//! Source: krl-stdlib 1.4. Each is a state machine: it says what is to be called next and is told
//! the answer.

mod each;
mod fold;
mod merge;
mod replace;
mod sort;

pub(super) use each::{all, any, collect, filter, map, none, notall};
pub(super) use fold::{pairwise, reduce};
pub(super) use replace::replace;
pub(super) use sort::sort;

use crate::fault::Fault;
use crate::value::Value;

/// What is called must be something that can be.
fn callable(function: &Value) -> Result<Value, Fault> {
    match function {
        Value::Callable(_) => Ok(function.clone()),
        _ => Err(Fault::type_error("iter is not a function")),
    }
}

#[cfg(test)]
mod tests;
