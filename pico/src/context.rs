//! What a rule may reach while it runs: the state of its pico, and nothing else.

mod layer;
mod outward;
mod read;
mod write;

pub(crate) use layer::Layer;
pub use read::SCAN_ROWS_MAX;

use crate::entropy::Entropy;
use crate::fault::Fault;
use crate::id::Rid;
use crate::registry::Registry;
use crate::state::{Pico, State};
use serde_json::Value;
use std::sync::Arc;

/// Deepest chain of rulesets that call each other's functions.
const CALL_DEPTH_MAX: u32 = 32;

/// The state of one pico as a rule sees it, and the place where its wishes gather.
///
/// Reads see what the turn did so far. Writes count when the rule completes; a rule that
/// fails leaves nothing.
pub struct Context<'c> {
    pub(crate) state: &'c State,
    registry: &'c Registry,
    pub(crate) core: &'c mut Core,
}

/// What a turn remembers between two looks at the state.
pub(crate) struct Core {
    /// The pico as the turn has changed it so far.
    pico: Arc<Pico>,
    pico_before: Option<Arc<Pico>>,
    now: i64,
    entropy: Entropy,
    entropy_before: Entropy,
    rid: Rid,
    rule: String,
    pub(crate) may_write: bool,
    /// What `may_write` was before the queries that the pico makes to itself.
    pub(crate) may_write_before: Vec<bool>,
    depth: u32,
    /// The ruleset that called the running one, if one did.
    caller: Option<Rid>,
    /// The channel that the event came in by; events raised inside keep it.
    pub(crate) event_eci: Option<crate::id::Eci>,
    /// Names the event or the query that the turn began with; empty when nothing does.
    pub(crate) txn_id: String,
    /// What the completed rules of this turn did.
    pub(crate) turn: Layer,
    /// What the running rule did.
    pub(crate) pending: Layer,
    /// What it did before calls that may have to be made again; the last is the newest.
    held: Vec<Held>,
    /// Answers from outside to the running rule, in the order of its asking.
    answers: Vec<Result<Option<Value>, String>>,
    /// How many of them the running attempt has used.
    used: usize,
    /// The rule ran before and waited: its answers are kept.
    is_again: bool,
}

/// A rule as it was before a call that may have to be made again.
struct Held {
    pending: Layer,
    pico: Arc<Pico>,
    entropy: Entropy,
    used: usize,
}

impl Core {
    pub(crate) fn new(pico: Pico, now: i64, seed: [u8; 32], may_write: bool) -> Self {
        Self {
            pico: Arc::new(pico),
            pico_before: None,
            now,
            entropy: Entropy::new(seed),
            entropy_before: Entropy::new(seed),
            rid: Rid::literal("picomesh.engine"),
            rule: String::new(),
            may_write,
            may_write_before: vec![],
            depth: 0,
            caller: None,
            event_eci: None,
            txn_id: String::new(),
            turn: Layer::default(),
            pending: Layer::default(),
            held: vec![],
            answers: vec![],
            used: 0,
            is_again: false,
        }
    }

    /// Starts a rule: from here on its wishes are on trial.
    pub(crate) fn enter(&mut self, rid: &Rid, rule: &str) {
        self.is_again = false;
        self.rid = rid.clone();
        rule.clone_into(&mut self.rule);
        self.pending = Layer::default();
        self.entropy_before = self.entropy.clone();
        self.answers.clear();
        self.used = 0;
    }

    /// Starts a rule written in Rust, or starts it again after it waited.
    pub(crate) fn start(&mut self, rid: &Rid, rule: &str) {
        if !std::mem::take(&mut self.is_again) {
            self.enter(rid, rule);
        }
    }

    /// The rule completed: its wishes count.
    pub(crate) fn keep(&mut self) {
        self.pico_before = None;
        let pending = std::mem::take(&mut self.pending);
        self.turn.absorb(pending);
    }

    /// The rule failed: its wishes are dropped.
    pub(crate) fn drop_pending(&mut self) {
        if let Some(before) = self.pico_before.take() {
            self.pico = before;
        }
        self.pending = Layer::default();
        self.held.clear();
    }

    /// The rule waits and will run from its start again, with the same random numbers.
    pub(crate) fn rewind(&mut self) {
        self.drop_pending();
        self.entropy = self.entropy_before.clone();
        self.used = 0;
        self.is_again = true;
    }

    /// Marks a place in a rule that goes on where it stood: what comes now may wait, and then
    /// only that is done again.
    pub(crate) fn hold(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let pico = self.pico.clone();
        self.held.push(Held { pending, pico, entropy: self.entropy.clone(), used: self.used });
    }

