//! `io.picolabs.pico-engine-ui`: what the developer's pages ask of a pico and tell it.
//!
//! Source: the ruleset of that name in pico-engine 1.4. The addresses of the children's pages
//! are kept one row each, so that a pico with many children makes one more as fast.

mod logs;
mod page;

pub(super) use page::{PAGE, Page};

use super::attributes::{get, given, with};
use super::{ENGINE_UI, child};
use page::{children_pages, forget_child, own_eci, page};
use picomesh_pico::operations::{self, truthy};
use picomesh_pico::{Context, Event, Fault, Native, Outside, Query, Rid, family};
use serde_json::{Map, Value, json};

/// The events that the channel of the page lets through.
pub(super) const EVENTS: [(&str, &str); 16] = [
    ("engine_ui", "setup"),
    ("engine_ui", "box"),
    ("engine_ui", "new"),
    ("engine_ui", "del"),
    ("engine_ui", "install"),
    ("engine_ui", "uninstall"),
    ("engine_ui", "flush"),
    ("engine_ui", "new_channel"),
    ("engine_ui", "del_channel"),
    ("engine_ui", "testing_eci"),
    ("engine", "started"),
    ("wrangler", "subscription"),
    ("wrangler", "pending_subscription_approval"),
    ("wrangler", "inbound_rejection"),
    ("wrangler", "outbound_cancellation"),
    ("wrangler", "subscription_cancellation"),
];
/// The queries that the channel of the page lets through.
pub(super) const QUERIES: [(&str, &str); 11] = [
    ("*", "__testing"),
    (ENGINE_UI, "uiECI"),
    (ENGINE_UI, "box"),
    (ENGINE_UI, "pico"),
    (ENGINE_UI, "logs"),
    (ENGINE_UI, "testingECI"),
    (ENGINE_UI, "name"),
    (super::SUBSCRIPTION, "established"),
    (super::SUBSCRIPTION, "inbound"),
    (super::SUBSCRIPTION, "outbound"),
    (super::SUBSCRIPTION, "wellKnown_Rx"),
];
/// The function by which another ruleset of the pico learns where its page is.
pub(super) const OWN_ECI: &str = "own_eci";
/// The entity variable that holds the address which the page tests with.
const TESTING: &str = "testing_eci";
/// Children whose pages are looked for at one start of the engine.
const BACKFILL_MAX: usize = 100;
const BOX_ATTRS: &[&str] = &["x", "y", "width", "height", "name", "backgroundColor", "parentUiEci"];

/// The ruleset.
pub(super) fn ruleset() -> Native {
    Native::new(Rid::literal(ENGINE_UI), "What the developer's pages need of a pico.")
        .name("pico-engine-ui")
        .rule("setup", "engine_ui", "setup", setup)
        .rule_with("box", "engine_ui", "box", BOX_ATTRS, change_box)
        .rule_with(
            "remember_child_ui_eci",
            "wrangler",
            "new_child_created",
            &["uiEci", "eci"],
            remember_child,
        )
        .rule("backfill_child_ui_eci", "engine", "started", backfill_children)
        .rule("backfill_parent_ui_eci", "engine", "started", backfill_parent)
        .rule_with("new", "engine_ui", "new", &["name", "backgroundColor"], new)
        .rule_with("del", "engine_ui", "del", &["eci"], delete)
        .rule("install", "engine_ui", "install", |context, event| {
            context.raise("wrangler", "install_ruleset_request", event.attrs.clone());
            Ok(())
        })
        .rule_with("uninstall", "engine_ui", "uninstall", &["rid"], |context, event| {
            operations::uninstall(context, Some(get(&event.attrs, "rid")))
        })
        .rule_with("flush", "engine_ui", "flush", &["url"], |context, event| {
            operations::flush(context, Some(get(&event.attrs, "url"))).map(drop)
        })
        .rule_with(
            "new_channel",
            "engine_ui",
            "new_channel",
            &["tags", "eventPolicy", "queryPolicy"],
            new_channel,
        )
        .rule_with("del_channel", "engine_ui", "del_channel", &["eci"], |context, event| {
            operations::delete_channel(context, Some(get(&event.attrs, "eci")))
        })
        .rule_with("testing_eci", "engine_ui", "testing_eci", &["eci"], testing_eci)
        .function(OWN_ECI, |context, _| Ok(json!(own_eci(context)?)))
        .query("box", |context, _| box_(context))
        .query("uiECI", |context, _| Ok(json!(own_eci(context)?)))
        .query("pico", |context, _| pico(context))
        .query("logs", |context, _| logs::logs(context))
        .query("testingECI", |context, _| Ok(json!(context.entity::<Value>(TESTING)?)))
        .query("name", |context, _| Ok(page(context)?.shown_name()))
}

/// Sees that the pico has the channel of its page and the one to itself.
fn setup(context: &mut Context, _event: &Event) -> Result<(), Fault> {
    let own = family::self_channel(&context.pico().id)?;
    if context.channel(&own.eci)?.is_none() {
        context.channel_put(own)?;
    }
    let found = operations::find_channel(context, &["engine", "ui"])?;
    let eci = match found {
        Some(channel) => channel.eci,
        None => context.fresh_eci()?,
    };
    let channel = child::ui_channel(eci.clone());
    context.channel_put(channel)?;
    let mut page = page(context)?;
    page.eci = Some(eci);
    page.put(context)
}

