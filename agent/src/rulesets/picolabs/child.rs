//! The rows that a pico starts with: a child made whole by its parent, and the root.

use super::attributes::{Attrs, given, with};
use super::{DID_O, ENGINE_UI, PDS, attributes, did_o, engine_ui, pds, subscription};
use picomesh_pico::operations::{self, krl_text};
use picomesh_pico::{
    Channel, Context, Eci, Entropy, EventPattern, EventPolicy, Fault, NewPico, PicoId,
    QueryPattern, QueryPolicy, Rid, family,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// How programs see the root until somebody gives it a name.
pub(super) const ROOT_NAME: &str = "Pico";
/// What the engine calls it meanwhile.
pub(super) const ROOT_ROW_NAME: &str = "root";
/// The colour of a child whose maker names none.
const COLOUR: &str = "#87CEFA";
/// The event that tells a parent of its child.
const CHILD_INITIALIZED: &str = "child_initialized";

/// A child with its channels, as its maker learns of it.
pub(super) struct Made {
    /// The address by which the parent reaches it.
    pub(super) eci: Eci,
    /// The address of its developer's page.
    pub(super) ui_eci: Eci,
}

/// Makes a child with everything that it starts with.
pub(super) fn make(context: &mut Context, attrs: &Attrs) -> Result<Made, Fault> {
    let name = match attributes::get(attrs, "name") {
        Value::Null => String::new(),
        name @ Value::Bool(_)
        | name @ Value::Number(_)
        | name @ Value::String(_)
        | name @ Value::Array(_)
        | name @ Value::Object(_) => krl_text(name),
    };
    let fallback = Value::from(COLOUR);
    let colour = given(attrs, "backgroundColor").unwrap_or(&fallback);
    let parent_ui_eci = context.call(&Rid::literal(ENGINE_UI), engine_ui::OWN_ECI, Value::Null)?;
    let mut rows = operations::pico_rows(context, &name)?;
    let id = rows.id.clone();
    let ui_eci = context.fresh_eci()?;
    rows.channels.push(ui_channel(ui_eci.clone()));
    rows.channels.push(pds_channel(context.fresh_eci()?));
    rows.channels.push(well_known_channel(context.fresh_eci()?));
    let page = engine_ui::Page::of_child(&ui_eci, &name, colour, parent_ui_eci);
    rows.entities.push(entity(ENGINE_UI, engine_ui::PAGE, &json!(page))?);
    if !name.is_empty() {
        let profile = pds::first_profile(&name, context.now());
        rows.entities.push(entity(PDS, pds::PROFILE, &profile)?);
    }
    rows.entities.push(entity(DID_O, did_o::ROUTES, &did_o::routes())?);
    let eci = operations::add_child(context, rows)?;
    tell_parent(context, &id, &eci, attrs)?;
    Ok(Made { eci, ui_eci })
}

/// The child's first event to its parent, by the channel that is for the two of them.
fn tell_parent(context: &mut Context, id: &PicoId, eci: &Eci, attrs: &Attrs) -> Result<(), Fault> {
    let channel = family::parent_eci(id)?;
    let attrs = with(attrs, [("eci", json!(eci))]);
    let body = json!({ "eci": channel, "domain": "wrangler", "name": CHILD_INITIALIZED,
        "attrs": attrs, "from": id });
    context.job("event", &format!("event/{channel}"), body, None)?;
    Ok(())
}

/// The root with everything that it starts with.
pub(crate) fn root(id: PicoId, now: i64, entropy: &mut Entropy) -> Result<NewPico, Fault> {
    let mut fresh = || {
        let eci = format!("c{}", entropy.ordered_id(now));
        Eci::parse(&eci).map_err(|error| Fault::Broken(error.to_string()))
    };
    let (ui_eci, well_known) = (fresh()?, fresh()?);
    let page = engine_ui::Page::of_root(&ui_eci);
    let channels =
        vec![family::self_channel(&id)?, ui_channel(ui_eci), well_known_channel(well_known)];
    let entities = vec![
        entity(ENGINE_UI, engine_ui::PAGE, &json!(page))?,
        entity(DID_O, did_o::ROUTES, &did_o::routes())?,
    ];
    Ok(NewPico { id, name: ROOT_ROW_NAME.into(), channels, rulesets: vec![], entities })
}

fn entity(rid: &'static str, name: &str, value: &Value) -> Result<(Rid, String, Arc<[u8]>), Fault> {
    let bytes = serde_json::to_vec(value).map_err(|error| Fault::Broken(error.to_string()))?;
    Ok((Rid::literal(rid), name.into(), bytes.into()))
}

fn channel(eci: Eci, tags: &[&str], events: EventPolicy, queries: QueryPolicy) -> Channel {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Channel { eci, tags, event_policy: events, query_policy: queries, did: None, family: None }
}

fn events(patterns: &[(&str, &str)]) -> EventPolicy {
    let pattern =
        |&(domain, name): &(&str, &str)| EventPattern { domain: domain.into(), name: name.into() };
    EventPolicy { allow: patterns.iter().map(pattern).collect(), deny: vec![] }
}

fn queries(patterns: &[(&str, &str)]) -> QueryPolicy {
    let pattern = |&(rid, name): &(&str, &str)| QueryPattern { rid: rid.into(), name: name.into() };
    QueryPolicy { allow: patterns.iter().map(pattern).collect(), deny: vec![] }
}

/// The channel of the developer's page.
pub(super) fn ui_channel(eci: Eci) -> Channel {
    channel(eci, &["engine", "ui"], events(&engine_ui::EVENTS), queries(&engine_ui::QUERIES))
}

/// The channel by which a pico's data are kept.
pub(super) fn pds_channel(eci: Eci) -> Channel {
    channel(eci, &["pds"], events(&[("pds", "*")]), queries(&[(PDS, "*")]))
}

/// The channel on which strangers introduce themselves.
pub(super) fn well_known_channel(eci: Eci) -> Channel {
    let tags = ["wellknown_rx", "tx_rx"];
    channel(eci, &tags, events(&subscription::EVENTS), queries(&subscription::QUERIES))
}
