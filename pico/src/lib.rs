//! Picos, channels, rulesets, events, queries and one turn.
//!
//! A pico (persistent compute object) is a small actor: an identity, state, channels and
//! rulesets. A [`Turn`] takes one event through one pico: it selects the rules, fires them in
//! order and says what they want changed. It depends on nothing but the loaded state, the
//! event, the time and 32 random bytes, so it can be tested, repeated and read by itself.
//!
//! A turn that needs state which is not loaded, or an answer from outside, stops and says so;
//! whoever drives it brings that and runs it on. A rule in Rust then starts again; a program in
//! KRL goes on where it stood.
//!
//! Absent on purpose: storage, clocks, sockets and DIDComm. A protocol joins as a native
//! ruleset; a program in KRL joins through the same trait, [`Ruleset`].

mod asking;
mod change;
mod channel;
mod context;
mod cron;
mod entropy;
mod event;
pub mod family;
mod fault;
mod id;
mod identity;
mod job;
mod modules;
mod native;
pub mod operations;
mod outside;
mod program;
mod registry;
mod ruleset;
mod schedule;
mod state;
mod system;
mod turn;

pub use asking::Asking;
pub use change::{Change, NewPico};
pub use channel::{
    Channel, EventPattern, EventPolicy, PolicyRefusal, QueryPattern, QueryPolicy, TAGS_MAX,
};
pub use context::{Context, SCAN_ROWS_MAX};
pub use cron::{CRON_BYTES_MAX, Cron};
pub use entropy::Entropy;
pub use event::{Directive, Event, Origin, Query};
pub use fault::Fault;
pub use id::{Eci, IdError, PicoId, Rid};
pub use identity::{OwnDid, OwnSecret, SecretKind};
pub use job::{Job, Reply};
pub use modules::random::word as random_word;
pub use native::Native;
pub use outside::{OUTSIDE_CALLS_MAX, Outside};
pub use program::{CompileError, Links, Source, compile};
pub use registry::Registry;
pub use ruleset::{Fired, Provided, Ruleset};
pub use schedule::{PERIOD_SECONDS_MIN, Repeat, SCHEDULES_PER_PICO_MAX, Schedule};
pub use state::{Child, Installed, Key, Loaded, Pico, State};
pub use system::{CHILDREN_PER_CALL_MAX, SYSTEM_RID, system};
pub use turn::{Outcome, Progress, RuleFault, TURN_EVENTS_MAX, Turn};
