//! What leaves a rule: events for this pico and others, and calls to the outside.

use super::Context;
use crate::event::{Event, Origin};
use crate::fault::Fault;
use crate::id::Rid;
use crate::outside::{OUTSIDE_CALLS_MAX, Outside};
use serde_json::{Map, Value, json};

impl Context<'_> {
    /// Raises an event on this pico: it runs after the events already raised in this turn.
    pub fn raise(&mut self, domain: &str, name: &str, attrs: Map<String, Value>) {
        self.raise_to(None, domain, name, attrs);
    }

    /// Raises an event that only one ruleset of this pico takes in.
    pub fn raise_for(&mut self, rid: &Rid, domain: &str, name: &str, attrs: Map<String, Value>) {
        self.raise_to(Some(rid.clone()), domain, name, attrs);
    }

    /// Raises an event as one that came in by a channel of this pico: rules see a stranger's
    /// event, not one of the pico's own. Whether the channel lets it through is the caller's
    /// to check.
    pub fn raise_by(
        &mut self,
        eci: &crate::id::Eci,
        domain: &str,
        name: &str,
        attrs: Map<String, Value>,
    ) {
        self.raise_to(None, domain, name, attrs);
        if let Some(event) = self.core.pending.raised.last_mut() {
            event.origin = Origin::Channel;
            event.eci = Some(eci.clone());
        }
    }

    /// The channel that the event of this turn came in by; none in a query.
    pub fn event_eci(&self) -> Option<&crate::id::Eci> {
        self.core.event_eci.as_ref()
    }

    /// Whether this is a turn, which may write, and no query.
    pub fn may_write(&self) -> bool {
        self.core.may_write
    }

    fn raise_to(
        &mut self,
        for_rid: Option<Rid>,
        domain: &str,
        name: &str,
        attrs: Map<String, Value>,
    ) {
        let event = Event {
            id: self.fresh_id(),
            domain: domain.into(),
            name: name.into(),
            attrs,
            origin: Origin::Ruleset(self.core.rid.clone()),
            eci: self.core.event_eci.clone(),
            once: None,
            for_rid,
            at: None,
        };
        self.core.pending.raised.push(event);
    }

    /// Sends an event by a channel, to another pico or to this one, once the turn is durable.
    /// Nobody waits for it; it is tried again until it is taken in or refused.
    pub fn send_event(
        &mut self,
        eci: &str,
        domain: &str,
        name: &str,
        attrs: Map<String, Value>,
    ) -> Result<String, Fault> {
        let from = self.core.pico.id.clone();
        let body =
            json!({ "eci": eci, "domain": domain, "name": name, "attrs": attrs, "from": from });
        self.job("event", &format!("event/{eci}"), body, None)
    }

    /// Asks the outside for something and gives its answer.
    ///
    /// The first time this ends the attempt; the engine performs the call and runs the rule
    /// from its start again, and then the answer is here. So ask before you do costly work,
    /// and hand the fault on with `?`.
    pub fn outside(&mut self, call: Outside) -> Result<Value, Fault> {
        self.outside_or_nothing(call).map(Option::unwrap_or_default)
    }

    /// As [`Context::outside`]; `None` for nothing at all, which is not JSON's `null`.
    pub(crate) fn outside_or_nothing(&mut self, call: Outside) -> Result<Option<Value>, Fault> {
        if let Some(answer) = self.core.answers.get(self.core.used) {
            self.core.used += 1;
            return answer.clone().map_err(Fault::Thrown);
        }
        if self.core.answers.len() >= OUTSIDE_CALLS_MAX {
            return Err(Fault::Limit { name: "OUTSIDE_CALLS_MAX" });
        }
        Err(Fault::Outside(Box::new(call)))
    }
}
