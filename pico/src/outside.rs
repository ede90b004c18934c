//! What a rule wants from outside while it runs.
//!
//! A turn sees no network: it stops with an [`Outside`], the agent performs it, and the turn
//! goes on with the answer. What happens outside happens before the turn is durable and cannot
//! be taken back, so whatever need not answer is a job instead ([`crate::Job`]).

use crate::event::{Event, Query};
use serde_json::{Map, Value};

/// Calls to the outside that one rule may make.
pub const OUTSIDE_CALLS_MAX: usize = 256;

/// What a rule wants from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Outside {
    /// Asks another pico by a channel of it.
    Query {
        /// The channel.
        eci: String,
        /// The question.
        query: Query,
    },
    /// Takes an event through another pico; the answer comes when it is durable there.
    Event {
        /// The channel.
        eci: String,
        /// The event.
        event: Box<Event>,
    },
    /// Calls a web server.
    Http {
        /// `get`, `post`, …
        method: String,
        /// As the `http` module of KRL takes them.
        args: Map<String, Value>,
    },
    /// Brings a ruleset's source into the store and compiles it.
    Ruleset {
        /// Where it is.
        url: String,
        /// Whether to fetch it although it is there already.
        is_fresh: bool,
    },
    /// Other work of the agent, by name.
    Work {
        /// Which work.
        kind: String,
        /// What to do.
        body: Value,
    },
}
