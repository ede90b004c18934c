//! A pico in memory: its state as far as it is loaded, and its data key.

use super::{Engine, EngineError};
use crate::store::seal::DataKey;
use picomesh_pico::{
    Asking, Change, Channel, Event, Fault, Key, Loaded, Origin, Outcome, PicoId, PolicyRefusal,
    Progress, Query, State, Turn,
};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Pieces of state that a pico keeps in memory between its turns.
const PIECES_MAX: usize = 4096;
/// Times that one turn may stop for more state before it is given up.
const STOPS_PER_TURN_MAX: usize = 100_000;
/// How long one turn may take, what it waits for outside included.
const TURN_SECONDS_MAX: u64 = 60;

/// A pico in memory.
pub(crate) struct Resident {
    pub(super) state: State,
    pub(super) key: DataKey,
    /// What the library was when the rulesets were last looked at.
    library_epoch: u64,
}

impl Resident {
    /// Loads a pico.
    pub(super) async fn load(engine: &Engine, id: &PicoId) -> Result<Self, EngineError> {
        let found = engine.inner.store.pico(id).await?;
        let (pico, key) = found.ok_or_else(|| EngineError::NoPico(id.clone()))?;
        Ok(Self { state: State::new(pico), key, library_epoch: 0 })
    }

    /// Takes an event through the pico, bringing what the rules ask for.
    pub(super) async fn turn(
        &mut self,
        engine: &Engine,
        event: &Event,
        chain: &[PicoId],
    ) -> Result<Outcome, EngineError> {
        let denied;
        let event = match self.is_denied_message(engine, event).await? {
            true => {
                denied = refused_by_policy(event);
                &denied
            }
            false => event,
        };
        self.check_event_policy(engine, event).await?;
        self.refresh_rulesets(engine);
        let (now, seed) = (engine.inner.clock.now(), Engine::seed());
        let started = Instant::now();
        let mut turn = Turn::new(&mut self.state, event, now, seed);
        let mut stops = 0;
        loop {
            match turn.run(&self.state, &engine.inner.registry) {
                Progress::Done(outcome) => {
                    self.state.put_links(turn.into_links());
                    return Ok(outcome);
                }
                Progress::Load(key) => self.fetch(engine, key).await?,
                Progress::Outside(call) => {
                    turn.answer(engine.outside(&self.state.pico, chain, call).await);
                }
                Progress::Pause => pause(started).await?,
            }
            stops = count_stop(stops)?;
        }
    }

    /// Answers a query that may only read, bringing what the function asks for.
    pub(super) async fn query(
        &mut self,
        engine: &Engine,
        query: &Query,
        via: Option<&picomesh_pico::Eci>,
        chain: &[PicoId],
    ) -> Result<Option<Value>, EngineError> {
        self.answer(engine, query, via, chain, false).await.map(|(answer, _)| answer)
    }

    /// Answers a query, `None` for nothing at all; with it comes what the query wants committed,
    /// if it `may_write`.
    pub(super) async fn answer(
        &mut self,
        engine: &Engine,
        query: &Query,
        via: Option<&picomesh_pico::Eci>,
        chain: &[PicoId],
        may_write: bool,
    ) -> Result<(Option<Value>, Vec<Change>), EngineError> {
        self.refresh_rulesets(engine);
        let (now, seed) = (engine.inner.clock.now(), Engine::seed());
        let started = Instant::now();
        let mut asking = Asking::new(&mut self.state, query.clone(), now, seed);
        asking = asking.by(via);
        if may_write {
            asking = asking.writing();
        }
        let mut stops = 0;
        loop {
            match asking.run(&self.state, &engine.inner.registry) {
                Progress::Done(answer) => {
                    let (links, changes) = asking.into_links_and_changes();
                    self.state.put_links(links);
                    let answer = answer.map_err(EngineError::Query)?;
                    return Ok((answer, changes));
                }
                Progress::Load(key) => self.fetch(engine, key).await?,
                Progress::Outside(call) => {
                    asking.answer(engine.outside(&self.state.pico, chain, call).await);
                }
                Progress::Pause => pause(started).await?,
            }
            stops = count_stop(stops)?;
        }
    }

    /// Whether a query may come in by a channel.
    pub(super) async fn check_query_policy(
        &mut self,
        engine: &Engine,
        via: Option<&picomesh_pico::Eci>,
        from: Option<&PicoId>,
        query: &Query,
    ) -> Result<(), EngineError> {
        let Some(eci) = via else { return Ok(()) };
        let channel = self.channel(engine, eci).await?;
        check_family(&channel, from)?;
        Ok(channel.query_policy.check(query.rid.as_str(), &query.name)?)
    }

    /// A ruleset that was flushed meanwhile is the new one from here on.
    fn refresh_rulesets(&mut self, engine: &Engine) {
        let library = &engine.inner.library;
        if self.library_epoch != library.epoch() {
            self.library_epoch = library.epoch();
            self.state.refresh_rulesets(|source| library.is_current(source));
        }
    }

