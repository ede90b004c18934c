//! The end of a relationship, or of what was to become one.

use super::super::SUBSCRIPTION;
use super::super::attributes::{Attrs, get, given, with, without};
use super::bus::{Bus, ESTABLISHED, INBOUND, OUTBOUND, buses, by_id, meant, remove, withdraw};
use super::establish::send;
use picomesh_pico::operations::{children_ecis, delete_channel};
use picomesh_pico::{Context, Event, Fault, Native, Outside, Query, Rid};
use serde_json::{Map, Value, json};

/// The lists of ids that go with the event that ends all relationships.
const LISTS: [&str; 3] = ["establishedIDs", "inboundIDs", "outboundIDs"];

pub(super) fn rules(native: Native) -> Native {
    let event = "cancel_relationships";
    native
        .rule("cancel_all_subscriptions", "wrangler", "cancel_subscriptions", cancel_all)
        .rule("cancel_established", "wrangler", event, |context, event| {
            each(context, event, LISTS[0], "subscription_cancellation")
        })
        .rule("cancel_inbound", "wrangler", event, |context, event| {
            each(context, event, LISTS[1], "inbound_rejection")
        })
        .rule("cancel_outbound", "wrangler", event, |context, event| {
            each(context, event, LISTS[2], "outbound_cancellation")
        })
        .rule("cancelEstablished", "wrangler", "subscription_cancellation", cancel_established)
        .rule("removeEstablished", "wrangler", "established_removal", remove_established)
        .rule("cancelInbound", "wrangler", "inbound_rejection", reject_inbound)
        .rule("removeInbound", "wrangler", "inbound_removal", remove_inbound)
        .rule("cancelOutbound", "wrangler", "outbound_cancellation", cancel_outbound)
        .rule("removeOutbound", "wrangler", "outbound_removal", remove_outbound)
        .rule("prepare_to_delete", "wrangler", "intent_to_delete", prepare_to_delete)
}

fn cancel_all(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let mut attrs = event.attrs.clone();
    for (list, state) in LISTS.into_iter().zip([ESTABLISHED, INBOUND, OUTBOUND]) {
        let ids = buses(context, state)?.iter().map(|bus| get(bus, "Id").clone()).collect();
        attrs.insert(list.into(), ids);
    }
    context.raise("wrangler", "cancel_relationships", attrs);
    Ok(())
}

fn each(context: &mut Context, event: &Event, list: &str, name: &str) -> Result<(), Fault> {
    let attrs = LISTS.iter().fold(event.attrs.clone(), |attrs, list| without(&attrs, list));
    for id in get(&event.attrs, list).as_array().into_iter().flatten() {
        context.raise("wrangler", name, with(&attrs, [("Id", id.clone())]));
    }
    Ok(())
}

fn cancel_established(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Some(bus) = meant(context, ESTABLISHED, event)? else { return Ok(()) };
    let attr = |name| get(&bus, name).clone();
    let attrs = with(&event.attrs, [("Rx", attr("Tx")), ("Tx", attr("Rx")), ("Id", attr("Id"))]);
    send(context, &attr("Tx"), "established_removal", attrs, &attr("Tx_host"))?;
    let attrs = with(&event.attrs, [("Id", attr("Id"))]);
    context.raise("wrangler", "established_removal", attrs);
    Ok(())
}

fn remove_established(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if let Some(bus) = meant(context, ESTABLISHED, event)? {
        return over(context, event, ESTABLISHED, bus, "subscription_removed");
    }
    // The other side approved and ended it; its approval is still on its way.
    match given(&event.attrs, "Id").map(|id| by_id(context, OUTBOUND, id)).transpose()?.flatten() {
        Some(bus) => over(context, event, OUTBOUND, bus, "outbound_subscription_cancelled"),
        None => Ok(()),
    }
}

