//! From a proposal to a relationship that both sides have.

use super::super::attributes::{Attrs, get, given, with, without};
use super::bus::{ESTABLISHED, INBOUND, OUTBOUND, add, by_id, is_withdrawn, meant, remove};
use picomesh_pico::operations::{event_to, krl_text, new_channel};
use picomesh_pico::{Context, Event, Fault, Native};
use serde_json::{Value, json};

/// The tag of a relationship's channel unless the proposer names another.
const CHANNEL_TYPE: &str = "Tx_Rx";

pub(super) fn rules(native: Native, host: &str) -> Native {
    let (one, two, three) = (host.to_owned(), host.to_owned(), host.to_owned());
    native
        .rule("createRxBus", "wrangler", "subscription", move |context, event| {
            propose(context, event, &one)
        })
        .rule("requestSubscription", "wrangler", "subscription_request_needed", {
            move |context, event| request(context, event, &two)
        })
        .rule("addInboundPendingSubscription", "wrangler", "new_subscription_request", {
            move |context, event| take_proposal(context, event, &three)
        })
        .rule(
            "approveInboundPendingSubscription",
            "wrangler",
            "pending_subscription_approval",
            approve,
        )
        .rule(
            "addOutboundSubscription",
            "wrangler",
            "outbound_pending_subscription_approved",
            establish_outbound,
        )
        .rule(
            "addInboundSubscription",
            "wrangler",
            "inbound_pending_subscription_approved",
            establish_inbound,
        )
}

/// Sends an event to the other end of a relationship, wherever it is.
pub(super) fn send(
    context: &mut Context,
    eci: &Value,
    name: &str,
    attrs: Attrs,
    host: &Value,
) -> Result<(), Fault> {
    let Value::String(eci) = eci else {
        let text = format_args!("eci was {} instead of a string", krl_text(eci));
        return Err(Fault::type_error(text));
    };
    let attrs = Value::Object(attrs);
    event_to(context, eci, &"wrangler".into(), &name.into(), Some(&attrs), Some(host)).map(drop)
}

/// What the event says of a relationship to be.
fn pending(context: &mut Context, event: &Event, host: &str) -> Attrs {
    let mut entry = Attrs::new();
    if given(&event.attrs, "Rx_role").is_some() {
        for role in ["Rx_role", "Tx_role"] {
            if let Some(value) = event.attrs.get(role) {
                entry.insert(role.into(), value.clone());
            }
        }
    }
    if let Some(other) = given(&event.attrs, "Tx_host").filter(|other| *other != host) {
        entry.insert("Tx_host".into(), other.clone());
    }
    let id = given(&event.attrs, "Id").cloned();
    entry.insert("Id".into(), id.unwrap_or_else(|| format!("c{}", context.fresh_id()).into()));
    entry
}

fn propose(context: &mut Context, event: &Event, host: &str) -> Result<(), Fault> {
    let Some(well_known) = given(&event.attrs, "wellKnown_Tx") else {
        context.raise("wrangler", "wellKnown_Tx_format_failure", event.attrs.clone());
        return Ok(());
    };
    let attr = |name: &str| event.attrs.get(name).filter(|value| !value.is_null()).cloned();
    let name = match attr("name") {
        Some(name) => name,
        None => picomesh_pico::random_word(context.entropy()).into(),
    };
    let kind = attr("channel_type").unwrap_or_else(|| CHANNEL_TYPE.into());
    let entry = pending(context, event, host);
    let rx = new_channel(context, &json!([name, kind]), &Value::Null, &Value::Null)?;
    let bus = with(&entry, [("wellKnown_Tx", well_known.clone()), ("Rx", json!(rx.eci))]);
    add(context, OUTBOUND, bus.clone())?;
    let mut attrs = event.attrs.clone();
    attrs.extend(with(&bus, [("channel_name", name), ("channel_type", kind)]));
    context.raise("wrangler", "subscription_request_needed", attrs.clone());
    context.raise("wrangler", "outbound_pending_subscription_added", attrs);
    Ok(())
}

fn request(context: &mut Context, event: &Event, host: &str) -> Result<(), Fault> {
    let attr = |name| get(&event.attrs, name).clone();
    let mine = match given(&event.attrs, "Rx_host") {
        Some(mine) if mine == "localhost" => Value::Null,
        Some(mine) => mine.clone(),
        None => host.into(),
    };
    // The other side sees roles and channels the other way round.
    let attrs = with(
        &event.attrs,
        [
            ("Rx_role", attr("Tx_role")),
            ("Tx_role", attr("Rx_role")),
            ("Tx", attr("Rx")),
            ("Tx_host", mine),
        ],
    );
    send(context, &attr("wellKnown_Tx"), "new_subscription_request", attrs, &attr("Tx_host"))
}

fn take_proposal(context: &mut Context, event: &Event, host: &str) -> Result<(), Fault> {
    let Some(tx) = given(&event.attrs, "Tx") else {
        context.raise("wrangler", "no_Tx_failure", event.attrs.clone());
        return Ok(());
    };
    if let Some(id) = given(&event.attrs, "Id") {
        let is_known =
            by_id(context, INBOUND, id)?.is_some() || by_id(context, ESTABLISHED, id)?.is_some();
        // It came twice, or its withdrawal was faster.
        if is_known || is_withdrawn(context, id)? {
            return Ok(());
        }
    }
    let entry = pending(context, event, host);
    let tags = json!([get(&event.attrs, "channel_name"), get(&event.attrs, "channel_type")]);
    let rx = new_channel(context, &tags, &Value::Null, &Value::Null)?;
    let bus = with(&entry, [("Tx", tx.clone()), ("Rx", json!(rx.eci))]);
    let id = get(&bus, "Id").clone();
    add(context, INBOUND, bus)?;
    // An approval by the rules that follow finds it by its id, also if the proposer gave none.
    let attrs = with(&event.attrs, [("Rx", json!(rx.eci)), ("Id", id)]);
    context.raise("wrangler", "inbound_pending_subscription_added", attrs);
    Ok(())
}

fn approve(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let bus = meant(context, INBOUND, event)?.unwrap_or_default();
    let attr = |name| get(&bus, name).clone();
    let attrs = with(&event.attrs, [("Id", attr("Id")), ("Tx", attr("Rx"))]);
    let name = "outbound_pending_subscription_approved";
    send(context, &attr("Tx"), name, attrs, &attr("Tx_host"))?;
    let attrs = with(&event.attrs, [("Id", attr("Id")), ("bus", Value::Object(bus))]);
    context.raise("wrangler", "inbound_pending_subscription_approved", attrs);
    Ok(())
}

fn establish_outbound(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Some(bus) = meant(context, OUTBOUND, event)? else { return Ok(()) };
    remove(context, OUTBOUND, get(&bus, "Id"))?;
    let bus = with(&without(&bus, "wellKnown_Tx"), [("Tx", get(&event.attrs, "Tx").clone())]);
    add(context, ESTABLISHED, bus.clone())?;
    let attrs = with(&event.attrs, [("bus", Value::Object(bus))]);
    context.raise("wrangler", "subscription_added", attrs);
    Ok(())
}

fn establish_inbound(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let id = get(&event.attrs, "Id");
    // What the event says of the relationship may come from anybody: ours counts.
    let Some(bus) = by_id(context, INBOUND, id)? else { return Ok(()) };
    remove(context, INBOUND, id)?;
    add(context, ESTABLISHED, bus)?;
    context.raise("wrangler", "subscription_added", event.attrs.clone());
    Ok(())
}