fn change_box(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let mut page = page(context)?;
    page.change(&event.attrs);
    page.put(context)
}

fn remember_child(context: &mut Context, event: &Event) -> Result<(), Fault> {
    match get(&event.attrs, "eci").as_str() {
        Some(eci) if !eci.is_empty() => {
            page::remember_child(context, eci, get(&event.attrs, "uiEci"))
        }
        _ => Ok(()),
    }
}

/// Children that were not made by the page's event: they are asked for their page.
fn backfill_children(context: &mut Context, _event: &Event) -> Result<(), Fault> {
    let known = children_pages(context)?;
    let children = operations::children_ecis(context)?;
    let unknown = children.iter().filter(|eci| !known.iter().any(|(one, _)| one == eci.as_str()));
    for eci in unknown.take(BACKFILL_MAX) {
        let ui_eci = ask_page(context, eci.as_str())?;
        if truthy(&ui_eci) {
            page::remember_child(context, eci.as_str(), &ui_eci)?;
        }
    }
    Ok(())
}

fn backfill_parent(context: &mut Context, _event: &Event) -> Result<(), Fault> {
    let mut page = page(context)?;
    // The root has no parent to ask.
    let Some(parent) = operations::own_parent_eci(context)? else { return Ok(()) };
    if page.parent_ui_eci.is_some() {
        return Ok(());
    }
    page.parent_ui_eci = Some(ask_page(context, parent.as_str())?).filter(truthy);
    page.put(context)
}

/// Where the page of a relative is; null when it does not say.
fn ask_page(context: &mut Context, eci: &str) -> Result<Value, Fault> {
    let (rid, name) = (Rid::literal(ENGINE_UI), "uiECI".into());
    let query = Query { rid, name, args: Map::new() };
    match context.outside(Outside::Query { eci: eci.into(), query }) {
        Err(Fault::Thrown(_)) => Ok(Value::Null),
        answer => answer,
    }
}

fn new(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let page = page(context)?;
    let attr = |name: &str, own: Option<String>| {
        given(&event.attrs, name).cloned().unwrap_or_else(|| json!(own))
    };
    let name = attr("name", page.name.clone());
    let colour = attr("backgroundColor", page.background_color.clone());
    let attrs = with(&event.attrs, [("name", name), ("backgroundColor", colour)]);
    context.raise("wrangler", "new_child_request", attrs);
    Ok(())
}

fn delete(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let wanted = get(&event.attrs, "eci");
    let known = children_pages(context)?;
    let children = operations::children_ecis(context)?;
    let page_of = |eci: &str| known.iter().find(|(one, _)| one == eci).map(|(_, page)| page);
    let is_wanted =
        |eci: &&picomesh_pico::Eci| page_of(eci.as_str()).unwrap_or(&Value::Null) == wanted;
    let eci = children.iter().find(is_wanted).map(|eci| json!(eci));
    operations::delete_pico(context, eci.as_ref())?;
    match &eci {
        Some(Value::String(eci)) => forget_child(context, eci),
        _ => Ok(()),
    }
}

fn new_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let attr = |name| get(&event.attrs, name);
    operations::new_channel(context, attr("tags"), attr("eventPolicy"), attr("queryPolicy"))?;
    Ok(())
}

fn testing_eci(context: &mut Context, event: &Event) -> Result<(), Fault> {
    match get(&event.attrs, "eci") {
        Value::Null => context.delete(TESTING),
        eci @ Value::Bool(_)
        | eci @ Value::Number(_)
        | eci @ Value::String(_)
        | eci @ Value::Array(_)
        | eci @ Value::Object(_) => context.put(TESTING, eci),
    }
}

/// The addresses of the children's pages, the oldest child first.
fn child_pages(context: &mut Context) -> Result<Vec<Value>, Fault> {
    let known = children_pages(context)?;
    if known.is_empty() {
        return Ok(vec![]);
    }
    let children = operations::children_ecis(context)?;
    let children: std::collections::HashSet<&str> =
        children.iter().map(picomesh_pico::Eci::as_str).collect();
    let alive = known.iter().filter(|(eci, page)| children.contains(eci.as_str()) && truthy(page));
    Ok(alive.map(|(_, page)| page.clone()).collect())
}

fn box_(context: &mut Context) -> Result<Value, Fault> {
    let (page, children) = (page(context)?, child_pages(context)?);
    let eci = own_eci(context)?;
    let place = |value: &Option<Value>| {
        value.clone().filter(truthy).unwrap_or_else(|| Value::from(page::PLACE))
    };
    Ok(json!({
        "eci": eci,
        "parent": page.parent_ui_eci,
        "children": children,
        "name": page.shown_name(),
        "backgroundColor": page.background_color.as_deref().unwrap_or(page::COLOUR),
        "x": place(&page.x),
        "y": place(&page.y),
        "width": place(&page.width),
        "height": place(&page.height),
    }))
}

fn pico(context: &mut Context) -> Result<Value, Fault> {
    let rulesets = operations::rulesets_json(context)?;
    let (page, children) = (page(context)?, child_pages(context)?);
    Ok(json!({
        "eci": own_eci(context)?,
        "parent": page.parent_ui_eci,
        "children": children,
        "channels": operations::channels_json(context)?,
        "rulesets": rulesets,
    }))
}
