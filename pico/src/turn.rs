//! One turn: one event through one pico.
//!
//! A turn is a value that is run until it is done. It stops where it needs state that is not
//! loaded, an answer from outside, or simply a pause for others; whoever drives it brings what
//! is missing and runs it on. It never waits by itself, and nothing leaves it before it is done.

mod taking;
#[cfg(test)]
mod tests;

use crate::change::Change;
use crate::context::{Context, Core};
use crate::event::{Directive, Event, Origin};
use crate::fault::Fault;
use crate::id::Rid;
use crate::outside::Outside;
use crate::program::Links;
use crate::registry::Registry;
use crate::state::{Key, State};
use serde_json::Value;
use std::collections::VecDeque;
use taking::Taking;

/// Most events that one turn takes in, the first one and those raised inside.
pub const TURN_EVENTS_MAX: usize = 1000;

/// What a turn came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What the rules tell whoever sent the event.
    pub directives: Vec<Directive>,
    /// What is to be committed.
    pub changes: Vec<Change>,
    /// The rule that failed and ended the turn, if one did.
    pub fault: Option<RuleFault>,
    /// How many rules did their work.
    pub fired: usize,
    /// The event had acted before: nothing happened this time.
    pub is_repeat: bool,
}

/// A rule that did not complete.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFault {
    /// Its ruleset.
    pub rid: Rid,
    /// Its name.
    pub rule: String,
    /// Why.
    pub fault: Fault,
}

/// Where a turn or a query stopped.
#[derive(Debug)]
pub enum Progress<T> {
    /// State under this key is wanted: load it and run on.
    Load(Key),
    /// Something outside is wanted: perform it, hand in the answer, run on.
    Outside(Outside),
    /// It ran for a while: let others go first, then run on.
    Pause,
    /// It is over.
    Done(T),
}

/// An event on its way through a pico.
///
/// Rules are atomic: those that completed before a fault count, the one that failed leaves
/// nothing, and no later rule runs.
pub struct Turn {
    core: Core,
    links: Links,
    first: Option<Event>,
    queue: VecDeque<Event>,
    taken: usize,
    taking: Option<Box<Taking>>,
    outcome: Outcome,
}

impl Turn {
    /// A turn of `event` through the pico of `state`; `now` is in unix milliseconds, `seed`
    /// comes from the operating system.
    pub fn new(state: &mut State, event: &Event, now: i64, seed: [u8; 32]) -> Self {
        let now = event.at.unwrap_or(now);
        let mut core = Core::new(state.pico.clone(), now, seed, true);
        core.event_eci.clone_from(&event.eci);
        core.txn_id.clone_from(&event.id);
        Self {
            core,
            links: state.take_links(),
            first: Some(event.clone()),
            queue: VecDeque::new(),
            taken: 0,
            taking: None,
            outcome: Outcome::default(),
        }
    }

    /// Hands in what the outside answered to [`Progress::Outside`].
    pub fn answer(&mut self, answer: Result<impl Into<Option<Value>>, String>) {
        self.core.answer(answer.map(Into::into));
    }

    /// Runs on, with the state as far as it is loaded by now.
    pub fn run(&mut self, state: &State, registry: &Registry) -> Progress<Outcome> {
        if let Some(first) = self.first.take() {
            let mut context = Context::new(state, registry, &mut self.core);
            match admit(&mut context, &first) {
                Ok(true) => self.queue.push_back(first),
                Ok(false) => {
                    self.outcome.is_repeat = true;
                    return self.done();
                }
                Err(fault) if fault.is_wait() => {
                    self.first = Some(first);
                    return self.wait(fault);
                }
                Err(fault) => {
                    let (rid, rule) = (self.core.rid().clone(), String::new());
                    self.outcome.fault = Some(RuleFault { rid, rule, fault });
                    return self.done();
                }
            }
        }
        loop {
            let mut taking = match self.taking.take() {
                Some(taking) => taking,
                None => match self.next_event() {
                    Some(taking) => taking,
                    None => return self.done(),
                },
            };
            let mut context = Context::new(state, registry, &mut self.core);
            match taking.run(&mut context, &mut self.links) {
                taking::Stop::Wait(fault) => {
                    self.taking = Some(taking);
                    return self.wait(fault);
                }
                taking::Stop::Pause => {
                    self.taking = Some(taking);
                    return Progress::Pause;
                }
                taking::Stop::Over(result) => self.over(&taking.event, result),
            }
        }
    }

