//! A rule of a program: selection, then its body.

use super::driver::{Driver, Ended};
use super::link::{Linked, Links};
use super::{RuleEnd, RunStop, host, to_fault};
use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::ruleset::Fired;
use picomesh_krl::library::Meter;
use picomesh_krl::machine::{self, EventFacts, Machine};
use picomesh_krl::select::{Condition, Moment, Select, State};
use picomesh_krl::value::{Map, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A rule on its way.
pub(crate) struct RuleRun {
    linked: Arc<Linked>,
    rule: usize,
    event: Arc<Event>,
    facts: Option<Arc<EventFacts>>,
    meter: Meter,
    stage: Stage,
}

enum Stage {
    /// What it remembers of earlier events is to be loaded.
    Load,
    /// The time limit of its event expression is being evaluated.
    Within { state: State, was_start: bool, driver: Box<Driver> },
    /// Its conditions are being evaluated, the ones in `wanted` are left.
    Match { matching: Matching, driver: Option<(usize, Vec<Value>, Box<Driver>)> },
    /// Its body runs.
    Body(Box<Driver>),
}

struct Matching {
    state: State,
    was_start: bool,
    within_ms: Option<i64>,
    wanted: Vec<usize>,
    matched: Vec<(usize, Vec<Value>)>,
}

/// What is stored of a rule between events: it belongs to one version of its ruleset.
#[derive(Serialize, Deserialize)]
struct Stored<S> {
    hash: Arc<str>,
    state: S,
}

impl RuleRun {
    pub(crate) fn new(
        context: &mut Context,
        linked: &Arc<Linked>,
        rule: usize,
        event: &Arc<Event>,
        facts: Option<Arc<EventFacts>>,
    ) -> Self {
        let name = linked.source.compiled.program.rules().get(rule).map_or("", |rule| &rule.name);
        context.core.enter(&linked.rid, name);
        let (linked, event, meter) = (linked.clone(), event.clone(), Meter::default());
        Self { linked, rule, event, facts, meter, stage: Stage::Load }
    }

    pub(crate) fn run(&mut self, context: &mut Context, links: &mut Links) -> RunStop<RuleEnd> {
        match self.attempt(context, links) {
            Ok(stop) => stop,
            Err(fault) if fault.is_wait() => RunStop::Wait(fault),
            Err(fault) => RunStop::Over(Err(fault)),
        }
    }

    /// The event as the program sees it, for the rules of this ruleset that follow.
    pub(crate) fn facts(&self) -> Option<Arc<EventFacts>> {
        self.facts.clone()
    }

    fn attempt(
        &mut self,
        context: &mut Context,
        links: &mut Links,
    ) -> Result<RunStop<RuleEnd>, Fault> {
        let linked = self.linked.clone();
        let not_selected = RuleEnd { fired: Fired::NotSelected, clears_queue: false };
        let rule = linked.source.compiled.program.rules().get(self.rule);
        let Some(rule) = rule else { return Ok(RunStop::Over(Ok(not_selected))) };
        let select = &rule.select;
        loop {
            let stage = std::mem::replace(&mut self.stage, Stage::Load);
            self.stage = match stage {
                Stage::Load => {
                    let state = self.load(context, select)?;
                    let was_start = state.is_start();
                    match select.has_within() {
                        true => {
                            let mut machine = self.machine(context, links)?;
                            machine.within(&linked.instance, self.rule);
                            let driver = Box::new(Driver::new(machine));
                            Stage::Within { state, was_start, driver }
                        }
                        false => self.begin_match(select, state, was_start, None, context)?,
                    }
                }
                Stage::Within { state, was_start, mut driver } => {
                    match driver.run(context, links) {
                        RunStop::Over(result) => {
                            let value = value(result?);
                            self.keep_meter(*driver);
                            let within = select.within_ms(&value).map_err(to_fault)?;
                            self.begin_match(select, state, was_start, within, context)?
                        }
                        stop @ RunStop::Wait(_) | stop @ RunStop::Pause => {
                            self.stage = Stage::Within { state, was_start, driver };
                            return Ok(waits(stop));
                        }
                    }
                }
                Stage::Match { mut matching, driver: Some((primitive, captures, mut driver)) } => {
                    match driver.run(context, links) {
                        RunStop::Over(result) => {
                            let value = value(result?);
                            self.keep_meter(*driver);
                            if select.primitives()[primitive].holds(&value) {
                                matching.matched.push((primitive, captures));
                            }
                            Stage::Match { matching, driver: None }
                        }
                        stop @ RunStop::Wait(_) | stop @ RunStop::Pause => {
                            let driver = Some((primitive, captures, driver));
                            self.stage = Stage::Match { matching, driver };
                            return Ok(waits(stop));
                        }
                    }
                }
                Stage::Match { matching, driver: None } if !matching.wanted.is_empty() => {
                    self.match_next(context, links, select, matching)?
                }
                Stage::Match { matching, driver: None } => {
                    let Matching { mut state, was_start, within_ms, matched, .. } = matching;
                    let moment = self.moment(context, within_ms);
                    let is_selected =
                        select.advance(&mut state, &moment, &matched).map_err(to_fault)?;
                    let settings = match is_selected {
                        true => state.take_settings(),
                        false => vec![],
                    };
                    self.store(context, select, &state, was_start)?;
                    if !is_selected {
                        return Ok(RunStop::Over(Ok(not_selected)));
                    }
                    let mut machine = self.machine(context, links)?;
                    machine.rule_body(&linked.instance, self.rule, settings);
                    Stage::Body(Box::new(Driver::new(machine)))
                }
                Stage::Body(mut driver) => match driver.run(context, links) {
                    RunStop::Over(result) => {
                        let end = result?;
                        let has_fired =
                            driver.into_machine().is_some_and(|machine| machine.has_fired());
                        return Ok(RunStop::Over(Ok(rule_end(&end, has_fired))));
                    }
                    stop @ RunStop::Wait(_) | stop @ RunStop::Pause => {
                        self.stage = Stage::Body(driver);
                        return Ok(waits(stop));
                    }
                },
            };
        }
    }

    fn begin_match(
        &mut self,
        select: &Select,
        state: State,
        was_start: bool,
        within_ms: Option<i64>,
        context: &Context,
    ) -> Result<Stage, Fault> {
        let mut wanted = select.wanted(&state, &self.moment(context, within_ms));
        wanted.reverse();
        let matching = Matching { state, was_start, within_ms, wanted, matched: vec![] };
        Ok(Stage::Match { matching, driver: None })
    }

    /// Looks at the next primitive that could match.
    fn match_next(
        &mut self,
        context: &mut Context,
        links: &mut Links,
        select: &Select,
        mut matching: Matching,
    ) -> Result<Stage, Fault> {
        let Some(index) = matching.wanted.pop() else {
            return Ok(Stage::Match { matching, driver: None });
        };
        let primitive = &select.primitives()[index];
        let facts = self.event_facts()?;
        let none = Map::default();
        let attrs = match &facts.attrs {
            Value::Map(attrs) => attrs,
            Value::Undefined
            | Value::Null
            | Value::Boolean(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::RegExp(_)
            | Value::Callable(_) => &none,
        };
        let captures = primitive.captures(attrs, &mut self.meter).map_err(to_fault)?;
        let Some(captures) = captures else { return Ok(Stage::Match { matching, driver: None }) };
        if primitive.condition() == Condition::None {
            matching.matched.push((index, captures));
            return Ok(Stage::Match { matching, driver: None });
        }
        let mut machine = self.machine(context, links)?;
        machine.condition(&self.linked.instance, self.rule, index, captures.clone());
        let driver = Some((index, captures, Box::new(Driver::new(machine))));
        Ok(Stage::Match { matching, driver })
    }

    fn moment<'e>(&'e self, context: &Context, within_ms: Option<i64>) -> Moment<'e> {
        let now_ms = context.now();
        Moment { domain: &self.event.domain, name: &self.event.name, now_ms, within_ms }
    }

    fn event_facts(&mut self) -> Result<Arc<EventFacts>, Fault> {
        if let Some(facts) = &self.facts {
            return Ok(facts.clone());
        }
        let event = &self.event;
        let attrs = event.attrs.iter();
        let attrs: Result<Vec<_>, Fault> = attrs
            .map(|(name, value)| Ok((name.as_str().into(), host::from_json(value)?)))
            .collect();
        let facts = Arc::new(EventFacts {
            eci: event.eci.as_ref().map_or(Value::Null, |eci| Value::text(eci.as_str())),
            domain: event.domain.as_str().into(),
            name: event.name.as_str().into(),
            attrs: Value::Map(Map::new(attrs?).map_err(to_fault)?),
            eid: event.id.as_str().into(),
            time: event.at.map_or(0.0, |at| at as f64),
        });
        self.facts = Some(facts.clone());
        Ok(facts)
    }

    fn machine(&mut self, context: &mut Context, links: &mut Links) -> Result<Machine, Fault> {
        let facts = self.event_facts()?;
        let mut machine = links.machine(context, self.meter.clone(), false);
        machine.set_event(Some(facts));
        Ok(machine)
    }

    fn keep_meter(&mut self, driver: Driver) {
        if let Some(machine) = driver.into_machine() {
            self.meter = machine.meter().clone();
        }
    }

    fn variable(&self) -> String {
        let rules = self.linked.source.compiled.program.rules();
        format!("rule:{}", rules.get(self.rule).map_or("", |rule| &rule.name))
    }

    /// What the rule remembers. It starts over when its ruleset has another version.
    fn load(&self, context: &Context, select: &Select) -> Result<State, Fault> {
        if select.is_simple() {
            return Ok(State::default());
        }
        let stored: Option<Stored<State>> = context.entity(&self.variable())?;
        let stored = stored.filter(|stored| stored.hash == self.linked.source.hash);
        Ok(stored.map_or_else(State::default, |stored| stored.state))
    }

    fn store(
        &self,
        context: &mut Context,
        select: &Select,
        state: &State,
        was_start: bool,
    ) -> Result<(), Fault> {
        match (select.is_simple(), state.is_start(), was_start) {
            (true, ..) | (_, true, true) => Ok(()),
            (false, true, false) => context.delete(&self.variable()),
            (false, false, _) => {
                let hash = self.linked.source.hash.clone();
                context.put(&self.variable(), &Stored { hash, state })
            }
        }
    }
}

fn value(ended: Ended) -> Value {
    match ended {
        Ended::Value(value) => value,
        Ended::Rule(_) => Value::Undefined,
    }
}

fn rule_end(end: &Ended, has_fired: bool) -> RuleEnd {
    let (is_last, clears_queue) = match end {
        Ended::Rule(machine::RuleEnd::Last) => (true, false),
        Ended::Rule(machine::RuleEnd::Error) => (true, true),
        Ended::Rule(machine::RuleEnd::Continue) | Ended::Value(_) => (false, false),
    };
    let fired = match (is_last, has_fired) {
        (true, _) => Fired::Last,
        (false, true) => Fired::Fired,
        (false, false) => Fired::NotFired,
    };
    RuleEnd { fired, clears_queue }
}

fn waits<T>(stop: RunStop<Ended>) -> RunStop<T> {
    match stop {
        RunStop::Wait(fault) => RunStop::Wait(fault),
        RunStop::Pause => RunStop::Pause,
        RunStop::Over(_) => RunStop::Over(Err(Fault::Broken("a run that is over".into()))),
    }
}
