//! The engine: mailboxes, turns, commits, jobs and schedules of all picos.
//!
//! Steps 4 to 6 of the walk of a message. An input waits in its pico's mailbox; one task at a
//! time takes the mailbox's inputs through [`picomesh_pico::Turn`], and the committer makes
//! them durable together with those of other picos. Only then is anybody answered.
//!
//! Absent on purpose: what events mean, and any socket.

mod clock;
mod committer;
mod error;
mod feed;
mod jobs;
mod mailbox;
mod outside;
mod resident;
mod timer;
mod turns;

pub use clock::Clock;
pub use error::{EngineError, thrown};
pub use feed::{Feed, Happening};
pub use jobs::{JobOutcome, Worker, Workers};
pub use outside::{Answered, Outward, Outwards};

use crate::library::{Library, Sources};
use crate::store::seal::DataKey;
use crate::store::{LeasedJob, Store, StoreError};
use committer::Committer;
use ed25519_dalek::SigningKey;
use jobs::Dispatcher;
use mailbox::{Ask, Input, Mailboxes};
use outside::Waits;
use picomesh_didcomm::envelope::v1::Agreements;
use picomesh_pico::{Directive, Eci, Event, OwnSecret, PicoId, Query, Registry, RuleFault};
use quick_cache::sync::Cache;
use resident::Resident;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Picos whose state is kept in memory after their mailbox is empty.
const RESIDENTS_MAX: usize = 10_000;
/// Channels and keys whose pico is kept in memory.
const DIRECTORY_ENTRIES_MAX: usize = 50_000;

/// All picos of a store, running.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    store: Arc<Store>,
    registry: Registry,
    clock: Clock,
    mailboxes: Mailboxes,
    residents: Cache<PicoId, Arc<std::sync::Mutex<Option<Resident>>>>,
    by_eci: Cache<Eci, PicoId>,
    by_kid: Cache<String, (PicoId, OwnSecret)>,
    by_verkey: Cache<String, (PicoId, SigningKey)>,
    agreements: Agreements,
    committer: Committer,
    dispatcher: Dispatcher,
    library: Library,
    outwards: Outwards,
    waits: Waits,
    feed: Feed,
    root: PicoId,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What the engine can do beside running picos.
pub struct Work {
    /// Durable effects, after the turn.
    pub jobs: Workers,
    /// Calls to the outside, within the turn.
    pub outwards: Outwards,
    /// Where the sources of rulesets come from.
    pub sources: Box<dyn Sources>,
}

/// Nothing: picos run, and reach nobody.
impl Default for Work {
    fn default() -> Self {
        let (jobs, outwards) = (Workers::default(), Outwards::default());
        Self { jobs, outwards, sources: Box::new(NoSources) }
    }
}

/// A library without rulesets.
struct NoSources;

impl Sources for NoSources {
    fn fetch<'a>(
        &'a self,
        url: &'a str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async move { Err(format!("Error: nothing at {url}")) })
    }
}

/// What an event came to, once it is durable.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the rules tell the sender.
    pub directives: Vec<Directive>,
    /// The rule that failed and ended the turn, if one did.
    pub fault: Option<RuleFault>,
    /// How many rules did their work.
    pub fired: usize,
    /// The event had acted before; nothing happened this time.
    pub is_repeat: bool,
    /// The jobs of the turn, when the caller asked to keep them; see [`Engine::event_keeping_jobs`].
    pub jobs: Vec<LeasedJob>,
}

impl Answer {
    /// The options of the first directive of this name.
    pub fn directive(&self, name: &str) -> Option<&Value> {
        self.directives.iter().find(|one| one.name == name).map(|one| &one.options)
    }
}

