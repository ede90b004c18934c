//! What the policy of a DID's channel lets a message do.
//!
//! A policy that lets `dido:didcommv2_message` in lets messages in. The event or the query inside
//! one is held to it as well: `deny` counts always, and `allow` counts as soon as it says anything
//! about other events (or queries) than those of DIDComm itself. The policy that `generateDID`
//! makes says nothing of that kind; then a peer reaches the programs of the pico and not what
//! governs it: not the events that rulesets of the engine act on, nor their queries but a few that
//! give no address and no setting away.

use super::DID_O;
use picomesh_pico::{Channel, Context, Event, Origin, PolicyRefusal};
use serde_json::Map;

/// The ruleset through which a pico is managed.
const WRANGLER: &str = "io.picolabs.wrangler";
/// What it tells anyone who may ask at all.
const HARMLESS: [&str; 5] = ["id", "installedRIDs", "myself", "name", "rulesetMeta"];

/// Whether the channel takes messages.
fn takes_messages(channel: &Channel) -> bool {
    channel.event_policy.check("dido", "didcommv2_message").is_ok()
}

/// Whether a message may raise an event.
pub(super) fn may_raise(context: &Context, channel: &Channel, domain: &str, name: &str) -> bool {
    let policy = &channel.event_policy;
    if !takes_messages(channel) || policy.denies(domain, name) {
        return false;
    }
    if policy.allow.iter().any(|pattern| pattern.domain != "dido") {
        return policy.check(domain, name).is_ok();
    }
    let event = Event {
        id: String::new(),
        domain: domain.to_owned(),
        name: name.to_owned(),
        attrs: Map::new(),
        origin: Origin::Channel,
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    };
    context.registry().standard().all(|ruleset| ruleset.candidates(&event).is_empty())
}

/// Whether a message may ask a ruleset.
pub(super) fn may_ask(context: &Context, channel: &Channel, rid: &str, name: &str) -> bool {
    let policy = &channel.query_policy;
    if !takes_messages(channel) || policy.check(rid, name) == Err(PolicyRefusal::Denied) {
        return false;
    }
    if policy.allow.iter().any(|pattern| pattern.rid != DID_O) {
        return policy.check(rid, name).is_ok();
    }
    let is_engines = context.registry().standard().any(|own| own.rid().as_str() == rid);
    !is_engines || (rid == WRANGLER && HARMLESS.contains(&name))
}
