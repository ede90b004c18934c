//! What a pico is told and asked, and what it answers.

use crate::id::{Eci, PicoId, Rid};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that happened, told to one pico.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Names this event in logs and answers.
    pub id: String,
    /// The family of events that it belongs to, `didcomm_trust_ping` for example.
    pub domain: String,
    /// What happened, `ping` for example.
    pub name: String,
    /// The facts of the event.
    pub attrs: Map<String, Value>,
    /// Who says so. Rules that act for an operator or a peer check it.
    pub origin: Origin,
    /// The channel that it came in by, if it came by one.
    pub eci: Option<Eci>,
    /// An input with this hash acts once; a second one with it changes nothing.
    pub once: Option<[u8; 32]>,
    /// Only this ruleset takes it in (`raise … for RID`); `None` for all.
    pub for_rid: Option<Rid>,
    /// When it happened, in unix milliseconds, where that is not now: a test gives the time.
    pub at: Option<i64>,
}

/// Who raised an event. Only the engine makes these, so a rule can rely on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Came by a channel whose policy allowed it: over HTTP, or from another pico.
    Channel,
    /// Sent by another pico of this engine, or by this one, by a channel.
    Pico(PicoId),
    /// Came through the authenticated administration interface.
    Operator,
    /// Raised by this ruleset of the same pico, in the same turn.
    Ruleset(Rid),
    /// A DIDComm message whose sender is proven; the attributes say who.
    Peer,
    /// A schedule of this pico fell due at this time (unix milliseconds).
    Schedule {
        /// Id of the schedule.
        id: String,
        /// The due time that fires.
        due_at: i64,
    },
    /// The result of a job that a rule of this pico asked for.
    Job(String),
    /// The engine itself, for example after a pico was created.
    Engine,
}

impl Event {
    /// Whether the operator, or a rule of this very pico, stands behind the event.
    pub fn is_own(&self) -> bool {
        matches!(self.origin, Origin::Operator | Origin::Ruleset(_) | Origin::Engine)
    }

    /// An attribute as text; `None` when absent or not text.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attrs.get(attribute).and_then(Value::as_str)
    }
}

/// A question to one ruleset of one pico: it may read, it may not write.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The ruleset that shares the function.
    pub rid: Rid,
    /// Name of the shared function.
    pub name: String,
    /// Its arguments by name.
    pub args: Map<String, Value>,
}

/// What a rule tells whoever sent the event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Directive {
    /// What kind of answer this is.
    pub name: String,
    /// The answer.
    pub options: Value,
    /// The ruleset that answers.
    pub rid: Rid,
    /// The rule that answers.
    pub rule: String,
}
