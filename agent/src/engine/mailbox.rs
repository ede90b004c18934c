//! Mailboxes: inputs that wait for a pico, in the order in which they were accepted.

use super::{Answer, EngineError};
use picomesh_pico::{Eci, Event, PicoId, Query};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// Locks that the mailboxes are spread over.
const SHARDS: usize = 16;

/// Something for a pico to take in, and where the answer goes.
pub(super) enum Input {
    Event {
        event: Event,
        /// The caller takes the jobs of the turn into its own hands.
        keeps_jobs: bool,
        /// The picos that wait for this turn.
        chain: Vec<PicoId>,
        reply: oneshot::Sender<Result<Answer, EngineError>>,
    },
    Query(Ask),
}

/// A question to a pico, and where the answer goes.
pub(super) struct Ask {
    pub(super) query: Query,
    /// The channel that it comes by, if it comes by one.
    pub(super) via: Option<Eci>,
    /// The pico that asks, if one does.
    pub(super) from: Option<PicoId>,
    /// The picos that wait for the answer.
    pub(super) chain: Vec<PicoId>,
    pub(super) reply: oneshot::Sender<Result<Option<Value>, EngineError>>,
}

type Shard = HashMap<PicoId, VecDeque<Input>>;

/// The mailboxes of all picos that have work. A mailbox exists while a task drains it.
pub(super) struct Mailboxes {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    inputs_max: usize,
    emptied: Notify,
}

impl Mailboxes {
    pub(super) fn new(inputs_max: usize) -> Self {
        let (hasher, emptied) = (RandomState::new(), Notify::new());
        Self { shards: Default::default(), hasher, inputs_max, emptied }
    }

    /// Puts an input in; true when the caller must start a task that drains the mailbox.
    pub(super) fn push(&self, pico: &PicoId, input: Input) -> Result<bool, EngineError> {
        let mut shard = self.shard(pico);
        match shard.get_mut(pico) {
            Some(waiting) if waiting.len() >= self.inputs_max => Err(EngineError::Busy),
            Some(waiting) => {
                waiting.push_back(input);
                Ok(false)
            }
            None => {
                shard.insert(pico.clone(), VecDeque::from([input]));
                Ok(true)
            }
        }
    }

    /// Takes out up to `limit` inputs; when none is left the mailbox is gone.
    pub(super) fn take(&self, pico: &PicoId, limit: usize) -> Vec<Input> {
        let mut shard = self.shard(pico);
        let Some(waiting) = shard.get_mut(pico) else {
            return vec![];
        };
        if waiting.is_empty() {
            shard.remove(pico);
            self.emptied.notify_waiters();
            return vec![];
        }
        let count = waiting.len().min(limit);
        waiting.drain(..count).collect()
    }

    /// Returns when no mailbox is left.
    pub(super) async fn drained(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.shards.iter().all(|shard| lock(shard).is_empty()) {
                return;
            }
            // A last look now and then costs nothing and needs no proof about wake-ups.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(50), emptied).await;
        }
    }

    fn shard(&self, pico: &PicoId) -> MutexGuard<'_, Shard> {
        lock(&self.shards[self.hasher.hash_one(pico) as usize % SHARDS])
    }
}

/// A panic while the lock is held cannot leave a queue half-changed: go on with it.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
