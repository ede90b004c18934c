//! The wishes of a rule or of a turn, readable before they are committed.

use crate::change::Change;
use crate::event::{Directive, Event};
use crate::id::Rid;
use crate::state::{Key, Loaded};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Wishes that lie over the state below them.
#[derive(Default)]
pub(crate) struct Layer {
    pub(crate) changes: Vec<Change>,
    pub(crate) raised: Vec<Event>,
    pub(crate) directives: Vec<Directive>,
    entries: HashMap<Key, Loaded>,
    entities: BTreeMap<(Rid, String), Option<Arc<[u8]>>>,
}

impl Layer {
    /// What this layer says under a key, if it says anything.
    pub(crate) fn get(&self, key: &Key) -> Option<Loaded> {
        if let Key::Entity(rid, name) = key {
            let value = self.entities.get(&(rid.clone(), name.clone()))?;
            return Some(Loaded::Entity(value.clone()));
        }
        self.entries.get(key).cloned()
    }

    /// The entity variables of a ruleset that this layer sets or deletes.
    pub(crate) fn entities<'l>(
        &'l self,
        rid: &'l Rid,
        prefix: &'l str,
    ) -> impl Iterator<Item = (&'l String, &'l Option<Arc<[u8]>>)> {
        self.entities
            .range((rid.clone(), prefix.to_owned())..)
            .take_while(move |((r, name), _)| r == rid && name.starts_with(prefix))
            .map(|((_, name), value)| (name, value))
    }

    /// Adds a wish.
    pub(crate) fn push(&mut self, change: Change) {
        match &change {
            Change::Entity { rid, name, value } => {
                self.entities.insert((rid.clone(), name.clone()), value.clone());
            }
            Change::Channel { eci, channel } => {
                let loaded = Loaded::Channel(channel.clone());
                self.entries.insert(Key::Channel(eci.clone()), loaded);
            }
            Change::Did(did) => {
                for secret in &did.secrets {
                    let loaded = Loaded::Secret(Some(secret.clone()));
                    self.entries.insert(Key::Secret(secret.kid.clone()), loaded);
                }
                let secrets = Loaded::Secrets(did.secrets.clone());
                self.entries.insert(Key::Secrets(did.did.clone()), secrets);
                let public = crate::identity::OwnDid { secrets: vec![], ..did.clone() };
                self.entries.insert(Key::Did(did.did.clone()), Loaded::Did(Some(public)));
            }
            Change::Schedule { id, schedule } => {
                let loaded = Loaded::Schedule(schedule.clone());
                self.entries.insert(Key::Schedule(id.clone()), loaded);
            }
            Change::Seen(hash) => {
                self.entries.insert(Key::Seen(*hash), Loaded::Seen(true));
            }
            Change::DeletePico(id) => {
                self.entries.insert(Key::Descendant(id.clone()), Loaded::Descendant(false));
            }
            Change::Child(_)
            | Change::Name(_)
            | Change::Ruleset { .. }
            | Change::Job(_)
            | Change::JobDone(_) => {}
        }
        self.changes.push(change);
    }

    /// Takes over the wishes of the layer above.
    pub(crate) fn absorb(&mut self, above: Layer) {
        self.entries.extend(above.entries);
        self.entities.extend(above.entities);
        self.changes.extend(above.changes);
        self.raised.extend(above.raised);
        self.directives.extend(above.directives);
    }
}
