//! `myJsModule`: stands for the modules that those who embed pico-engine can add.
//!
//! Source: the test suite of pico-engine 1.4, whose programs expect it. There in test mode alone.

use picomesh_pico::{Fault, Native, Rid};
use serde_json::{Map, Value};

/// The domain by which programs call it.
pub(crate) const DOMAIN: &str = "myJsModule";

/// The module.
pub(crate) fn module() -> Native {
    Native::new(Rid::literal(DOMAIN), "Multiplies and divides, for tests.")
        .provides("fun0", &["a", "b"], |_, args| as_number(number(args, "a") * number(args, "b")))
        .action("act", &["a", "b"], |_, args| as_number(number(args, "b") / number(args, "a")))
}

/// An argument as JavaScript's arithmetic takes it.
fn number(args: &Map<String, Value>, name: &str) -> f64 {
    args.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn as_number(number: f64) -> Result<Value, Fault> {
    let is_whole = number.fract() == 0.0 && number.abs() < 9e15;
    Ok(if is_whole { Value::from(number as i64) } else { Value::from(number) })
}
