//! Small programs that use `picomesh-agent` as a library.
//!
//! Each module is one program: `run` does all of it in a directory that it is given and returns
//! what came of it. `src/bin/` runs it in a directory that goes away afterwards, `tests/` runs it
//! and looks at what it returns. [`place`] is what they share.
//!
//! Programs in KRL are in `examples/krl/`; `tests/krl/` installs them into an agent and talks to
//! them over HTTP.
//!
//! Absent on purpose: HTTP. What a program in another language would do is in `docs/guides/`.

pub mod greeter;
pub mod issue;
pub mod place;
pub mod thermostat;
