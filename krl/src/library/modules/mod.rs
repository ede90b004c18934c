//! Modules that only compute: `math` and `time`.
//!
//! Source: pico-engine-core 1.4. A module knows no clock: the present is an argument.

mod bytes;
mod digest;
mod iso;
mod math;
mod strftime;
mod time;

#[cfg(test)]
mod tests;

use super::arguments::Given;
use super::{Args, Meter};
use crate::fault::Fault;
use crate::value::Value;

/// A function or a property of a module. `now_ms` is the present in milliseconds since 1970.
/// `None`: no such member here.
pub fn call(
    domain: &str,
    name: &str,
    args: Args,
    now_ms: f64,
    meter: &mut Meter,
) -> Option<Result<Value, Fault>> {
    let (parameters, run) = match domain {
        "math" => math::member(name)?,
        "time" => time::member(name)?,
        _ => return None,
    };
    let result = meter.spend(1);
    Some(result.and_then(|()| run(Given::place(args, parameters), now_ms, meter)))
}

/// What a member is: the names of its parameters, and what it does.
type Member = (&'static [&'static str], fn(Given, f64, &mut Meter) -> Result<Value, Fault>);
