//! One event of a turn on its way through the pico's rulesets.

use super::RuleFault;
use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::id::Rid;
use crate::program::{Linking, Links, Member, RuleEnd, RuleRun, RunOrMember, RunStop};
use crate::ruleset::{Fired, Ruleset};
use picomesh_krl::machine::EventFacts;
use std::sync::Arc;

/// Where taking in an event stopped.
pub(super) enum Stop {
    /// It waits for state or for the outside.
    Wait(Fault),
    /// It ran for a while.
    Pause,
    /// Every ruleset saw the event, or a rule failed.
    Over(Result<Taken, RuleFault>),
}

/// What became of an event that every ruleset saw.
#[derive(Default)]
pub(super) struct Taken {
    /// How many rules did their work.
    pub(super) fired: usize,
    /// A rule ended in `error error`: events that still wait are dropped.
    pub(super) clears_queue: bool,
}

/// An event on its way through the rulesets of the pico.
pub(super) struct Taking {
    pub(super) event: Arc<Event>,
    /// The rulesets that are to see it, in order; made when the first one is asked.
    rids: Option<Vec<Rid>>,
    place: usize,
    /// The ruleset whose turn it is, and which of its rules are to be tried.
    here: Option<Here>,
    /// The ruleset that is being linked.
    linking: Option<Box<Linking>>,
    taken: Taken,
}

struct Here {
    member: Member,
    rules: Vec<usize>,
    next: usize,
    /// The rule of a program that is running.
    run: Option<Box<RuleRun>>,
    /// The event as programs see it, made for the first rule that looks.
    facts: Option<Arc<EventFacts>>,
}

enum Next {
    Here(Here),
    Pause,
    None,
}

impl Taking {
    pub(super) fn new(event: Event) -> Self {
        let (event, taken) = (Arc::new(event), Taken::default());
        Self { event, rids: None, place: 0, here: None, linking: None, taken }
    }

    pub(super) fn run(&mut self, context: &mut Context, links: &mut Links) -> Stop {
        loop {
            if self.here.is_none() {
                match self.next_member(context, links) {
                    Ok(Next::Here(here)) => self.here = Some(here),
                    Ok(Next::Pause) => return Stop::Pause,
                    Ok(Next::None) => return Stop::Over(Ok(std::mem::take(&mut self.taken))),
                    Err(fault) if fault.is_wait() => return Stop::Wait(fault),
                    Err(fault) => {
                        // One ruleset that does not start keeps no other from the event.
                        let (pico, rid) = (&context.pico().id, context.rid());
                        tracing::warn!(%pico, %rid, %fault, "a ruleset does not start");
                        self.place += 1;
                    }
                }
            }
            match self.run_member(context, links) {
                Some(stop) => return stop,
                None => self.here = None,
            }
        }
    }

    /// The next ruleset that has rules for this event.
    fn next_member(&mut self, context: &mut Context, links: &mut Links) -> Result<Next, Fault> {
        let event = self.event.clone();
        let rids = self.rids.get_or_insert_with(|| match &event.for_rid {
            Some(rid) => vec![rid.clone()],
            None => context.rids(),
        });
        while let Some(rid) = rids.get(self.place) {
            let member = match links.member(context, &mut self.linking, rid)? {
                RunOrMember::Member(member) => member,
                RunOrMember::Pause => return Ok(Next::Pause),
                RunOrMember::None => {
                    self.place += 1;
                    continue;
                }
            };
            self.place += 1;
            let rules = match &member {
                Member::Native(ruleset) => ruleset.candidates(&event),
                Member::Program(instance) => crate::program::candidates(instance, &event),
            };
            if !rules.is_empty() {
                return Ok(Next::Here(Here { member, rules, next: 0, run: None, facts: None }));
            }
        }
        Ok(Next::None)
    }

    /// Runs the rules of a ruleset; `None` when it is done with the event.
    fn run_member(&mut self, context: &mut Context, links: &mut Links) -> Option<Stop> {
        let here = self.here.as_mut()?;
        while let Some(&rule) = here.rules.get(here.next) {
            let end = match &here.member {
                Member::Native(ruleset) => {
                    let ruleset = ruleset.clone();
                    fire(&*ruleset, rule, &self.event, context)
                }
                Member::Program(instance) => {
                    let run = here.run.get_or_insert_with(|| {
                        Box::new(RuleRun::new(
                            context,
                            instance,
                            rule,
                            &self.event,
                            here.facts.take(),
                        ))
                    });
                    match run.run(context, links) {
                        RunStop::Wait(fault) => return Some(Stop::Wait(fault)),
                        RunStop::Pause => return Some(Stop::Pause),
                        RunStop::Over(result) => {
                            here.facts = run.facts();
                            here.run = None;
                            result
                        }
                    }
                }
            };
            match end {
                Ok(end) => {
                    context.core.keep();
                    here.next += 1;
                    self.taken.fired +=
                        usize::from(matches!(end.fired, Fired::Fired | Fired::Last));
                    self.taken.clears_queue |= end.clears_queue;
                    if end.fired == Fired::Last {
                        return None;
                    }
                }
                Err(fault) if fault.is_wait() => {
                    context.core.rewind();
                    return Some(Stop::Wait(fault));
                }
                Err(fault) => {
                    context.core.drop_pending();
                    let (rid, rule) = (context.rid().clone(), context.rule().to_owned());
                    return Some(Stop::Over(Err(RuleFault { rid, rule, fault })));
                }
            }
        }
        None
    }
}

/// One attempt at a rule written in Rust.
fn fire(
    ruleset: &dyn Ruleset,
    rule: usize,
    event: &Event,
    context: &mut Context,
) -> Result<RuleEnd, Fault> {
    let name = ruleset.rules().get(rule).map_or("", String::as_str);
    context.core.start(ruleset.rid(), name);
    let fired = ruleset.fire(rule, event, context)?;
    Ok(RuleEnd { fired, clears_queue: false })
}
