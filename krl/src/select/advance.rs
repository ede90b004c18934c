//! Moves a machine along by one event.

use super::graph::{Trigger, TriggerId};
use super::state::State;
use super::table::{END, START};
use super::{Primitive, Select};
use crate::fault::Fault;
use crate::value::Value;

/// An event as a machine sees it.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Its domain.
    pub domain: &'a str,
    /// Its name.
    pub name: &'a str,
    /// When it happens, in milliseconds.
    pub now_ms: i64,
    /// [`Select::within_ms`] of the rule.
    pub within_ms: Option<i64>,
}

impl Select {
    /// Whether the machine takes notice of such an event at all.
    pub fn is_salient(&self, domain: &str, name: &str) -> bool {
        let known = &self.table.primitives;
        known.iter().any(|index| self.primitives[*index].is_named(domain, name))
    }

    /// The primitives whose captures and conditions decide, for this event in this state.
    /// Others need not be asked: what they would throw, the reference does not throw either.
    pub fn wanted(&self, state: &State, moment: &Moment<'_>) -> Vec<usize> {
        let mut wanted = Vec::new();
        if !self.is_salient(moment.domain, moment.name) {
            return wanted;
        }
        let mut state = state.clone();
        self.watch_clock(&mut state, moment);
        let mut triggers: Vec<TriggerId> = Vec::new();
        for present in self.present(&state) {
            triggers.extend(self.table.row(present).iter().rev().map(|(on, _)| *on));
        }
        while let Some(on) = triggers.pop() {
            match &self.table.triggers[on as usize] {
                Trigger::Primitive(index) => {
                    let primitive = &self.primitives[*index];
                    let is_named = primitive.is_named(moment.domain, moment.name);
                    if is_named && primitive.has_matcher() && !wanted.contains(index) {
                        wanted.push(*index);
                    }
                }
                Trigger::Not(on) => triggers.push(*on),
                Trigger::Or(any) => triggers.extend(any.iter().rev()),
            }
        }
        wanted
    }

    /// Moves the machine; whether the event selects the rule. `matched` are those of the
    /// [wanted](Self::wanted) primitives that match, with what they captured.
    pub fn advance(
        &self,
        state: &mut State,
        moment: &Moment<'_>,
        matched: &[(usize, Vec<Value>)],
    ) -> Result<bool, Fault> {
        if !self.is_salient(moment.domain, moment.name) {
            return Ok(false);
        }
        self.watch_clock(state, moment);
        let present = self.present(state);
        state.states.clone_from(&present);
        let mut asked = Asked { select: self, moment, matched };
        let mut reached = Vec::new();
        for from in present {
            for (on, to) in self.table.row(from) {
                if asked.takes(*on, state)? && !reached.contains(to) {
                    reached.push(*to);
                }
            }
        }
        let is_selected = reached.contains(&END);
        if is_selected {
            state.states = vec![END];
            self.forget(state);
        } else if !reached.is_empty() {
            state.states = reached;
        }
        if !is_selected && self.is_simple {
            *state = State::default();
        }
        Ok(is_selected)
    }

    /// The states in which the machine is, out of which something leads.
    fn present(&self, state: &State) -> Vec<u32> {
        let mut present = state.states.clone();
        present.retain(|state| !self.table.row(*state).is_empty());
        if present.is_empty() {
            present.push(START);
        }
        present
    }

    /// Puts the machine back to its start when the time of `within` is over.
    fn watch_clock(&self, state: &mut State, moment: &Moment<'_>) {
        let Some(within_ms) = moment.within_ms else { return };
        // The reference takes 0 for a clock that was never started.
        let started = state.started_ms.filter(|ms| *ms != 0).unwrap_or(moment.now_ms);
        state.started_ms = Some(started);
        if moment.now_ms.saturating_sub(started) > within_ms {
            state.states = vec![START];
            state.settings.clear();
        }
        if state.states.contains(&START) {
            state.started_ms = Some(moment.now_ms);
        }
    }

    /// After a selection, drops what the next event would not look at.
    fn forget(&self, state: &mut State) {
        if self.table.row(END).is_empty() {
            state.states.clear();
            state.aggregates.clear();
        }
    }
}

/// What is known about the event at hand.
struct Asked<'a> {
    select: &'a Select,
    moment: &'a Moment<'a>,
    matched: &'a [(usize, Vec<Value>)],
}

impl Asked<'_> {
    /// Whether a trigger takes the event. The recursion is bounded by `TRIGGER_DEPTH_MAX`.
    fn takes(&mut self, on: TriggerId, state: &mut State) -> Result<bool, Fault> {
        let select = self.select;
        match &select.table.triggers[on as usize] {
            Trigger::Primitive(index) => self.matches(*index, state),
            Trigger::Not(on) => Ok(!self.takes(*on, state)?),
            Trigger::Or(any) => {
                for on in any {
                    if self.takes(*on, state)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    fn matches(&mut self, index: usize, state: &mut State) -> Result<bool, Fault> {
        let primitive: &Primitive = &self.select.primitives[index];
        if !primitive.is_named(self.moment.domain, self.moment.name) {
            return Ok(false);
        }
        if !primitive.has_matcher() {
            return Ok(true);
        }
        let Some((_, captures)) = self.matched.iter().find(|(matched, _)| *matched == index) else {
            // The reference loses its state here: back to the start, settings and clock too.
            *state = State::default();
            return Ok(false);
        };
        if let Some(aggregator) = &primitive.aggregator {
            state.aggregate(aggregator, captures)?;
        }
        for (place, slot) in primitive.setting.iter().enumerate() {
            state.set(*slot, captures.get(place).cloned().unwrap_or_default());
        }
        Ok(true)
    }
}