impl Engine {
    /// Starts all picos of a store; makes the root pico in a fresh one.
    pub async fn start(
        store: Store,
        registry: Registry,
        work: Work,
        clock: Clock,
        mailbox_inputs_max: usize,
    ) -> Result<Self, EngineError> {
        let store = Arc::new(store);
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let committer = Committer::start(store.clone(), &tasks);
        let root = find_or_make_root(&store, &clock).await?;
        let inner = Inner {
            mailboxes: Mailboxes::new(mailbox_inputs_max),
            residents: Cache::new(RESIDENTS_MAX),
            by_eci: Cache::new(DIRECTORY_ENTRIES_MAX),
            by_kid: Cache::new(DIRECTORY_ENTRIES_MAX),
            by_verkey: Cache::new(DIRECTORY_ENTRIES_MAX),
            agreements: Agreements::remembering(),
            dispatcher: Dispatcher::new(work.jobs),
            outwards: work.outwards,
            waits: Waits::default(),
            library: Library::new(store.clone(), work.sources),
            feed: Feed::default(),
            store,
            registry,
            clock,
            committer,
            root,
            stop,
            tasks,
        };
        let engine = Self { inner: Arc::new(inner) };
        engine.inner.tasks.spawn(timer::run(engine.clone()));
        engine.inner.tasks.spawn(jobs::poll(engine.clone()));
        Ok(engine)
    }

    /// The root pico.
    pub fn root(&self) -> &PicoId {
        &self.inner.root
    }

    /// The store, for listings that no turn needs.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The rulesets that the engine knows.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// What time it is for the picos.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// What happens, as it happens.
    pub fn feed(&self) -> &Feed {
        &self.inner.feed
    }

    /// Takes an event through a pico; when this returns `Ok`, its effects are on disk.
    pub async fn event(&self, pico: &PicoId, event: Event) -> Result<Answer, EngineError> {
        self.put_event(pico, event, false).await
    }

    /// As [`Engine::event`], but the jobs of the turn come back with the answer instead of being
    /// started: hand each to [`Engine::start_job`] or [`Engine::job_done`]. A job for which
    /// neither happens is started when its lease runs out.
    pub async fn event_keeping_jobs(
        &self,
        pico: &PicoId,
        event: Event,
    ) -> Result<Answer, EngineError> {
        self.put_event(pico, event, true).await
    }

