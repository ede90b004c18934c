//! Events to the other ends of established relationships.

use super::super::attributes::{Attrs, get, given, with};
use super::bus::{Bus, ESTABLISHED, buses};
use picomesh_pico::operations::event_to;
use picomesh_pico::{Context, Event, Fault, Native};
use serde_json::{Value, json};

pub(super) fn rules(native: Native) -> Native {
    native.rule("sendEventToSubCheck", "wrangler", "send_event_on_subs", choose).rule(
        "send_event_to_subs",
        "wrangler",
        "send_event_to_subs",
        send,
    )
}

/// Finds the relationships that are meant by id or by role.
fn choose(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let all = buses(context, ESTABLISHED)?;
    let mut found: Vec<Bus> = vec![];
    for (attribute, key) in [("subID", "Id"), ("Tx_role", "Tx_role"), ("Rx_role", "Rx_role")] {
        if let Some(value) = given(&event.attrs, attribute) {
            found.extend(all.iter().filter(|bus| get(bus, key) == value).cloned());
        }
    }
    let is_given = |name| given(&event.attrs, name).is_some();
    if !found.is_empty() && is_given("domain") && is_given("type") {
        let attrs = with(&event.attrs, [("subs", json!(found))]);
        context.raise("wrangler", "send_event_to_subs", attrs);
        return Ok(());
    }
    let attrs = with(
        &event.attrs,
        [
            ("foundSubsToSendTo", (!found.is_empty()).into()),
            ("domainGiven", is_given("domain").into()),
            ("typeGiven", is_given("type").into()),
        ],
    );
    context.raise("wrangler", "failed_to_send_event_to_sub", attrs);
    Ok(())
}

fn send(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let (domain, name) = (get(&event.attrs, "domain"), get(&event.attrs, "type"));
    let attrs = match get(&event.attrs, "attrs") {
        Value::Null => Value::Object(Attrs::new()),
        attrs @ Value::Bool(_)
        | attrs @ Value::Number(_)
        | attrs @ Value::String(_)
        | attrs @ Value::Array(_)
        | attrs @ Value::Object(_) => attrs.clone(),
    };
    for sub in get(&event.attrs, "subs").as_array().into_iter().flatten() {
        let (eci, host) = (sub.get("Tx").and_then(Value::as_str), sub.get("Tx_host"));
        let missing = || Fault::type_error("eci was null instead of a string");
        event_to(context, eci.ok_or_else(missing)?, domain, name, Some(&attrs), host)?;
    }
    Ok(())
}