    /// The next event to take in; a turn that raises without end is stopped.
    fn next_event(&mut self) -> Option<Box<Taking>> {
        let event = self.queue.pop_front()?;
        self.taken += 1;
        if self.taken > TURN_EVENTS_MAX {
            let fault = Fault::Limit { name: "TURN_EVENTS_MAX" };
            let rid = self.core.rid().clone();
            self.over(&event, Err(RuleFault { rid, rule: String::new(), fault }));
            return self.next_event();
        }
        Some(Box::new(Taking::new(event)))
    }

    /// An event went through all rulesets, or a rule failed on it.
    fn over(&mut self, event: &Event, result: Result<taking::Taken, RuleFault>) {
        let follow_up = match result {
            Ok(taken) if taken.fired == 0 => about_peer(event, "unsupported", None),
            Ok(taken) => {
                self.outcome.fired += taken.fired;
                if taken.clears_queue {
                    self.queue.clear();
                }
                None
            }
            Err(failed) => {
                self.queue.clear();
                self.core.turn.raised.clear();
                let follow_up = about_peer(event, "refused", Some(&failed.fault));
                self.outcome.fault.get_or_insert(failed);
                follow_up
            }
        };
        self.queue.extend(std::mem::take(&mut self.core.turn.raised));
        self.queue.extend(follow_up);
    }

    fn wait(&self, fault: Fault) -> Progress<Outcome> {
        wait(fault).unwrap_or(Progress::Pause)
    }

    fn done(&mut self) -> Progress<Outcome> {
        let mut outcome = std::mem::take(&mut self.outcome);
        outcome.directives = std::mem::take(&mut self.core.turn.directives);
        outcome.changes = std::mem::take(&mut self.core.turn.changes);
        Progress::Done(outcome)
    }

    /// The programs that this turn linked: [`State::put_links`] keeps them for the next one.
    pub fn into_links(self) -> Links {
        self.links
    }
}

/// What a waiting fault waits for.
pub(crate) fn wait<T>(fault: Fault) -> Option<Progress<T>> {
    match fault {
        Fault::Missing(key) => Some(Progress::Load(key)),
        Fault::Outside(outside) => Some(Progress::Outside(*outside)),
        Fault::Refused { .. } | Fault::Thrown(_) | Fault::Limit { .. } | Fault::Broken(_) => None,
    }
}

/// Whether the event acts: it is not a repeat, and if it is a schedule's, that still stands.
fn admit(context: &mut Context, event: &Event) -> Result<bool, Fault> {
    if let Origin::Job(id) = &event.origin {
        context.wish_unchecked(Change::JobDone(id.clone()));
        context.core.keep();
    }
    if let Some(hash) = event.once {
        if context.is_seen(hash)? {
            return Ok(false);
        }
        context.wish_unchecked(Change::Seen(hash));
    }
    if let Origin::Schedule { id, due_at } = &event.origin {
        let Some(schedule) = context.schedule(id)?.filter(|s| s.due_at == *due_at) else {
            return Ok(false);
        };
        let schedule = schedule.after_firing(context.now());
        context.wish_unchecked(Change::Schedule { id: id.clone(), schedule });
    }
    context.core.keep();
    Ok(true)
}

/// The event that tells the pico of a message from a peer that no rule took, or that one
/// refused, so that a rule can report the problem to its sender.
fn about_peer(event: &Event, name: &str, fault: Option<&Fault>) -> Option<Event> {
    if event.origin != Origin::Peer {
        return None;
    }
    let mut attrs = event.attrs.clone();
    match fault {
        Some(Fault::Refused { code, reason }) => {
            attrs.insert("code".into(), code.as_str().into());
            attrs.insert("reason".into(), reason.as_str().into());
        }
        Some(
            Fault::Missing(_)
            | Fault::Outside(_)
            | Fault::Thrown(_)
            | Fault::Limit { .. }
            | Fault::Broken(_),
        ) => return None,
        None => {}
    }
    Some(Event {
        id: event.id.clone(),
        domain: "didcomm".into(),
        name: name.into(),
        attrs,
        origin: Origin::Engine,
        eci: event.eci.clone(),
        once: None,
        for_rid: None,
        at: None,
    })
}
