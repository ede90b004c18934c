//! The part of a pico's state that is in memory, and the keys by which more is loaded.

use crate::change::Change;
use crate::channel::Channel;
use crate::id::{Eci, PicoId, Rid};
use crate::identity::{OwnDid, OwnSecret};
use crate::program::{Links, Source};
use crate::schedule::Schedule;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// What a pico is, always in memory while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Pico {
    /// Its id.
    pub id: PicoId,
    /// Its parent; `None` for the root.
    pub parent: Option<PicoId>,
    /// Its name, shown to people.
    pub name: String,
    /// Number of turns committed; the fence against a second writer.
    pub version: i64,
    /// Rulesets installed beside the standard ones, in the order of their installation.
    pub rulesets: Vec<Installed>,
}

/// A ruleset as it is installed on a pico.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Installed {
    /// Its id.
    pub rid: Rid,
    /// Where its source comes from; `None` for a ruleset of the engine.
    pub url: Option<Arc<str>>,
    /// What it was configured with.
    pub config: Value,
}

impl Pico {
    /// Installs a ruleset in its old place or behind the others; `None` uninstalls it.
    pub(crate) fn set_ruleset(&mut self, rid: &Rid, installed: Option<Installed>) {
        let place = self.rulesets.iter().position(|one| one.rid == *rid);
        match (place, installed) {
            (Some(place), Some(installed)) => self.rulesets[place] = installed,
            (None, Some(installed)) => self.rulesets.push(installed),
            (Some(place), None) => drop(self.rulesets.remove(place)),
            (None, None) => {}
        }
    }

    /// How a ruleset is installed here, if it is.
    pub fn installed(&self, rid: &Rid) -> Option<&Installed> {
        self.rulesets.iter().find(|one| one.rid == *rid)
    }
}

/// A child as its parent sees it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Child {
    /// Its id.
    pub id: PicoId,
    /// Its name.
    pub name: String,
}

/// Names a piece of state that a turn can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// An entity variable.
    Entity(Rid, String),
    /// Entity variables whose names start with a prefix, in the order of their names.
    Entities {
        /// The ruleset that owns them.
        rid: Rid,
        /// What their names start with.
        prefix: String,
        /// Only names after this one (with the prefix); empty for the first.
        after: String,
        /// At most so many.
        limit: u32,
    },
    /// A channel.
    Channel(Eci),
    /// Channels in the order of their ids.
    Channels {
        /// Only ids after this one.
        after: String,
        /// At most so many.
        limit: u32,
    },
    /// Children in the order of their ids.
    Children {
        /// Only ids after this one.
        after: String,
        /// At most so many.
        limit: u32,
    },
    /// Whether a pico stands below this one.
    Descendant(PicoId),
    /// A DID of this pico with its document, without secrets.
    Did(String),
    /// A private key by its id.
    Secret(String),
    /// All private keys of a DID.
    Secrets(String),
    /// A schedule.
    Schedule(String),
    /// All schedules.
    Schedules,
    /// Whether an input acted before.
    Seen([u8; 32]),
    /// The compiled ruleset of a URL.
    Ruleset(Arc<str>),
}

/// State as it was loaded.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant answers the key of the same name")]
pub enum Loaded {
    Entity(Option<Arc<[u8]>>),
    Entities(Vec<(String, Arc<[u8]>)>),
    Channel(Option<Channel>),
    Channels(Vec<Channel>),
    Children(Vec<Child>),
    Descendant(bool),
    Did(Option<OwnDid>),
    Secret(Option<OwnSecret>),
    Secrets(Vec<OwnSecret>),
    Schedule(Option<Schedule>),
    Schedules(Vec<Schedule>),
    Seen(bool),
    Ruleset(Option<Source>),
}

/// A pico with as much of its state as is loaded.
#[derive(Clone, Debug)]
pub struct State {
    /// What the pico is.
    pub pico: Pico,
    loaded: HashMap<Key, Loaded>,
    /// Its programs, linked; kept between turns.
    links: Links,
}

