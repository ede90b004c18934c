//! What a rule may reach while it runs: the state of its pico, and nothing else.

mod layer;
mod read;
mod write;

pub(crate) use layer::Layer;
pub use read::SCAN_ROWS_MAX;

use crate::entropy::Entropy;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::Rid;
use crate::registry::Registry;
use crate::state::{Pico, State};
use serde_json::{Map, Value};

/// Deepest chain of rulesets that call each other's functions.
const CALL_DEPTH_MAX: u32 = 32;

/// The state of one pico as a rule sees it, and the place where its wishes gather.
///
/// Reads see what the turn did so far. Writes count when the rule completes; a rule that
/// fails leaves nothing.
pub struct Context<'s> {
    state: &'s State,
    registry: &'s Registry,
    now: i64,
    entropy: Entropy,
    rid: Rid,
    rule: String,
    may_write: bool,
    depth: u32,
    /// What the completed rules of this turn did.
    pub(crate) turn: Layer,
    /// What the running rule did.
    pub(crate) pending: Layer,
}

impl<'s> Context<'s> {
    pub(crate) fn new(
        state: &'s State,
        registry: &'s Registry,
        now: i64,
        seed: [u8; 32],
        may_write: bool,
    ) -> Self {
        Self {
            state,
            registry,
            now,
            entropy: Entropy::new(seed),
            rid: Rid::literal("picomesh.engine"),
            rule: String::new(),
            may_write,
            depth: 0,
            turn: Layer::default(),
            pending: Layer::default(),
        }
    }

    /// The pico.
    pub fn pico(&self) -> &Pico {
        &self.state.pico
    }

    /// The rulesets that the engine knows.
    pub fn registry(&self) -> &'s Registry {
        self.registry
    }

    /// The ruleset that is running.
    pub fn rid(&self) -> &Rid {
        &self.rid
    }

    /// The time of the turn in unix milliseconds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The turn's random numbers.
    pub fn entropy(&mut self) -> &mut Entropy {
        &mut self.entropy
    }

    /// A fresh id that sorts by time.
    pub fn fresh_id(&mut self) -> String {
        self.entropy.ordered_id(self.now)
    }

    /// A fresh UUID.
    pub fn fresh_uuid(&mut self) -> String {
        self.entropy.uuid()
    }

    /// The configuration that the running ruleset was installed with.
    pub fn config(&self) -> Option<&Value> {
        let installed = &self.state.pico.rulesets;
        installed.iter().find(|(rid, _)| *rid == self.rid).map(|(_, config)| config)
    }

    /// Calls a function or an action that another ruleset of this pico provides.
    ///
    /// It runs with the state of its own ruleset; what it writes counts if the rule completes.
    pub fn call(&mut self, rid: &Rid, function: &str, args: Value) -> Result<Value, Fault> {
        let ruleset = self.registry.find(&self.state.pico, rid);
        let ruleset = ruleset.ok_or_else(|| Fault::not_found(format_args!("ruleset {rid}")))?;
        if self.depth == CALL_DEPTH_MAX {
            return Err(Fault::Limit { name: "CALL_DEPTH_MAX" });
        }
        let caller = std::mem::replace(&mut self.rid, rid.clone());
        self.depth += 1;
        let result = ruleset.call(function, args, self);
        self.depth -= 1;
        self.rid = caller;
        result
    }

    /// Starts a rule: from here on its wishes are on trial.
    pub(crate) fn enter(&mut self, rid: &Rid, rule: &str) {
        self.rid = rid.clone();
        rule.clone_into(&mut self.rule);
        self.pending = Layer::default();
    }

    /// The rule completed: its wishes count.
    pub(crate) fn keep(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.turn.absorb(pending);
    }

    /// The rule failed: its wishes are dropped.
    pub(crate) fn drop_pending(&mut self) {
        self.pending = Layer::default();
    }

    /// Raises an event on this pico: it runs after the events already raised in this turn.
    pub fn raise(&mut self, domain: &str, name: &str, attrs: Map<String, Value>) {
        let event = Event {
            id: self.entropy.ordered_id(self.now),
            domain: domain.into(),
            name: name.into(),
            attrs,
            origin: crate::event::Origin::Ruleset(self.rid.clone()),
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        self.pending.raised.push(event);
    }

    /// Tells something to whoever sent the event.
    pub fn directive(&mut self, name: &str, options: Value) {
        let (rid, rule) = (self.rid.clone(), self.rule.clone());
        let name = name.into();
        self.pending.directives.push(crate::event::Directive { name, options, rid, rule });
    }
}
