//! `io.picolabs.subscription`: relationships between picos, each with a channel at both ends.
//!
//! Source: the ruleset of that name in pico-engine 1.4. One pico proposes on the other's
//! well-known channel, the other approves, either may end it:
//!
//! ```text
//! proposer                                   the other
//!    | -- new_subscription_request ------------> |   outbound | inbound
//!    | <- outbound_pending_subscription_approved |   established on both sides
//!    | -- established_removal -----------------> |   gone on both sides
//! ```
//!
//! Messages arrive late, twice or out of order. Beyond the reference, what an end says of a
//! relationship counts in whatever state the other end has it, and a withdrawal that overtakes
//! its proposal is remembered, so that both sides come to the same.

mod accept;
mod bus;
mod end;
mod establish;
mod tell;

use super::attributes::{Attrs, get};
use super::{SUBSCRIPTION, Setting, WRANGLER, child, offer, wrangler};
use bus::{ESTABLISHED, INBOUND, OUTBOUND, buses, listed};
use picomesh_pico::operations::{channel_json, find_channel};
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use serde_json::{Value, json};
use std::sync::Arc;

/// The events that the well-known channel lets through.
pub(super) const EVENTS: [(&str, &str); 3] = [
    ("wrangler", "subscription"),
    ("wrangler", "new_subscription_request"),
    ("wrangler", "inbound_removal"),
];
/// The queries that the well-known channel lets through.
pub(super) const QUERIES: [(&str, &str); 1] = [(SUBSCRIPTION, "wellKnown_Rx")];
/// The tags of the well-known channel, sorted.
const WELL_KNOWN: [&str; 2] = ["tx_rx", "wellknown_rx"];

/// The ruleset.
pub(super) fn ruleset(setting: &Arc<Setting>) -> Native {
    let native = Native::new(Rid::literal(SUBSCRIPTION), "Relationships between picos.")
        .name("subscription ")
        .uses(&[(WRANGLER, "wrangler")])
        .rule("initialize", "wrangler", "ruleset_installed", initialize)
        .rule("create_wellKnown_Rx", "wrangler", "need_wellKnown_Rx", create_well_known)
        .rule("create_root_pico_wellKnown_Rx", "engine", "started", need_well_known)
        .rule("register_for_cleanup", "wrangler", "ruleset_added", register_for_cleanup)
        .rule("cleanup_subscriptions", "wrangler", "rulesets_need_to_cleanup", |context, event| {
            context.raise("wrangler", "cancel_subscriptions", event.attrs.clone());
            Ok(())
        });
    let native = end::rules(native);
    let native = establish::rules(native, &wrangler::host(setting));
    let native = tell::rules(accept::rules(native));
    let native = offer(native, "established", &["key", "value"], |context, args| {
        filtered(context, ESTABLISHED, args)
    });
    let native = offer(native, "outbound", &["key", "value"], |context, args| {
        filtered(context, OUTBOUND, args)
    });
    let native = offer(native, "inbound", &["key", "value"], |context, args| {
        filtered(context, INBOUND, args)
    });
    let native = offer(native, "wellKnown_Rx", &[], |context, _| {
        Ok(find_channel(context, &WELL_KNOWN)?.map_or(Value::Null, |one| channel_json(&one)))
    });
    offer(native, "autoAcceptConfig", &[], |context, _| accept::config(context).map(Value::Object))
        .query("farewells", |context, _| end::farewells(context))
        .query("__testing", |_, _| Ok(testing()))
}

/// What the developer's page offers to try.
fn testing() -> Value {
    let query = |name: &str| json!({ "name": name });
    let event =
        |name: &str, attrs: &[&str]| json!({ "domain": "wrangler", "name": name, "attrs": attrs });
    json!({
        "queries": [
            query("established"),
            query("outbound"),
            query("inbound"),
            query("wellKnown_Rx"),
            query("autoAcceptConfig"),
        ],
        "events": [
            event("subscription", &["wellKnown_Tx", "Rx_role", "Tx_role", "name", "channel_type",
                "Tx_host", "password"]),
            event("subscription", &["wellKnown_Tx", "Rx_role", "Tx_role", "name", "channel_type",
                "password"]),
            event("subscription", &["wellKnown_Tx", "password"]),
            event("subscription", &["wellKnown_Tx"]),
            event("pending_subscription_approval", &["Id"]),
            event("subscription_cancellation", &["Id"]),
            event("inbound_rejection", &["Id"]),
            event("outbound_cancellation", &["Id"]),
            event("autoAcceptConfigUpdate", &["configName", "password", "regexMap", "delete"]),
            event("intent_to_delete", &["Id"]),
        ],
    })
}

/// The relationships of one state, or those among them with a value under a key.
fn filtered(context: &mut Context, state: &str, args: &Attrs) -> Result<Value, Fault> {
    listed(&buses(context, state)?, get(args, "key"), get(args, "value"))
}

fn initialize(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let rids = get(&event.attrs, "rids").as_array();
    if rids.is_some_and(|rids| rids.iter().any(|rid| rid == SUBSCRIPTION)) {
        return need_well_known(context, event);
    }
    Ok(())
}

fn need_well_known(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if find_channel(context, &WELL_KNOWN)?.is_none() {
        context.raise("wrangler", "need_wellKnown_Rx", event.attrs.clone());
    }
    Ok(())
}

fn create_well_known(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let eci = context.fresh_eci()?;
    context.channel_put(child::well_known_channel(eci))?;
    context.raise("wrangler", "wellKnown_Rx_created", event.attrs.clone());
    Ok(())
}

fn register_for_cleanup(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let rids = get(&event.attrs, "rids").as_array();
    if rids.is_some_and(|rids| rids.iter().any(|rid| rid == SUBSCRIPTION)) {
        let attrs = super::attributes::with(&Attrs::new(), [("domain", SUBSCRIPTION.into())]);
        context.raise("wrangler", "ruleset_needs_cleanup_period", attrs);
    }
    Ok(())
}
