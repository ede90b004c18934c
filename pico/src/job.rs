//! Jobs: durable effects that the agent performs after the turn is committed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A durable effect: a message to deliver, or slow work whose result returns as an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Unique and ordered by time; stable across crashes, so that receivers can drop repeats.
    pub id: String,
    /// Which worker performs it: `deliver`, `event`, `check`, …
    pub kind: String,
    /// Jobs of one queue are limited together, deliveries to one peer for example.
    pub queue: String,
    /// What to do.
    pub body: Value,
    /// Not before this time, in unix milliseconds.
    pub due_at: i64,
    /// The event that carries the result back, if anybody wants it.
    pub reply: Option<Reply>,
}

/// Domain and name of the event that carries a job's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Domain of the event.
    pub domain: String,
    /// Name of the event.
    pub name: String,
}
