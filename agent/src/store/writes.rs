//! The writes of one or more turns of a pico, as rows, sealed.

use super::seal::DataKey;
use super::statement::{Cell, Statement};
use picomesh_pico::{
    Change, Channel, Installed, Job, NewPico, OwnDid, PicoId, Schedule, SecretKind,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Rulesets installed within one millisecond that keep their order.
const POSITIONS_PER_MS: i64 = 1000;

/// A row's identity within its statement: the same key written twice keeps the last value.
type RowKey = Vec<String>;

/// Rows to write, grouped by statement; the later of two writes to one place wins.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    rows: BTreeMap<Statement, BTreeMap<RowKey, Vec<Cell>>>,
}

/// A job that is to be tried again, or given up when `dead_at` is set.
#[derive(Clone, Debug)]
pub struct RetryRow {
    /// The pico that asked.
    pub pico: PicoId,
    /// The job.
    pub id: String,
    /// Next try, in unix milliseconds.
    pub due_at: i64,
    /// Tries so far.
    pub attempts: i64,
    /// When it was given up, in unix milliseconds.
    pub dead_at: Option<i64>,
    /// Why the last try failed; no secrets, no message bodies.
    pub error: String,
}

/// What a change needs to become rows.
pub(crate) struct Place<'a> {
    /// The pico whose change it is.
    pub(crate) pico: &'a PicoId,
    /// The pico's data key.
    pub(crate) key: &'a DataKey,
    /// The store key, to wrap the keys of new picos.
    pub(crate) store_key: &'a DataKey,
    /// Now, in unix milliseconds.
    pub(crate) now: i64,
    /// How long this process keeps new jobs to itself, in milliseconds.
    pub(crate) lease: i64,
}

