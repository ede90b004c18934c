//! Wishes: they count when the rule completes and the turn is committed.

use super::Context;
use crate::change::{Change, NewPico};
use crate::channel::Channel;
use crate::fault::Fault;
use crate::id::{Eci, PicoId, Rid};
use crate::identity::OwnDid;
use crate::job::{Job, Reply};
use crate::schedule::Schedule;
use crate::state::Installed;
use serde::Serialize;
use serde_json::Value;

/// Longest name of an entity variable, in bytes.
const ENTITY_NAME_BYTES_MAX: usize = 255;
/// Largest value of an entity variable, in bytes.
const ENTITY_VALUE_BYTES_MAX: usize = 8 << 20;

impl Context<'_> {
    fn wish(&mut self, change: Change) -> Result<(), Fault> {
        if !self.core.may_write {
            return Err(Fault::refused("read-only", "a query may not write"));
        }
        self.core.pending.push(change);
        Ok(())
    }

    /// Sets an entity variable of the running ruleset.
    pub fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Fault> {
        let bytes = serde_json::to_vec(value);
        let bytes = bytes.map_err(|error| Fault::Broken(format!("{name:?}: {error}")))?;
        let rid = self.core.rid.clone();
        self.put_json(&rid, name, bytes)
    }

    /// Sets an entity variable of a ruleset to JSON.
    pub(crate) fn put_json(&mut self, rid: &Rid, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        if name.is_empty() || name.len() > ENTITY_NAME_BYTES_MAX || name.contains('\0') {
            return Err(Fault::Limit { name: "ENTITY_NAME_BYTES_MAX" });
        }
        if bytes.len() > ENTITY_VALUE_BYTES_MAX {
            return Err(Fault::Limit { name: "ENTITY_VALUE_BYTES_MAX" });
        }
        let (rid, name, value) = (rid.clone(), name.into(), Some(bytes.into()));
        self.wish(Change::Entity { rid, name, value })
    }

    /// Deletes an entity variable of the running ruleset.
    pub fn delete(&mut self, name: &str) -> Result<(), Fault> {
        let (rid, name) = (self.core.rid.clone(), name.into());
        self.wish(Change::Entity { rid, name, value: None })
    }

    /// Creates a channel or changes its policies and tags.
    pub fn channel_put(&mut self, channel: Channel) -> Result<(), Fault> {
        self.wish(Change::Channel { eci: channel.eci.clone(), channel: Some(channel) })
    }

    /// Deletes a channel with its DID and keys.
    pub fn channel_delete(&mut self, eci: &Eci) -> Result<(), Fault> {
        self.wish(Change::Channel { eci: eci.clone(), channel: None })
    }

    /// Adds a DID of this pico with its private keys.
    pub fn did_put(&mut self, did: OwnDid) -> Result<(), Fault> {
        self.wish(Change::Did(did))
    }

    /// Creates a child of this pico.
    pub fn child_new(&mut self, child: NewPico) -> Result<(), Fault> {
        self.wish(Change::Child(child))
    }

    /// Deletes a descendant of this pico with everything below it.
    pub fn pico_delete(&mut self, pico: &PicoId) -> Result<(), Fault> {
        self.wish(Change::DeletePico(pico.clone()))
    }

    /// Renames this pico.
    pub fn rename(&mut self, name: &str) -> Result<(), Fault> {
        self.wish(Change::Name(name.into()))?;
        name.clone_into(&mut self.core.change_pico().name);
        Ok(())
    }

    /// Installs a ruleset of the engine on this pico with its configuration.
    pub fn install(&mut self, rid: &Rid, config: Value) -> Result<(), Fault> {
        if !self.registry.is_installable(rid) {
            return Err(Fault::not_found(format_args!("ruleset {rid}")));
        }
        self.install_as(Installed { rid: rid.clone(), url: None, config })
    }

    /// Installs a ruleset on this pico, in the place of one with its id if there is one.
    pub fn install_as(&mut self, installed: Installed) -> Result<(), Fault> {
        let rid = installed.rid.clone();
        self.wish(Change::Ruleset { rid: rid.clone(), installed: Some(installed.clone()) })?;
        self.core.change_pico().set_ruleset(&rid, Some(installed));
        Ok(())
    }

    /// Uninstalls a ruleset and forgets its entity variables.
    pub fn uninstall(&mut self, rid: &Rid) -> Result<(), Fault> {
        self.wish(Change::Ruleset { rid: rid.clone(), installed: None })?;
        self.core.change_pico().set_ruleset(rid, None);
        Ok(())
    }

    /// A fresh address for a channel. It sorts by time, so channels list in the order of
    /// their making, and holds 80 random bits, so nobody guesses it.
    pub fn fresh_eci(&mut self) -> Result<Eci, Fault> {
        let text = format!("c{}", self.fresh_id());
        Eci::parse(&text).map_err(|error| Fault::Broken(error.to_string()))
    }

    /// Sets a schedule.
    pub fn schedule_put(&mut self, schedule: Schedule) -> Result<(), Fault> {
        self.wish(Change::Schedule { id: schedule.id.clone(), schedule: Some(schedule) })
    }

    /// Deletes a schedule.
    pub fn schedule_delete(&mut self, id: &str) -> Result<(), Fault> {
        self.wish(Change::Schedule { id: id.into(), schedule: None })
    }

    /// Asks for a durable effect, due at once; returns its id.
    pub fn job(
        &mut self,
        kind: &str,
        queue: &str,
        body: Value,
        reply: Option<Reply>,
    ) -> Result<String, Fault> {
        let id = self.fresh_id();
        let (kind, queue, due_at) = (kind.into(), queue.into(), self.core.now);
        self.wish(Change::Job(Job { id: id.clone(), kind, queue, body, due_at, reply }))?;
        Ok(id)
    }

    pub(crate) fn wish_unchecked(&mut self, change: Change) {
        self.core.pending.push(change);
    }
}