    async fn put_event(
        &self,
        pico: &PicoId,
        event: Event,
        keeps_jobs: bool,
    ) -> Result<Answer, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.put(pico, Input::Event { event, keeps_jobs, chain: vec![], reply })?;
        answer.await.map_err(|_| EngineError::Stopping)?
    }

    /// Asks a ruleset of a pico.
    pub async fn query(&self, pico: &PicoId, query: Query) -> Result<Value, EngineError> {
        self.put_query(pico, query, None).await.map(Option::unwrap_or_default)
    }

    async fn put_query(
        &self,
        pico: &PicoId,
        query: Query,
        via: Option<Eci>,
    ) -> Result<Option<Value>, EngineError> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask { query, via, from: None, chain: vec![], reply };
        match self.inner.waits.is_waiting(pico) {
            true => self.ask_beside(pico.clone(), ask),
            false => self.put(pico, Input::Query(ask))?,
        }
        answer.await.map_err(|_| EngineError::Stopping)?
    }

    /// Takes an event by a channel, as far as the channel's policy allows.
    pub async fn channel_event(&self, eci: &Eci, event: Event) -> Result<Answer, EngineError> {
        let pico = self.pico_by_eci(eci).await?;
        self.event(&pico, Event { eci: Some(eci.clone()), ..event }).await
    }

    /// Asks by a channel, as far as the channel's policy allows. `None` is nothing at all, which
    /// is not JSON's `null`.
    pub async fn channel_query(
        &self,
        eci: &Eci,
        query: Query,
    ) -> Result<Option<Value>, EngineError> {
        let pico = self.pico_by_eci(eci).await?;
        self.put_query(&pico, query, Some(eci.clone())).await
    }

    /// Takes an event by a channel, then asks by it.
    pub async fn channel_event_query(
        &self,
        eci: &Eci,
        event: Event,
        query: Query,
    ) -> Result<Option<Value>, EngineError> {
        let answer = self.channel_event(eci, event).await?;
        match answer.fault {
            Some(failed) => Err(EngineError::Query(failed.fault)),
            None => self.channel_query(eci, query).await,
        }
    }

    /// The rulesets that were brought in by URL.
    pub fn library(&self) -> &Library {
        &self.inner.library
    }

    /// The pico that a channel belongs to.
    pub async fn pico_by_eci(&self, eci: &Eci) -> Result<PicoId, EngineError> {
        if let Some(pico) = self.inner.by_eci.get(eci) {
            return Ok(pico);
        }
        let pico = self.inner.store.pico_by_eci(eci).await?;
        let pico = pico.ok_or_else(|| EngineError::NoChannel(eci.clone()))?;
        self.inner.by_eci.insert(eci.clone(), pico.clone());
        Ok(pico)
    }

    /// The private key that an envelope names, and the pico that owns it.
    pub async fn secret_by_kid(
        &self,
        kid: &str,
    ) -> Result<Option<(PicoId, OwnSecret)>, EngineError> {
        if let Some(found) = self.inner.by_kid.get(kid) {
            return Ok(Some(found));
        }
        let found = self.inner.store.secret_by_kid(kid).await?;
        if let Some(found) = &found {
            self.inner.by_kid.insert(kid.to_owned(), found.clone());
        }
        Ok(found)
    }

    /// The signing key behind a verkey of ours, its public half at hand.
    pub async fn signing_key(&self, verkey: &str) -> Result<Option<SigningKey>, EngineError> {
        if let Some((_, key)) = self.inner.by_verkey.get(verkey) {
            return Ok(Some(key));
        }
        let Some((pico, secret)) = self.secret_by_kid(verkey).await? else { return Ok(None) };
        let key = SigningKey::from_bytes(&secret.bytes);
        self.inner.by_verkey.insert(verkey.to_owned(), (pico, key.clone()));
        Ok(Some(key))
    }

    /// The key agreements of DIDComm v1 that were made lately.
    pub fn agreements(&self) -> &Agreements {
        &self.inner.agreements
    }

    /// Whether a pico exists.
    pub async fn has_pico(&self, pico: &PicoId) -> Result<bool, EngineError> {
        Ok(self.inner.store.pico(pico).await?.is_some())
    }

    /// Makes given-up jobs due again at once.
    pub async fn redrive(&self, pico: &PicoId, id: &str) -> Result<bool, EngineError> {
        let now = self.inner.clock.now();
        let redriven = self.inner.store.outbox_redrive(pico, id, now).await?;
        self.inner.dispatcher.wake();
        Ok(redriven)
    }

    /// Whether inputs are taken and the database answers.
    pub async fn is_ready(&self) -> bool {
        !self.inner.stop.is_cancelled() && self.inner.store.is_ready().await
    }

    /// Takes no more inputs, lets those under way finish, closes the store.
    pub async fn stop(&self) {
        self.inner.stop.cancel();
        self.inner.mailboxes.drained().await;
        self.inner.committer.close();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        self.inner.store.close().await;
    }

    fn put(&self, pico: &PicoId, input: Input) -> Result<(), EngineError> {
        if self.inner.stop.is_cancelled() {
            return Err(EngineError::Stopping);
        }
        if self.inner.mailboxes.push(pico, input)? {
            let (engine, pico) = (self.clone(), pico.clone());
            tokio::spawn(async move { turns::drain(engine, pico).await });
        }
        Ok(())
    }

    pub(crate) fn seed() -> [u8; 32] {
        use rand_core::{OsRng, RngCore};
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        seed
    }
}

async fn find_or_make_root(store: &Store, clock: &Clock) -> Result<PicoId, EngineError> {
    if let Some(root) = store.root().await? {
        return Ok(root);
    }
    let mut entropy = picomesh_pico::Entropy::new(Engine::seed());
    let id = entropy.ordered_id(clock.now());
    let id = PicoId::parse(&id)
        .map_err(|e| StoreError::Corrupt { what: "id", reason: e.to_string() })?;
    let mut writes = crate::store::Writes::default();
    let broken =
        |e: picomesh_pico::Fault| StoreError::Corrupt { what: "root", reason: e.to_string() };
    let root = crate::rulesets::picolabs::root(id.clone(), clock.now(), &mut entropy);
    let root = root.map_err(broken)?;
    writes.pico(None, &root, store.key());
    store.commit(&[crate::store::Unit { fence: None, writes }]).await?;
    // Two processes that start at once on a fresh store agree on the older of the two.
    Ok(store.root().await?.unwrap_or(id))
}

impl Inner {
    pub(crate) fn store_key(&self) -> &DataKey {
        self.store.key()
    }
}
