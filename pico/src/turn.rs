//! One turn: one event through one pico. One query: a question to one ruleset.

use crate::change::Change;
use crate::context::Context;
use crate::event::{Directive, Event, Origin, Query};
use crate::fault::Fault;
use crate::id::Rid;
use crate::registry::Registry;
use crate::ruleset::{Fired, Ruleset};
use crate::state::{Key, State};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

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

/// Takes one event through a pico.
///
/// `now` is in unix milliseconds, `seed` comes from the operating system. `Err` names state
/// that must be loaded first; call again with it. Rules are atomic: those that completed
/// before a fault count, the one that failed leaves nothing, and no later rule runs.
pub fn run(
    state: &State,
    registry: &Registry,
    event: &Event,
    now: i64,
    seed: [u8; 32],
) -> Result<Outcome, Key> {
    let mut context = Context::new(state, registry, now, seed, true);
    let mut outcome = Outcome::default();
    match admit(&mut context, event) {
        Ok(true) => {}
        Ok(false) => {
            outcome.is_repeat = true;
            outcome.changes = context.turn.changes;
            return Ok(outcome);
        }
        Err(Fault::Missing(key)) => return Err(key),
        Err(fault) => {
            let (rid, rule) = (context.rid().clone(), String::new());
            outcome.fault = Some(RuleFault { rid, rule, fault });
            return Ok(outcome);
        }
    }
    let mut queue = VecDeque::from([event.clone()]);
    let mut taken = 0;
    while let Some(event) = queue.pop_front() {
        taken += 1;
        let result = if taken > TURN_EVENTS_MAX {
            let fault = Fault::Limit { name: "TURN_EVENTS_MAX" };
            Err(RuleFault { rid: context.rid().clone(), rule: String::new(), fault })
        } else {
            take_in(&mut context, &event)
        };
        let follow_up = match result {
            Ok(0) => about_peer(&event, "unsupported", None),
            Ok(fired) => {
                outcome.fired += fired;
                None
            }
            Err(RuleFault { fault: Fault::Missing(key), .. }) => return Err(key),
            Err(failed) => {
                queue.clear();
                context.turn.raised.clear();
                let follow_up = about_peer(&event, "refused", Some(&failed.fault));
                outcome.fault.get_or_insert(failed);
                follow_up
            }
        };
        queue.extend(std::mem::take(&mut context.turn.raised));
        queue.extend(follow_up);
    }
    outcome.directives = context.turn.directives;
    outcome.changes = context.turn.changes;
    Ok(outcome)
}

/// Answers a query. It may read, it may not write.
pub fn query(
    state: &State,
    registry: &Registry,
    query: &Query,
    now: i64,
    seed: [u8; 32],
) -> Result<Value, Fault> {
    let Some(ruleset) = registry.find(&state.pico, &query.rid) else {
        return Err(Fault::not_found(format_args!("ruleset {}", query.rid)));
    };
    let mut context = Context::new(state, registry, now, seed, false);
    context.enter(&query.rid, "");
    ruleset.query(&query.name, &query.args, &mut context)
}

/// Whether the event acts: it is not a repeat, and if it is a schedule's, that still stands.
fn admit(context: &mut Context, event: &Event) -> Result<bool, Fault> {
    if let Origin::Job(id) = &event.origin {
        context.wish_unchecked(Change::JobDone(id.clone()));
        context.keep();
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
    context.keep();
    Ok(true)
}

/// Lets every ruleset of the pico see one event; returns how many rules did their work.
fn take_in(context: &mut Context, event: &Event) -> Result<usize, RuleFault> {
    let rulesets: Vec<Arc<dyn Ruleset>> = context.registry().of(context.pico()).cloned().collect();
    let mut fired = 0;
    for ruleset in rulesets {
        for rule in ruleset.candidates(event) {
            let name = ruleset.rules().get(rule).map_or("", String::as_str);
            context.enter(ruleset.rid(), name);
            match ruleset.fire(rule, event, context) {
                Ok(outcome) => {
                    context.keep();
                    fired += usize::from(matches!(outcome, Fired::Fired | Fired::Last));
                    if outcome == Fired::Last {
                        break;
                    }
                }
                Err(fault) => {
                    context.drop_pending();
                    let (rid, rule) = (ruleset.rid().clone(), name.to_owned());
                    return Err(RuleFault { rid, rule, fault });
                }
            }
        }
    }
    Ok(fired)
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
        Some(Fault::Missing(_) | Fault::Limit { .. } | Fault::Broken(_)) => return None,
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
    })
}

#[cfg(test)]
mod tests;