    /// Goes back to the place of [`Core::hold`], or past it when nothing has to be done again.
    pub(crate) fn release(&mut self, is_done: bool) {
        let Some(held) = self.held.pop() else { return };
        let since = std::mem::replace(&mut self.pending, held.pending);
        match is_done {
            true => self.pending.absorb(since),
            false => {
                self.pico = held.pico;
                self.entropy = held.entropy;
                self.used = held.used;
            }
        }
    }

    /// What the turn did so far, the newest first.
    pub(crate) fn layers(&self) -> impl DoubleEndedIterator<Item = &Layer> {
        let held = self.held.iter().rev().map(|held| &held.pending);
        std::iter::once(&self.pending).chain(held).chain([&self.turn])
    }

    /// Brings what the running rule asked the outside for.
    pub(crate) fn answer(&mut self, answer: Result<Option<Value>, String>) {
        self.answers.push(answer);
    }

    pub(crate) fn rid(&self) -> &Rid {
        &self.rid
    }

    /// Whose code runs, while one ruleset calls another.
    pub(crate) fn set_rid(&mut self, rid: &Rid) -> Rid {
        std::mem::replace(&mut self.rid, rid.clone())
    }

    fn change_pico(&mut self) -> &mut Pico {
        self.pico_before.get_or_insert_with(|| self.pico.clone());
        Arc::make_mut(&mut self.pico)
    }
}

impl<'c> Context<'c> {
    pub(crate) fn new(state: &'c State, registry: &'c Registry, core: &'c mut Core) -> Self {
        Self { state, registry, core }
    }

    /// The pico, as this turn has changed it so far.
    pub fn pico(&self) -> &Pico {
        &self.core.pico
    }

    /// The rulesets that the engine knows.
    pub fn registry(&self) -> &'c Registry {
        self.registry
    }

    /// The rulesets of the pico in the order in which they see an event.
    pub(crate) fn rids(&self) -> Vec<Rid> {
        let standard = self.registry.standard().map(|ruleset| ruleset.rid().clone());
        standard.chain(self.core.pico.rulesets.iter().map(|one| one.rid.clone())).collect()
    }

    /// The ruleset that is running.
    pub fn rid(&self) -> &Rid {
        &self.core.rid
    }

    /// The ruleset that called the running one as a module; `None` when none did.
    pub fn caller(&self) -> Option<&Rid> {
        self.core.caller.as_ref()
    }

    /// The rule that is running; empty in a query.
    pub fn rule(&self) -> &str {
        &self.core.rule
    }

    /// The time of the turn in unix milliseconds.
    pub fn now(&self) -> i64 {
        self.core.now
    }

    /// The turn's random numbers.
    pub fn entropy(&mut self) -> &mut Entropy {
        &mut self.core.entropy
    }

    /// A fresh id that sorts by time.
    pub fn fresh_id(&mut self) -> String {
        let now = self.core.now;
        self.core.entropy.ordered_id(now)
    }

    /// A fresh UUID.
    pub fn fresh_uuid(&mut self) -> String {
        self.core.entropy.uuid()
    }

    /// The configuration that the running ruleset was installed with.
    pub fn config(&self) -> Option<&Value> {
        self.core.pico.installed(&self.core.rid).map(|installed| &installed.config)
    }

    /// Calls a function or an action that another native ruleset of this pico provides.
    ///
    /// It runs with the state of its own ruleset; what it writes counts if the rule completes.
    pub fn call(&mut self, rid: &Rid, function: &str, args: Value) -> Result<Value, Fault> {
        let ruleset = self.registry.find(&self.core.pico, rid);
        let ruleset = ruleset.ok_or_else(|| Fault::not_found(format_args!("ruleset {rid}")))?;
        if self.core.depth == CALL_DEPTH_MAX {
            return Err(Fault::Limit { name: "CALL_DEPTH_MAX" });
        }
        let caller = self.core.set_rid(rid);
        let before = self.core.caller.replace(caller.clone());
        self.core.depth += 1;
        let result = ruleset.call(function, args, self);
        self.core.depth -= 1;
        self.core.caller = before;
        self.core.set_rid(&caller);
        result
    }

    /// Tells something to whoever sent the event.
    pub fn directive(&mut self, name: &str, options: Value) {
        let (rid, rule) = (self.core.rid.clone(), self.core.rule.clone());
        let name = name.into();
        let directive = crate::event::Directive { name, options, rid, rule };
        self.core.pending.directives.push(directive);
    }
}