fn reject_inbound(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let bus = meant(context, INBOUND, event)?.unwrap_or_default();
    let attr = |name| get(&bus, name).clone();
    let attrs = with(&event.attrs, [("Id", attr("Id"))]);
    send(context, &attr("Tx"), "outbound_removal", attrs.clone(), &attr("Tx_host"))?;
    context.raise("wrangler", "inbound_removal", attrs);
    Ok(())
}

fn remove_inbound(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if let Some(bus) = meant(context, INBOUND, event)? {
        return over(context, event, INBOUND, bus, "inbound_subscription_cancelled");
    }
    let Some(id) = given(&event.attrs, "Id") else { return Ok(()) };
    // The proposer withdrew while our approval was on its way: it never took that in. Who
    // knows both the id and the proposer's channel is the proposer.
    let established = by_id(context, ESTABLISHED, id)?;
    match established.filter(|bus| event.attrs.get("Tx") == bus.get("Tx")) {
        Some(bus) => over(context, event, ESTABLISHED, bus, "subscription_removed"),
        None => withdraw(context, id),
    }
}

fn cancel_outbound(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let bus = meant(context, OUTBOUND, event)?.unwrap_or_default();
    let attr = |name| get(&bus, name).clone();
    let attrs = with(&event.attrs, [("Id", attr("Id")), ("Tx", attr("Rx"))]);
    send(context, &attr("wellKnown_Tx"), "inbound_removal", attrs, &attr("Tx_host"))?;
    let attrs = with(&event.attrs, [("Id", attr("Id"))]);
    context.raise("wrangler", "outbound_removal", attrs);
    Ok(())
}

fn remove_outbound(context: &mut Context, event: &Event) -> Result<(), Fault> {
    match meant(context, OUTBOUND, event)? {
        Some(bus) => over(context, event, OUTBOUND, bus, "outbound_subscription_cancelled"),
        None => Ok(()),
    }
}

/// Forgets a relationship with its channel, and says so.
fn over(
    context: &mut Context,
    event: &Event,
    state: &str,
    bus: Bus,
    name: &str,
) -> Result<(), Fault> {
    remove(context, state, get(&bus, "Id"))?;
    // Somebody may have deleted the channel before; the relationship is over all the same.
    match delete_channel(context, bus.get("Rx")) {
        Ok(()) | Err(Fault::Thrown(_)) => {}
        Err(fault) => return Err(fault),
    }
    context.raise("wrangler", name, with(&event.attrs, [("bus", Value::Object(bus))]));
    Ok(())
}

fn prepare_to_delete(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if super::super::attributes::filled(&event.attrs, "Id").is_none() {
        return Ok(());
    }
    context.raise("wrangler", "subscription_cancellation", event.attrs.clone());
    context.raise("wrangler", "ready_for_deletion", Map::new());
    Ok(())
}

/// What to tell the others when this pico and all below it are deleted: events as
/// `{eci, domain, name, attrs, host}`.
pub(super) fn farewells(context: &mut Context) -> Result<Value, Fault> {
    let mut all = vec![];
    for eci in children_ecis(context)? {
        let (rid, name) = (Rid::literal(SUBSCRIPTION), "farewells".into());
        let query = Query { rid, name, args: Map::new() };
        match context.outside(Outside::Query { eci: eci.into(), query }) {
            Ok(Value::Array(more)) => all.extend(more),
            // A child that does not answer does not keep its parent from going.
            Ok(_) | Err(Fault::Thrown(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    let ends = [
        (ESTABLISHED, "Tx", "established_removal"),
        (INBOUND, "Tx", "outbound_removal"),
        (OUTBOUND, "wellKnown_Tx", "inbound_removal"),
    ];
    for (state, address, name) in ends {
        all.extend(buses(context, state)?.iter().map(|bus| farewell(bus, address, name)));
    }
    Ok(Value::Array(all))
}

fn farewell(bus: &Attrs, address: &str, name: &str) -> Value {
    let attr = |name| get(bus, name);
    let attrs = json!({ "Id": attr("Id"), "Tx": attr("Rx") });
    json!({ "eci": attr(address), "domain": "wrangler", "name": name, "attrs": attrs,
        "host": attr("Tx_host") })
}
