//! A few picos in memory that tell and ask each other, as an engine would let them.

use super::super::{add, root};
use crate::rulesets::Setting;
use picomesh_pico::{
    Asking, Change, Channel, Child, Eci, Entropy, Event, Key, Loaded, NewPico, Origin, Outcome,
    Outside, Pico, PicoId, Progress, Query, Registry, Rid, State, Turn,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const NOW: i64 = 1_796_093_000_000;

struct One {
    state: State,
    channels: BTreeMap<Eci, Channel>,
    entities: BTreeMap<(Rid, String), Arc<[u8]>>,
    children: Vec<Child>,
}

/// Picos by their ids, and the events on their way.
pub(super) struct World {
    registry: Registry,
    picos: BTreeMap<PicoId, One>,
    root: PicoId,
    sent: VecDeque<Value>,
    turns: u8,
    /// Every event from pico to pico that was taken in: who took it, and which.
    pub(super) heard: Vec<(PicoId, String)>,
}

impl World {
    pub(super) fn new() -> Self {
        let setting = Arc::new(Setting {
            endpoint: "https://agent.example/didcomm".parse().unwrap(),
            public_url: "https://agent.example/".parse().unwrap(),
            label: "Test".into(),
        });
        let registry = add(Registry::default(), &setting);
        let id = PicoId::parse("croot").unwrap();
        let rows = root(id.clone(), NOW, &mut Entropy::new([1; 32])).unwrap();
        let mut world = Self {
            registry,
            picos: BTreeMap::new(),
            root: id,
            sent: VecDeque::new(),
            turns: 1,
            heard: vec![],
        };
        world.make(None, rows);
        world
    }

    fn make(&mut self, parent: Option<PicoId>, rows: NewPico) {
        let NewPico { id, name, channels, rulesets, entities } = rows;
        let pico = Pico { id: id.clone(), parent, name, version: 0, rulesets };
        let channels = channels.into_iter().map(|one| (one.eci.clone(), one)).collect();
        let entities = entities.into_iter().map(|(rid, name, value)| ((rid, name), value));
        let one = One {
            state: State::new(pico),
            channels,
            entities: entities.collect(),
            children: vec![],
        };
        self.picos.insert(id, one);
    }

    pub(super) fn picos(&self) -> usize {
        self.picos.len()
    }

    /// The address of the root's page.
    pub(super) fn root_ui(&self) -> String {
        let channels = self.picos[&self.root].channels.values();
        let mut ui = channels.filter(|one| one.tags == ["engine", "ui"]);
        ui.next().unwrap().eci.to_string()
    }

    /// A new channel that lets everything through.
    pub(super) fn open_channel(&mut self, page: &str) -> String {
        let tag = format!("open-{}", self.turns);
        self.tell(page, "engine_ui", "new_channel", json!({ "tags": [tag] }));
        let owner = self.owner(page).unwrap();
        let mut channels = self.picos[&owner].channels.values();
        channels.find(|one| one.tags == [tag.as_str()]).unwrap().eci.to_string()
    }

    fn owner(&self, eci: &str) -> Option<PicoId> {
        let eci = Eci::parse(eci).ok()?;
        let mut picos = self.picos.iter();
        picos.find(|(_, one)| one.channels.contains_key(&eci)).map(|(id, _)| id.clone())
    }

    /// Tells a pico something; it must not fail.
    pub(super) fn tell(&mut self, eci: &str, domain: &str, name: &str, attrs: Value) {
        let fault = self.try_tell(eci, domain, name, attrs);
        assert_eq!(fault, None, "{domain}:{name}");
    }

    /// Tells a pico something; the text of the failure if there is one.
    pub(super) fn try_tell(
        &mut self,
        eci: &str,
        domain: &str,
        name: &str,
        attrs: Value,
    ) -> Option<String> {
        self.take(eci, domain, name, attrs, None).unwrap().fault.map(|one| one.fault.to_string())
    }

    /// Lets the events on their way arrive, and those that follow from them.
    pub(super) fn settle(&mut self) {
        while let Some(event) = self.sent.pop_front() {
            self.arrive(&event);
        }
    }

    /// As `settle`, but the youngest event arrives first.
    pub(super) fn settle_backwards(&mut self) {
        while let Some(event) = self.sent.pop_back() {
            self.arrive(&event);
        }
    }

    fn arrive(&mut self, event: &Value) {
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        let from = PicoId::parse(&text("from")).unwrap();
        let (eci, domain, name) = (text("eci"), text("domain"), text("name"));
        let attrs = event["attrs"].clone();
        if let Some(owner) = self.owner(&eci)
            && self.take(&eci, &domain, &name, attrs, Some(&from)).is_some()
        {
            self.heard.push((owner, format!("{domain}:{name}")));
        }
    }

    fn check_family(&self, owner: &PicoId, eci: &str, from: Option<&PicoId>) -> Channel {
        let channel = self.picos[owner].channels[&Eci::parse(eci).unwrap()].clone();
        assert!(channel.family.is_none() || channel.family.as_ref() == from, "a family channel");
        channel
    }

    fn take(
        &mut self,
        eci: &str,
        domain: &str,
        name: &str,
        attrs: Value,
        from: Option<&PicoId>,
    ) -> Option<Outcome> {
        let owner = self.owner(eci)?;
        let channel = self.check_family(&owner, eci, from);
        channel.event_policy.check(domain, name).unwrap();
        let Value::Object(attrs) = attrs else { panic!("attributes are a map") };
        self.turns = self.turns.wrapping_add(1);
        let event = Event {
            id: "e".into(),
            domain: domain.into(),
            name: name.into(),
            attrs,
            origin: Origin::Channel,
            eci: Some(channel.eci),
            once: None,
            for_rid: None,
            at: None,
        };
        let state = &mut self.picos.get_mut(&owner).unwrap().state;
        let mut turn = Turn::new(state, &event, NOW, [self.turns; 32]);
        let outcome = loop {
            match turn.run(&self.picos[&owner].state, &self.registry) {
                Progress::Load(key) => self.load(&owner, key),
                Progress::Outside(Outside::Query { eci, query }) => {
                    let answer = self.answer(&eci, query, Some(&owner));
                    turn.answer(Ok(answer));
                }
                Progress::Done(outcome) => break outcome,
                other => panic!("{other:?}"),
            }
        };
        self.apply(&owner, &outcome);
        Some(outcome)
    }

    fn apply(&mut self, owner: &PicoId, outcome: &Outcome) {
        for change in &outcome.changes {
            let one = self.picos.get_mut(owner).unwrap();
            match change {
                Change::Entity { rid, name, value: Some(value) } => {
                    one.entities.insert((rid.clone(), name.clone()), value.clone());
                }
                Change::Entity { rid, name, value: None } => {
                    one.entities.remove(&(rid.clone(), name.clone()));
                }
                Change::Channel { eci, channel: Some(channel) } => {
                    one.channels.insert(eci.clone(), channel.clone());
                }
                Change::Channel { eci, channel: None } => drop(one.channels.remove(eci)),
                Change::Child(rows) => {
                    one.children.push(Child { id: rows.id.clone(), name: rows.name.clone() });
                    self.make(Some(owner.clone()), rows.clone());
                }
                Change::DeletePico(id) => {
                    one.children.retain(|child| child.id != *id);
                    self.picos.remove(id);
                }
                Change::Job(job) => {
                    assert_eq!(job.kind, "event");
                    self.sent.push_back(job.body.clone());
                }
                _ => {}
            }
        }
        self.picos.get_mut(owner).unwrap().state.apply(&outcome.changes);
    }

    /// Asks a pico something.
    pub(super) fn ask(&mut self, eci: &str, rid: &str, name: &str, args: Value) -> Value {
        let Value::Object(args) = args else { panic!("arguments are a map") };
        let query = Query { rid: Rid::parse(rid).unwrap(), name: name.into(), args };
        self.answer(eci, query, None)
    }

    fn answer(&mut self, eci: &str, query: Query, from: Option<&PicoId>) -> Value {
        let owner = self.owner(eci).unwrap();
        let channel = self.check_family(&owner, eci, from);
        channel.query_policy.check(query.rid.as_str(), &query.name).unwrap();
        let state = &mut self.picos.get_mut(&owner).unwrap().state;
        let mut asking = Asking::new(state, query, NOW, [9; 32]);
        loop {
            match asking.run(&self.picos[&owner].state, &self.registry) {
                Progress::Load(key) => self.load(&owner, key),
                Progress::Outside(Outside::Query { eci, query }) => {
                    let answer = self.answer(&eci, query, Some(&owner));
                    asking.answer(Ok(answer));
                }
                Progress::Done(answer) => return answer.unwrap().unwrap_or_default(),
                other => panic!("{other:?}"),
            }
        }
    }

    fn load(&mut self, owner: &PicoId, key: Key) {
        let one = self.picos.get_mut(owner).unwrap();
        let loaded = match &key {
            Key::Entity(rid, name) => {
                Loaded::Entity(one.entities.get(&(rid.clone(), name.clone())).cloned())
            }
            Key::Entities { rid, prefix, after, .. } => {
                let rows = one.entities.iter().filter(|((r, name), _)| {
                    r == rid && name.starts_with(prefix.as_str()) && name > after
                });
                let rows = rows.map(|((_, name), value)| (name.clone(), value.clone()));
                Loaded::Entities(rows.collect())
            }
            Key::Channel(eci) => Loaded::Channel(one.channels.get(eci).cloned()),
            Key::Channels { .. } => Loaded::Channels(one.channels.values().cloned().collect()),
            Key::Children { .. } => Loaded::Children(one.children.clone()),
            other => panic!("nobody has {other:?}"),
        };
        one.state.insert(key, loaded);
    }
}
