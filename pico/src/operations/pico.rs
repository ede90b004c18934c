//! Making and deleting children.

use super::{event_to, js_text, ruleset};
use crate::change::NewPico;
use crate::context::Context;
use crate::event::Query;
use crate::family;
use crate::fault::Fault;
use crate::id::{Eci, PicoId, Rid};
use crate::outside::Outside;
use crate::state::Installed;
use serde_json::{Map, Value};

/// The ruleset of relationships.
const SUBSCRIPTION: &str = "io.picolabs.subscription";
/// What it answers with the events to send when its pico is deleted.
const FAREWELLS: &str = "farewells";

/// A fresh id for a pico. It has the form of a channel's, as it also names one.
pub fn fresh_pico_id(context: &mut Context) -> Result<PicoId, Fault> {
    let id = context.fresh_eci()?;
    PicoId::parse(id.as_str()).map_err(|error| Fault::Broken(error.to_string()))
}

/// The addresses of the children, the oldest first.
pub fn children_ecis(context: &Context) -> Result<Vec<Eci>, Fault> {
    context.all_children()?.iter().map(|child| family::child_eci(&child.id)).collect()
}

/// The address of the parent; `None` for the root.
pub fn own_parent_eci(context: &Context) -> Result<Option<Eci>, Fault> {
    let pico = context.pico();
    pico.parent.as_ref().map(|_| family::parent_eci(&pico.id)).transpose()
}

/// A child with its family channels, not yet made.
pub fn pico_rows(context: &mut Context, name: &str) -> Result<NewPico, Fault> {
    let id = fresh_pico_id(context)?;
    let parent = &context.pico().id;
    let channels = vec![family::self_channel(&id)?, family::child_channel(&id, parent)?];
    // PostgreSQL keeps no NUL in text.
    let name = name.replace('\0', "");
    Ok(NewPico { id, name, channels, rulesets: vec![], entities: vec![] })
}

/// Makes a child with these rulesets (`[{url, config}]`) beside the standard ones; returns
/// its address.
pub fn new_pico(context: &mut Context, rulesets: &Value) -> Result<Eci, Fault> {
    let Value::Array(wanted) = rulesets else {
        return Err(Fault::type_error("ctx:newPico expects an array of {url, config}"));
    };
    let mut installed: Vec<Installed> = vec![];
    for one in wanted {
        if let Some(one) = ruleset::load(context, one.get("url"), one.get("config"))? {
            installed.retain(|other| other.rid != one.rid);
            installed.push(one);
        }
    }
    let mut child = pico_rows(context, "")?;
    child.rulesets = installed;
    add_child(context, child)
}

/// Makes a child, and the channel by which it reaches its parent; returns its address.
pub fn add_child(context: &mut Context, child: NewPico) -> Result<Eci, Fault> {
    let eci = family::child_eci(&child.id)?;
    context.channel_put(family::parent_channel(&child.id)?)?;
    context.child_new(child)?;
    Ok(eci)
}

/// Deletes a child with everything below it.
pub fn delete_pico(context: &mut Context, eci: Option<&Value>) -> Result<(), Fault> {
    let missing =
        || Fault::thrown(format_args!("delPico({}) - not found in children ECIs", js_text(eci)));
    let text = eci.and_then(Value::as_str).ok_or_else(missing)?;
    let child = family::child_of(text).ok_or_else(missing)?;
    let channel = family::parent_eci(&child)?;
    match context.channel(&channel)? {
        Some(channel) if channel.family.as_ref() == Some(&child) => {}
        Some(_) | None => return Err(missing()),
    }
    say_farewell(context, text)?;
    context.pico_delete(&child)?;
    context.channel_delete(&channel)
}

/// Tells the picos that those to be deleted are related to that these are no more.
fn say_farewell(context: &mut Context, eci: &str) -> Result<(), Fault> {
    let rid = Rid::literal(SUBSCRIPTION);
    if !context.registry().standard().any(|one| *one.rid() == rid) {
        return Ok(());
    }
    let query = Query { rid, name: FAREWELLS.into(), args: Map::new() };
    let events = match context.outside(Outside::Query { eci: eci.into(), query }) {
        Ok(Value::Array(events)) => events,
        // A pico that cannot answer can be deleted all the same.
        Ok(_) | Err(Fault::Thrown(_)) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    for event in events {
        let Some(eci) = event["eci"].as_str() else { continue };
        let (domain, name) = (&event["domain"], &event["name"]);
        event_to(context, eci, domain, name, event.get("attrs"), event.get("host"))?;
    }
    Ok(())
}
