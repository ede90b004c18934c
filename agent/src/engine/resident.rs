//! A pico in memory: its state as far as it is loaded, and its data key.

use super::{Engine, EngineError};
use crate::store::seal::DataKey;
use picomesh_pico::{Event, Fault, Key, Loaded, Origin, Outcome, PicoId, Query, State};
use serde_json::Value;

/// Pieces of state that a pico keeps in memory between its turns.
const PIECES_MAX: usize = 4096;
/// Times that one turn may ask for more state before it is given up.
const LOADS_PER_TURN_MAX: usize = 10_000;

/// A pico in memory.
pub(crate) struct Resident {
    pub(super) state: State,
    pub(super) key: DataKey,
}

impl Resident {
    /// Loads a pico.
    pub(super) async fn load(engine: &Engine, id: &PicoId) -> Result<Self, EngineError> {
        let found = engine.inner.store.pico(id).await?;
        let (pico, key) = found.ok_or_else(|| EngineError::NoPico(id.clone()))?;
        Ok(Self { state: State::new(pico), key })
    }

    /// Takes an event through the pico, loading what the rules ask for.
    pub(super) async fn turn(
        &mut self,
        engine: &Engine,
        event: &Event,
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
        let (now, seed) = (engine.inner.clock.now(), Engine::seed());
        for _ in 0..LOADS_PER_TURN_MAX {
            match picomesh_pico::run(&self.state, &engine.inner.registry, event, now, seed) {
                Ok(outcome) => return Ok(outcome),
                Err(key) => self.fetch(engine, key).await?,
            }
        }
        Err(EngineError::Query(Fault::Limit { name: "LOADS_PER_TURN_MAX" }))
    }

    /// Answers a query, loading what the function asks for.
    pub(super) async fn query(
        &mut self,
        engine: &Engine,
        query: &Query,
    ) -> Result<Value, EngineError> {
        let (now, seed) = (engine.inner.clock.now(), Engine::seed());
        for _ in 0..LOADS_PER_TURN_MAX {
            let state = &self.state;
            match picomesh_pico::query(state, &engine.inner.registry, query, now, seed) {
                Err(Fault::Missing(key)) => self.fetch(engine, key).await?,
                answer => return answer.map_err(EngineError::Query),
            }
        }
        Err(EngineError::Query(Fault::Limit { name: "LOADS_PER_TURN_MAX" }))
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
        let (Origin::Channel, Some(eci)) = (&event.origin, &event.eci) else {
            return Ok(());
        };
        let channel = self.channel(engine, &eci.clone()).await?;
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
        let loaded = engine.inner.store.load(&self.state.pico.id, &self.key, &key).await?;
        self.state.insert(key, loaded);
        Ok(())
    }

    /// Keeps what later turns will want.
    pub(super) fn settle(&mut self) {
        self.state.forget_transient(PIECES_MAX);
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
    }
}
