//! Picos, channels, rulesets, events, queries and one turn.
//!
//! A pico (persistent compute object) is a small actor: an identity, state, channels and
//! rulesets. A *turn* takes one event through one pico: [`run`] selects the rules, fires them
//! in order and returns what they want changed. It is a pure function of the loaded state, the
//! event, the time and 32 random bytes, so a turn can be tested, repeated and read by itself.
//!
//! State is loaded on demand. A rule that reads what is not loaded ends the attempt with
//! [`Fault::Missing`]; the caller loads that key and runs the turn again.
//!
//! Absent on purpose: storage, clocks, sockets and DIDComm. A protocol joins as a native
//! ruleset; a program in KRL joins through the same trait, [`Ruleset`].

mod change;
mod channel;
mod context;
mod entropy;
mod event;
mod fault;
mod id;
mod identity;
mod job;
mod native;
mod registry;
mod ruleset;
mod schedule;
mod state;
mod system;
mod turn;

pub use change::{Change, NewPico};
pub use channel::{
    Channel, EventPattern, EventPolicy, PolicyRefusal, QueryPattern, QueryPolicy, TAGS_MAX,
};
pub use context::{Context, SCAN_ROWS_MAX};
pub use entropy::Entropy;
pub use event::{Directive, Event, Origin, Query};
pub use fault::Fault;
pub use id::{Eci, IdError, PicoId, Rid};
pub use identity::{OwnDid, OwnSecret, SecretKind};
pub use job::{Job, Reply};
pub use native::Native;
pub use registry::Registry;
pub use ruleset::{Fired, Ruleset};
pub use schedule::{PERIOD_SECONDS_MIN, Repeat, SCHEDULES_PER_PICO_MAX, Schedule};
pub use state::{Child, Key, Loaded, Pico, State};
pub use system::{CHILDREN_PER_CALL_MAX, SYSTEM_RID, system};
pub use turn::{Outcome, RuleFault, TURN_EVENTS_MAX, query, run};
