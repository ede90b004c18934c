//! What a turn wants changed. The agent commits all changes of a turn together or none.

use crate::channel::Channel;
use crate::id::{Eci, PicoId, Rid};
use crate::identity::OwnDid;
use crate::job::Job;
use crate::schedule::Schedule;
use crate::state::Installed;
use std::sync::Arc;

/// One change that a turn wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Sets an entity variable; `None` deletes it.
    Entity {
        /// The ruleset that owns it.
        rid: Rid,
        /// Its name.
        name: String,
        /// Its value as JSON.
        value: Option<Arc<[u8]>>,
    },
    /// Sets a channel; `None` deletes it together with its DID and keys.
    Channel {
        /// Which channel.
        eci: Eci,
        /// Its new form.
        channel: Option<Channel>,
    },
    /// Adds a DID with its private keys to a channel of this pico.
    Did(OwnDid),
    /// Creates a child of this pico.
    Child(NewPico),
    /// Deletes a descendant of this pico with everything below it.
    DeletePico(PicoId),
    /// Renames this pico.
    Name(String),
    /// Installs a ruleset; `None` uninstalls it and forgets its state.
    Ruleset {
        /// Which ruleset.
        rid: Rid,
        /// How it is installed, or `None` to uninstall.
        installed: Option<Installed>,
    },
    /// Sets a schedule; `None` deletes it.
    Schedule {
        /// Which schedule.
        id: String,
        /// Its new form.
        schedule: Option<Schedule>,
    },
    /// Remembers an input that must not act twice.
    Seen([u8; 32]),
    /// Asks for a durable effect.
    Job(Job),
    /// A job's result was taken in: it is over.
    JobDone(String),
}

/// A child to create.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPico {
    /// Its id, fresh.
    pub id: PicoId,
    /// Its name, shown to people.
    pub name: String,
    /// The channels that it starts with.
    pub channels: Vec<Channel>,
    /// The rulesets that it starts with beside the standard ones, in their order.
    pub rulesets: Vec<Installed>,
    /// The entity variables that it starts with: ruleset, name, value as JSON.
    pub entities: Vec<(Rid, String, Arc<[u8]>)>,
}
