//! Which rules of a program an event could select.

use super::Linked;
use crate::event::Event;

/// Indices of the rules that the event could select, in source order.
pub(crate) fn candidates(linked: &Linked, event: &Event) -> Vec<usize> {
    let by_event = &linked.source.compiled.by_event;
    let mut rules = vec![];
    for domain in [event.domain.as_str(), "*"] {
        let Some(names) = by_event.get(domain) else { continue };
        for name in [event.name.as_str(), "*"] {
            rules.extend(names.get(name).into_iter().flatten().copied());
        }
    }
    rules.sort_unstable();
    rules.dedup();
    rules
}
