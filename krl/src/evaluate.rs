//! One-liners: source text to value, with nothing outside.

use crate::ast::Source;
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::library::Meter;
use crate::machine::{Machine, Modules, Request, Step};
use crate::value::Value;
use crate::{compile, parser};

/// Why a one-liner has no value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not KRL.
    #[error("not KRL")]
    Source(Vec<Diagnostic>),
    /// It did not finish.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The value of a snippet: declarations, then an expression. Entity variables are empty, and
/// modules that reach outside fail.
///
/// ```
/// use picomesh_krl::library::Meter;
/// let value = picomesh_krl::evaluate("x = 6 x * 7", Meter::default()).unwrap();
/// assert_eq!(&*value.to_text(), "42");
/// ```
pub fn evaluate(source: &str, meter: Meter) -> Result<Value, Error> {
    let parsed = parser::parse_source(source).map_err(Error::Source)?;
    let Source::Snippet { declarations, result } = parsed else {
        return Err(Fault::error("a ruleset has no value").into());
    };
    let program = compile::compile_snippet(&declarations, result.as_ref())
        .map_err(|error| Error::Source(vec![Diagnostic::error(error.message, error.span)]))?;
    let mut machine = Machine::new(meter);
    machine.init(program, Modules::standard(), Vec::new());
    loop {
        match machine.run(u64::MAX)? {
            Step::Done(value) => return Ok(value),
            Step::Request(Request::Module { domain, name, .. }) => {
                let text = format!("{domain}:{name} is not there outside an engine");
                machine.answer(Err(Fault::error(text)));
            }
            Step::Request(_) => machine.answer(Ok(Value::Null)),
            Step::Rule(_) | Step::Slice => {}
        }
    }
}