impl Writes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The job is over.
    pub fn job_done(&mut self, pico: &PicoId, id: &str) {
        self.put(Statement::OutboxDone, &[pico.as_str(), id], vec![]);
    }

    /// The job failed this time.
    pub fn job_retry(&mut self, row: RetryRow) {
        let cells = vec![
            Cell::Int(row.due_at),
            Cell::Int(row.attempts),
            row.dead_at.map_or(Cell::Null, Cell::Int),
            Cell::Bytes(row.error.into_bytes()),
        ];
        self.put(Statement::OutboxRetry, &[row.pico.as_str(), &row.id], cells);
    }

    /// Creates a pico with its channels; returns its data key.
    pub(crate) fn pico(&mut self, parent: Option<&PicoId>, child: &NewPico, store_key: &DataKey) {
        let key = DataKey::generate();
        let cells = vec![
            parent.map_or(Cell::Null, |parent| text(parent.as_str())),
            text(&child.name),
            Cell::Bytes(store_key.wrap(child.id.as_str(), &key)),
        ];
        self.put(Statement::PicoInsert, &[child.id.as_str()], cells);
        for channel in &child.channels {
            self.channel(&child.id, channel);
        }
        for (position, installed) in child.rulesets.iter().enumerate() {
            self.ruleset(child.id.as_str(), installed, position as i64, &key);
        }
        for (rid, name, value) in &child.entities {
            self.entity(&child.id, &key, rid.as_str(), name, Some(value));
        }
    }

    fn ruleset(&mut self, pico: &str, installed: &Installed, position: i64, key: &DataKey) {
        let rid = installed.rid.as_str();
        let sealed = key.seal(&["pico_ruleset", pico, rid], &json(installed));
        let cells = vec![Cell::Int(position), Cell::Bytes(sealed)];
        self.put(Statement::RulesetPut, &[pico, rid], cells);
    }

    /// Adds a change of a turn.
    pub(crate) fn change(&mut self, place: &Place, change: &Change) {
        let pico = place.pico.as_str();
        match change {
            Change::Entity { rid, name, value } => {
                self.entity(place.pico, place.key, rid.as_str(), name, value.as_deref());
            }
            Change::Channel { eci, channel: None } => {
                self.put(Statement::ChannelDelete, &[pico, eci.as_str()], vec![]);
            }
            Change::Channel { channel: Some(channel), .. } => self.channel(place.pico, channel),
            Change::Did(did) => self.did(place, did),
            Change::Child(child) => self.pico(Some(place.pico), child, place.store_key),
            Change::DeletePico(id) => self.put(Statement::PicoDelete, &[id.as_str()], vec![]),
            Change::Name(name) => self.put(Statement::PicoRename, &[pico], vec![text(name)]),
            Change::Ruleset { rid, installed: None } => self.ruleset_forget(pico, rid.as_str()),
            Change::Ruleset { installed: Some(installed), .. } => {
                // Several of one commit keep their order: no two are put at one position.
                let put = self.rows.get(&Statement::RulesetPut).map_or(0, BTreeMap::len);
                let position = place.now * POSITIONS_PER_MS + put as i64 % POSITIONS_PER_MS;
                self.ruleset(pico, installed, position, place.key);
            }
            Change::Schedule { id, schedule } => self.schedule(place, id, schedule.as_ref()),
            Change::Seen(hash) => {
                let cells = vec![Cell::Bytes(hash.to_vec()), Cell::Int(place.now)];
                self.put_as(Statement::SeenPut, &[pico], &[&hex::encode(hash)], cells);
            }
            Change::Job(job) => self.job(place, job),
            Change::JobDone(id) => self.job_done(place.pico, id),
        }
    }

    fn entity(
        &mut self,
        pico: &PicoId,
        key: &DataKey,
        rid: &str,
        name: &str,
        value: Option<&[u8]>,
    ) {
        let pico = pico.as_str();
        let (write, undo) = match value {
            Some(_) => (Statement::EntityPut, Statement::EntityDelete),
            None => (Statement::EntityDelete, Statement::EntityPut),
        };
        self.remove(undo, &[pico, rid, name]);
        let cells = value.map_or(vec![], |value| {
            vec![Cell::Bytes(key.seal(&["entity_variable", pico, rid, name], value))]
        });
        self.put(write, &[pico, rid, name], cells);
    }

    fn channel(&mut self, pico: &PicoId, channel: &Channel) {
        let did = channel.did.as_deref().map_or(Cell::Null, text);
        let cells = vec![did, Cell::Bytes(json(&ChannelBody::from(channel)))];
        self.put(Statement::ChannelPut, &[pico.as_str(), channel.eci.as_str()], cells);
    }

    fn did(&mut self, place: &Place, did: &OwnDid) {
        let pico = place.pico.as_str();
        let document = place.key.seal(&["did", pico, &did.did], &did.document);
        let cells = vec![text(did.eci.as_str()), Cell::Bytes(document)];
        self.put(Statement::DidPut, &[pico, &did.did], cells);
        for secret in &did.secrets {
            let sealed = place.key.seal(&["secret", pico, &secret.kid], secret.bytes.as_ref());
            let kid_hash = kid_hash(&secret.kid);
            let cells = vec![
                Cell::Bytes(kid_hash.to_vec()),
                text(&secret.did),
                text(&secret.kid),
                Cell::Int(secret_kind(secret.kind)),
                Cell::Bytes(sealed),
            ];
            self.put_as(Statement::SecretPut, &[pico], &[&secret.kid], cells);
        }
    }

    fn ruleset_forget(&mut self, pico: &str, rid: &str) {
        self.remove(Statement::RulesetPut, &[pico, rid]);
        if let Some(rows) = self.rows.get_mut(&Statement::EntityPut) {
            rows.retain(|key, _| key[1] != rid);
        }
        self.put(Statement::RulesetDelete, &[pico, rid], vec![]);
        self.put(Statement::RulesetForget, &[pico, rid], vec![]);
    }

    fn schedule(&mut self, place: &Place, id: &str, schedule: Option<&Schedule>) {
        let pico = place.pico.as_str();
        let Some(schedule) = schedule else {
            self.remove(Statement::SchedulePut, &[pico, id]);
            return self.put(Statement::ScheduleDelete, &[pico, id], vec![]);
        };
        let sealed = place.key.seal(&["schedule", pico, id], &json(schedule));
        let cells = vec![Cell::Int(schedule.due_at), Cell::Bytes(sealed)];
        self.put(Statement::SchedulePut, &[pico, id], cells);
    }

    fn job(&mut self, place: &Place, job: &Job) {
        let pico = place.pico.as_str();
        let cells = vec![
            text(&job.kind),
            Cell::Bytes(place.key.seal(&["outbox", pico, &job.id], &json(job))),
            Cell::Int(place.now),
            Cell::Int(job.due_at + place.lease),
        ];
        self.put(Statement::OutboxPut, &[pico, &job.id], cells);
    }

    /// A row whose first columns are its key.
    fn put(&mut self, statement: Statement, key: &[&str], cells: Vec<Cell>) {
        self.put_as(statement, key, &[], cells);
    }

    /// A row with `columns` first, told apart from others by `columns` and `beside`.
    fn put_as(
        &mut self,
        statement: Statement,
        columns: &[&str],
        beside: &[&str],
        cells: Vec<Cell>,
    ) {
        let row = columns.iter().copied().map(text).chain(cells).collect();
        let key = columns.iter().chain(beside).map(|part| (*part).to_owned()).collect();
        self.rows.entry(statement).or_default().insert(key, row);
    }

    fn remove(&mut self, statement: Statement, key: &[&str]) {
        if let Some(rows) = self.rows.get_mut(&statement) {
            let key: RowKey = key.iter().map(|part| (*part).to_owned()).collect();
            rows.remove(&key);
        }
    }

    /// The rows of several writes together, by statement.
    pub(super) fn gather<'w>(
        all: impl IntoIterator<Item = &'w Writes>,
    ) -> BTreeMap<Statement, Vec<&'w [Cell]>> {
        let mut gathered: BTreeMap<Statement, Vec<&[Cell]>> = BTreeMap::new();
        for writes in all {
            for (statement, rows) in &writes.rows {
                let rows = rows.values().map(Vec::as_slice);
                gathered.entry(*statement).or_default().extend(rows);
            }
        }
        gathered
    }
}

/// The part of a channel that is stored as JSON.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct ChannelBody {
    tags: Vec<String>,
    event_policy: picomesh_pico::EventPolicy,
    query_policy: picomesh_pico::QueryPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<PicoId>,
}

impl From<&Channel> for ChannelBody {
    fn from(channel: &Channel) -> Self {
        Self {
            tags: channel.tags.clone(),
            event_policy: channel.event_policy.clone(),
            query_policy: channel.query_policy.clone(),
            family: channel.family.clone(),
        }
    }
}

impl ChannelBody {
    pub(super) fn with(self, eci: picomesh_pico::Eci, did: Option<String>) -> Channel {
        let Self { tags, event_policy, query_policy, family } = self;
        Channel { eci, tags, event_policy, query_policy, did, family }
    }
}

/// SHA-256 of a key id, by which it is indexed.
pub(crate) fn kid_hash(kid: &str) -> [u8; 32] {
    Sha256::digest(kid.as_bytes()).into()
}

fn secret_kind(kind: SecretKind) -> i64 {
    match kind {
        SecretKind::Ed25519 => 1,
        SecretKind::X25519 => 2,
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("own types with string keys serialise")
}
