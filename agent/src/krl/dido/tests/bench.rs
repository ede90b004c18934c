//! A pico in memory, with no engine around it.

use picomesh_pico::{
    Change, Channel, Context, Eci, Event, Fault, Key, Loaded, Native, Origin, Outcome, OwnDid,
    Pico, PicoId, Progress, Registry, Rid, State, Turn,
};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What the rule under test does next.
type Work = Arc<Mutex<Option<Box<dyn Fn(&mut Context) -> Result<Value, Fault> + Send>>>>;

/// A pico that runs what a test wants in one rule.
pub(super) struct Bench {
    state: State,
    registry: Registry,
    work: Work,
    result: Arc<Mutex<Value>>,
    entities: HashMap<String, Value>,
    channels: HashMap<Eci, Channel>,
    dids: HashMap<String, OwnDid>,
}

impl Bench {
    pub(super) fn new(name: &'static str, more: impl FnOnce(Registry) -> Registry) -> Self {
        let work: Work = Arc::default();
        let result: Arc<Mutex<Value>> = Arc::default();
        let (doing, done) = (work.clone(), result.clone());
        let rule = move |context: &mut Context, _: &Event| {
            let value = match &*doing.lock().unwrap() {
                Some(work) => work(context)?,
                None => Value::Null,
            };
            *done.lock().unwrap() = value;
            Ok(())
        };
        let native = Native::new(Rid::literal("io.picolabs.did-o"), "Does what a test wants.")
            .rule("go", "test", "go", rule);
        let pico = Pico {
            id: PicoId::parse(name).unwrap(),
            parent: None,
            name: name.into(),
            version: 0,
            rulesets: vec![],
        };
        Self {
            state: State::new(pico),
            registry: more(Registry::default().with_standard(native)),
            work,
            result,
            entities: HashMap::new(),
            channels: HashMap::new(),
            dids: HashMap::new(),
        }
    }

    /// Runs something in a turn: what it returned, or why it failed, and what the turn wants.
    pub(super) fn run(
        &mut self,
        now: i64,
        work: impl Fn(&mut Context) -> Result<Value, Fault> + Send + 'static,
    ) -> (Result<Value, Fault>, Outcome) {
        *self.work.lock().unwrap() = Some(Box::new(work));
        let event = Event {
            id: "e".into(),
            domain: "test".into(),
            name: "go".into(),
            attrs: Map::new(),
            origin: Origin::Engine,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        let seed = picomesh_digest(&self.state.pico.id, self.state.pico.version);
        let mut turn = Turn::new(&mut self.state, &event, now, seed);
        let outcome = loop {
            match turn.run(&self.state, &self.registry) {
                Progress::Done(outcome) => break outcome,
                Progress::Load(key) => {
                    let loaded = self.load(&key);
                    self.state.insert(key, loaded);
                }
                Progress::Outside(call) => turn.answer(Err::<Value, _>(format!("Error: {call:?}"))),
                Progress::Pause => {}
            }
        };
        self.state.put_links(turn.into_links());
        self.state.apply(&outcome.changes);
        self.keep(&outcome.changes);
        let answer = match &outcome.fault {
            Some(failed) => Err(failed.fault.clone()),
            None => Ok(std::mem::take(&mut *self.result.lock().unwrap())),
        };
        (answer, outcome)
    }

    pub(super) fn entity(&self, name: &str) -> Value {
        self.entities.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    pub(super) fn channel_put(&mut self, channel: Channel) {
        let changes = [Change::Channel { eci: channel.eci.clone(), channel: Some(channel) }];
        self.state.apply(&changes);
        self.keep(&changes);
    }

    fn load(&self, key: &Key) -> Loaded {
        match key {
            Key::Entity(_, name) => {
                let value = self.entities.get(name);
                Loaded::Entity(value.map(|value| value.to_string().into_bytes().into()))
            }
            Key::Channel(eci) => Loaded::Channel(self.channels.get(eci).cloned()),
            Key::Did(did) => Loaded::Did(self.dids.get(did).cloned()),
            Key::Secret(kid) => {
                let mut secrets = self.dids.values().flat_map(|did| &did.secrets);
                Loaded::Secret(secrets.find(|secret| secret.kid == *kid).cloned())
            }
            Key::Secrets(did) => Loaded::Secrets(
                self.dids.get(did).map(|did| did.secrets.clone()).unwrap_or_default(),
            ),
            other @ Key::Entities { .. }
            | other @ Key::Channels { .. }
            | other @ Key::Children { .. }
            | other @ Key::Descendant(_)
            | other @ Key::Schedule(_)
            | other @ Key::Schedules
            | other @ Key::Seen(_)
            | other @ Key::Ruleset(_) => unreachable!("{other:?} is not asked for here"),
        }
    }

    fn keep(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Entity { name, value, .. } => {
                    let value = value.as_ref().map(|bytes| serde_json::from_slice(bytes).unwrap());
                    self.entities.insert(name.clone(), value.unwrap_or_default());
                }
                Change::Channel { eci, channel: Some(channel) } => {
                    self.channels.insert(eci.clone(), channel.clone());
                }
                Change::Channel { eci, channel: None } => {
                    self.channels.remove(eci);
                    self.dids.retain(|_, did| did.eci != *eci);
                }
                Change::Did(did) => {
                    self.dids.insert(did.did.clone(), did.clone());
                }
                Change::Child(_)
                | Change::DeletePico(_)
                | Change::Name(_)
                | Change::Ruleset { .. }
                | Change::Schedule { .. }
                | Change::Seen(_)
                | Change::Job(_)
                | Change::JobDone(_) => {}
            }
        }
    }
}

fn picomesh_digest(pico: &PicoId, version: i64) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(format!("{pico} {version}")).into()
}
