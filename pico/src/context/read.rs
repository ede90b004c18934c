//! Reading state: the rule's own wishes first, then the turn's, then what is loaded.

use super::Context;
use crate::change::Change;
use crate::channel::Channel;
use crate::fault::Fault;
use crate::id::{Eci, PicoId, Rid};
use crate::identity::{OwnDid, OwnSecret};
use crate::program::Source;
use crate::schedule::Schedule;
use crate::state::{Child, Key, Loaded};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most rows that one scan returns.
pub const SCAN_ROWS_MAX: u32 = 1000;

/// Takes the one variant that a key can answer with.
macro_rules! expect_loaded {
    ($self:ident, $key:expr, $variant:ident) => {
        match $self.read($key)? {
            Loaded::$variant(value) => Ok(value),
            other => Err(Fault::Broken(format!("{:?} loaded as {other:?}", stringify!($variant)))),
        }
    };
}

impl Context<'_> {
    fn read(&self, key: Key) -> Result<Loaded, Fault> {
        if let Some(loaded) = self.core.layers().find_map(|layer| layer.get(&key)) {
            return Ok(loaded);
        }
        self.state.loaded(&key).cloned().ok_or(Fault::Missing(key))
    }

    /// An entity variable of the running ruleset; `None` when it was never set.
    pub fn entity<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Fault> {
        let key = Key::Entity(self.core.rid.clone(), name.to_owned());
        expect_loaded!(self, key, Entity)?.map(|bytes| decode(name, &bytes)).transpose()
    }

    /// An entity variable of a ruleset as the JSON that is stored.
    pub(crate) fn entity_json(&self, rid: &Rid, name: &str) -> Result<Option<Arc<[u8]>>, Fault> {
        expect_loaded!(self, Key::Entity(rid.clone(), name.to_owned()), Entity)
    }

    /// Entity variables whose names start with `prefix`, in the order of their names.
    ///
    /// At most `limit` of them (and [`SCAN_ROWS_MAX`]), all with names after `after`.
    pub fn scan<T: DeserializeOwned>(
        &self,
        prefix: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, T)>, Fault> {
        let limit = limit.min(SCAN_ROWS_MAX);
        let (rid, prefix_text, after_text) = (self.core.rid.clone(), prefix.into(), after.into());
        let key = Key::Entities { rid, prefix: prefix_text, after: after_text, limit };
        let stored = expect_loaded!(self, key, Entities)?;
        let is_whole = stored.len() < limit as usize;
        let last = stored.last().map(|(name, _)| name.clone());
        let mut rows: BTreeMap<String, Arc<[u8]>> = stored.into_iter().collect();
        for layer in self.core.layers().rev() {
            for (name, value) in layer.entities(&self.core.rid, prefix) {
                let in_range = is_whole || last.as_ref().is_some_and(|last| name <= last);
                match value {
                    Some(value) if name.as_str() > after && in_range => {
                        rows.insert(name.clone(), value.clone());
                    }
                    Some(_) => {}
                    None => {
                        rows.remove(name);
                    }
                }
            }
        }
        let rows = rows.into_iter().take(limit as usize);
        rows.map(|(name, bytes)| decode(&name, &bytes).map(|value| (name, value))).collect()
    }

    /// A channel of this pico.
    pub fn channel(&self, eci: &Eci) -> Result<Option<Channel>, Fault> {
        expect_loaded!(self, Key::Channel(eci.clone()), Channel)
    }

    /// Channels in the order of their ids, without those that this turn makes.
    pub fn channels(&self, after: &str, limit: u32) -> Result<Vec<Channel>, Fault> {
        let limit = limit.min(SCAN_ROWS_MAX);
        expect_loaded!(self, Key::Channels { after: after.into(), limit }, Channels)
    }

    /// All channels in the order of their making, with what this turn did to them.
    pub fn all_channels(&self) -> Result<Vec<Channel>, Fault> {
        let stored = self.channels("", SCAN_ROWS_MAX)?;
        let mut all: BTreeMap<Eci, Channel> =
            stored.into_iter().map(|channel| (channel.eci.clone(), channel)).collect();
        for change in self.changes() {
            match change {
                Change::Channel { eci, channel: Some(channel) } => {
                    all.insert(eci.clone(), channel.clone());
                }
                Change::Channel { eci, channel: None } => drop(all.remove(eci)),
                Change::Entity { .. }
                | Change::Did(_)
                | Change::Child(_)
                | Change::DeletePico(_)
                | Change::Name(_)
                | Change::Ruleset { .. }
                | Change::Schedule { .. }
                | Change::Seen(_)
                | Change::Job(_)
                | Change::JobDone(_) => {}
            }
        }
        Ok(all.into_values().collect())
    }

    /// All children in the order of their making, with those that this turn makes and without
    /// those that it deletes.
    pub fn all_children(&self) -> Result<Vec<Child>, Fault> {
        let mut all = self.children("", SCAN_ROWS_MAX)?;
        for change in self.changes() {
            match change {
                Change::Child(new) => {
                    all.push(Child { id: new.id.clone(), name: new.name.clone() });
                }
                Change::DeletePico(id) => all.retain(|child| child.id != *id),
                Change::Entity { .. }
                | Change::Channel { .. }
                | Change::Did(_)
                | Change::Name(_)
                | Change::Ruleset { .. }
                | Change::Schedule { .. }
                | Change::Seen(_)
                | Change::Job(_)
                | Change::JobDone(_) => {}
            }
        }
        Ok(all)
    }

    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.core.layers().rev().flat_map(|layer| &layer.changes)
    }

    /// Children in the order of their ids, without those that this turn makes.
    pub fn children(&self, after: &str, limit: u32) -> Result<Vec<Child>, Fault> {
        let limit = limit.min(SCAN_ROWS_MAX);
        expect_loaded!(self, Key::Children { after: after.into(), limit }, Children)
    }

    /// Whether a pico stands below this one, at any depth.
    pub fn is_descendant(&self, pico: &PicoId) -> Result<bool, Fault> {
        expect_loaded!(self, Key::Descendant(pico.clone()), Descendant)
    }

    /// A DID of this pico with its document, without its secrets.
    pub fn did(&self, did: &str) -> Result<Option<OwnDid>, Fault> {
        expect_loaded!(self, Key::Did(did.into()), Did)
    }

    /// A private key of this pico.
    pub fn secret(&self, kid: &str) -> Result<Option<OwnSecret>, Fault> {
        expect_loaded!(self, Key::Secret(kid.into()), Secret)
    }

    /// All private keys of a DID of this pico.
    pub fn secrets(&self, did: &str) -> Result<Vec<OwnSecret>, Fault> {
        expect_loaded!(self, Key::Secrets(did.into()), Secrets)
    }

    /// A schedule of this pico.
    pub fn schedule(&self, id: &str) -> Result<Option<Schedule>, Fault> {
        expect_loaded!(self, Key::Schedule(id.into()), Schedule)
    }

    /// All schedules, without those that this turn makes.
    pub fn schedules(&self) -> Result<Vec<Schedule>, Fault> {
        expect_loaded!(self, Key::Schedules, Schedules)
    }

    /// All schedules, with what this turn did to them.
    pub fn all_schedules(&self) -> Result<Vec<Schedule>, Fault> {
        let mut all = self.schedules()?;
        for change in self.changes() {
            if let Change::Schedule { id, schedule } = change {
                all.retain(|one| one.id != *id);
                all.extend(schedule.clone());
            }
        }
        Ok(all)
    }

    /// The compiled ruleset of a URL, if it was brought in.
    pub(crate) fn source(&self, url: &Arc<str>) -> Result<Option<Source>, Fault> {
        expect_loaded!(self, Key::Ruleset(url.clone()), Ruleset)
    }

    /// Whether an input with this hash acted before.
    pub(crate) fn is_seen(&self, hash: [u8; 32]) -> Result<bool, Fault> {
        expect_loaded!(self, Key::Seen(hash), Seen)
    }
}

fn decode<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, Fault> {
    let broken = |error| Fault::Broken(format!("entity variable {name:?}: {error}"));
    serde_json::from_slice(bytes).map_err(broken)
}
