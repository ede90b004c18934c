//! Programs in KRL as rulesets of a pico.
//!
//! A [`Source`] is compiled once and shared by all picos; on each pico it is linked with the
//! modules that it uses there ([`Links`]). A program runs in a machine of its own that stops for
//! everything outside itself; the host answers from the turn, or lets the turn stop.

mod about;
mod ask;
mod candidates;
mod driver;
mod host;
mod link;
mod rule;
mod source;

pub(crate) use ask::Ask;
pub(crate) use candidates::candidates;
pub use link::Links;
pub(crate) use link::{Linked, Linking, Member, RunOrMember, members};
pub(crate) use rule::RuleRun;
pub use source::{CompileError, Source, compile};

use crate::fault::Fault;
use crate::ruleset::Fired;

/// How a rule ended.
pub(crate) struct RuleEnd {
    pub(crate) fired: Fired,
    /// `error error`: events that were raised and wait are dropped.
    pub(crate) clears_queue: bool,
}

/// Where running something stopped.
pub(crate) enum RunStop<T> {
    /// It waits for state or for the outside.
    Wait(Fault),
    /// It ran for a while.
    Pause,
    /// It is over.
    Over(Result<T, Fault>),
}

/// A program's fault as the turn knows it.
fn to_fault(fault: picomesh_krl::fault::Fault) -> Fault {
    match fault {
        picomesh_krl::fault::Fault::Limit(name) => Fault::Limit { name },
        fault @ (picomesh_krl::fault::Fault::Thrown(_)
        | picomesh_krl::fault::Fault::Depth
        | picomesh_krl::fault::Fault::Broken(_)) => Fault::Thrown(fault.to_string()),
    }
}

/// A fault of the turn as the program knows it.
fn to_krl_fault(fault: Fault) -> picomesh_krl::fault::Fault {
    match fault {
        Fault::Limit { name } => picomesh_krl::fault::Fault::Limit(name),
        Fault::Thrown(text) => picomesh_krl::fault::Fault::Thrown(text.into()),
        fault @ (Fault::Missing(_)
        | Fault::Outside(_)
        | Fault::Refused { .. }
        | Fault::Broken(_)) => picomesh_krl::fault::Fault::error(fault),
    }
}