    /// The channel of this pico that an input came by.
    pub(super) async fn channel(
        &mut self,
        engine: &Engine,
        eci: &picomesh_pico::Eci,
    ) -> Result<picomesh_pico::Channel, EngineError> {
        let key = Key::Channel(eci.clone());
        if self.state.loaded(&key).is_none() {
            self.fetch(engine, key.clone()).await?;
        }
        match self.state.loaded(&key) {
            Some(Loaded::Channel(Some(channel))) => Ok(channel.clone()),
            _ => Err(EngineError::NoChannel(eci.clone())),
        }
    }

    async fn check_event_policy(
        &mut self,
        engine: &Engine,
        event: &Event,
    ) -> Result<(), EngineError> {
        let from = match &event.origin {
            Origin::Channel => None,
            Origin::Pico(from) => Some(from),
            Origin::Operator
            | Origin::Ruleset(_)
            | Origin::Peer
            | Origin::Schedule { .. }
            | Origin::Job(_)
            | Origin::Engine => return Ok(()),
        };
        let Some(eci) = &event.eci else { return Ok(()) };
        let channel = self.channel(engine, eci).await?;
        check_family(&channel, from)?;
        Ok(channel.event_policy.check(&event.domain, &event.name)?)
    }

    /// Whether the channel that a peer's message reached forbids it.
    async fn is_denied_message(
        &mut self,
        engine: &Engine,
        event: &Event,
    ) -> Result<bool, EngineError> {
        let (Origin::Peer, Some(my_did)) = (&event.origin, event.text("my_did")) else {
            return Ok(false);
        };
        let key = Key::Did(my_did.to_owned());
        if self.state.loaded(&key).is_none() {
            self.fetch(engine, key.clone()).await?;
        }
        let Some(Loaded::Did(Some(own))) = self.state.loaded(&key) else { return Ok(false) };
        let eci = own.eci.clone();
        let channel = self.channel(engine, &eci).await?;
        Ok(channel.event_policy.denies(&event.domain, &event.name))
    }

    async fn fetch(&mut self, engine: &Engine, key: Key) -> Result<(), EngineError> {
        metrics::counter!("picomesh_loads_total", "kind" => kind(&key)).increment(1);
        let loaded = match &key {
            Key::Ruleset(url) => Loaded::Ruleset(engine.inner.library.find(url).await?),
            Key::Entity(..)
            | Key::Entities { .. }
            | Key::Channel(_)
            | Key::Channels { .. }
            | Key::Children { .. }
            | Key::Descendant(_)
            | Key::Did(_)
            | Key::Secret(_)
            | Key::Secrets(_)
            | Key::Schedule(_)
            | Key::Schedules
            | Key::Seen(_) => engine.inner.store.load(&self.state.pico.id, &self.key, &key).await?,
        };
        self.state.insert(key, loaded);
        Ok(())
    }

    /// Keeps what later turns will want.
    pub(super) fn settle(&mut self) {
        self.state.forget_transient(PIECES_MAX);
    }
}

/// Lets others go first; a turn that has taken too long is over.
async fn pause(started: Instant) -> Result<(), EngineError> {
    if started.elapsed() > Duration::from_secs(TURN_SECONDS_MAX) {
        return Err(EngineError::Query(Fault::Limit { name: "TURN_SECONDS_MAX" }));
    }
    tokio::task::yield_now().await;
    Ok(())
}

fn count_stop(stops: usize) -> Result<usize, EngineError> {
    match stops + 1 {
        stops if stops > STOPS_PER_TURN_MAX => {
            Err(EngineError::Query(Fault::Limit { name: "STOPS_PER_TURN_MAX" }))
        }
        stops => Ok(stops),
    }
}

/// A family channel is for the relative that it was made for, and for the pico itself.
fn check_family(channel: &Channel, from: Option<&PicoId>) -> Result<(), PolicyRefusal> {
    match (&channel.family, from) {
        (None, _) => Ok(()),
        (Some(relative), Some(from)) if relative == from => Ok(()),
        (Some(_), _) => Err(PolicyRefusal::Family),
    }
}

/// The event that tells the pico of a message which its channel's policy forbids, so that a
/// rule can report it to the sender.
fn refused_by_policy(event: &Event) -> Event {
    let mut refused = event.clone();
    refused.attrs.insert("code".into(), "e.p.req.not-allowed".into());
    refused.attrs.insert("reason".into(), "not allowed on this channel".into());
    Event { domain: "didcomm".into(), name: "refused".into(), origin: Origin::Engine, ..refused }
}

/// The kind of a piece of state, for the measurements.
fn kind(key: &Key) -> &'static str {
    match key {
        Key::Entity(..) => "entity",
        Key::Entities { .. } => "entities",
        Key::Channel(_) => "channel",
        Key::Channels { .. } => "channels",
        Key::Children { .. } => "children",
        Key::Descendant(_) => "descendant",
        Key::Did(_) => "did",
        Key::Secret(_) => "secret",
        Key::Secrets(_) => "secrets",
        Key::Schedule(_) => "schedule",
        Key::Schedules => "schedules",
        Key::Seen(_) => "seen",
        Key::Ruleset(_) => "ruleset",
    }
}