impl State {
    /// A pico of which nothing else is loaded yet.
    pub fn new(pico: Pico) -> Self {
        Self { pico, loaded: HashMap::new(), links: Links::default() }
    }

    /// Adds what was loaded under a key.
    pub fn insert(&mut self, key: Key, loaded: Loaded) {
        self.loaded.insert(key, loaded);
    }

    /// What is loaded under a key.
    pub fn loaded(&self, key: &Key) -> Option<&Loaded> {
        self.loaded.get(key)
    }

    /// How many pieces are in memory.
    pub fn len(&self) -> usize {
        self.loaded.len()
    }

    /// Whether nothing is loaded but the pico itself.
    pub fn is_empty(&self) -> bool {
        self.loaded.is_empty()
    }

    pub(crate) fn take_links(&mut self) -> Links {
        std::mem::take(&mut self.links)
    }

    /// Keeps the programs that a turn or a query linked.
    pub fn put_links(&mut self, links: Links) {
        self.links = links;
    }

    /// Forgets what is loaded of rulesets that are not the current ones any more.
    pub fn refresh_rulesets(&mut self, is_current: impl Fn(&Source) -> bool) {
        self.loaded.retain(|key, loaded| match (key, loaded) {
            (Key::Ruleset(_), Loaded::Ruleset(Some(source))) => is_current(source),
            (Key::Ruleset(_), _) => false,
            _ => true,
        });
    }

    /// Keeps what later turns will want: single entity variables and channels.
    pub fn forget_transient(&mut self, entries_max: usize) {
        let stays = |key: &Key| {
            matches!(key, Key::Entity(..) | Key::Channel(_) | Key::Did(_) | Key::Ruleset(_))
        };
        self.loaded.retain(|key, _| stays(key));
        if self.loaded.len() > entries_max {
            self.loaded.clear();
        }
    }

    /// Brings the state in memory to what the changes of a turn make of it.
    pub fn apply(&mut self, changes: &[Change]) {
        self.pico.version += 1;
        if changes.iter().any(|change| !matches!(change, Change::Job(_) | Change::Seen(_))) {
            // Ranges are loaded for one turn; the next one asks the store again.
            self.loaded.retain(|key, _| is_single(key));
        }
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: &Change) {
        match change {
            Change::Entity { rid, name, value } => {
                let key = Key::Entity(rid.clone(), name.clone());
                self.loaded.insert(key, Loaded::Entity(value.clone()));
            }
            Change::Channel { eci, channel } => {
                self.loaded.insert(Key::Channel(eci.clone()), Loaded::Channel(channel.clone()));
                if channel.is_none() {
                    self.loaded.retain(|key, _| !matches!(key, Key::Did(_) | Key::Secret(_)));
                }
            }
            Change::Did(did) => {
                self.loaded.remove(&Key::Did(did.did.clone()));
                for secret in &did.secrets {
                    self.loaded.remove(&Key::Secret(secret.kid.clone()));
                }
            }
            Change::Name(name) => self.pico.name.clone_from(name),
            Change::Ruleset { rid, installed } => {
                self.pico.set_ruleset(rid, installed.clone());
                if installed.is_none() {
                    self.loaded.retain(|key, _| !matches!(key, Key::Entity(r, _) if r == rid));
                }
            }
            Change::Schedule { id, schedule } => {
                let loaded = Loaded::Schedule(schedule.clone());
                self.loaded.insert(Key::Schedule(id.clone()), loaded);
            }
            Change::Seen(hash) => {
                self.loaded.insert(Key::Seen(*hash), Loaded::Seen(true));
            }
            Change::DeletePico(id) => {
                self.loaded.insert(Key::Descendant(id.clone()), Loaded::Descendant(false));
            }
            Change::Child(_) | Change::Job(_) | Change::JobDone(_) => {}
        }
    }
}

fn is_single(key: &Key) -> bool {
    !matches!(
        key,
        Key::Entities { .. }
            | Key::Channels { .. }
            | Key::Children { .. }
            | Key::Descendant(_)
            | Key::Secrets(_)
            | Key::Schedules
    )
}
