//! `io.picolabs.wrangler`: children, channels and rulesets of a pico, and questions to others.
//!
//! Source: the ruleset of that name in pico-engine 1.4. Nothing of it is stored: the addresses
//! of a pico follow from its id, its name stands in its row.

mod query;

pub(super) use query::host;

use super::attributes::{Attrs, filled, get, given, with, without};
use super::child::{self, ROOT_NAME, ROOT_ROW_NAME};
use super::{DID_O, PDS, SUBSCRIPTION, Setting, WRANGLER, offer};
use picomesh_pico::operations::{self, krl_text};
use picomesh_pico::{Context, Event, Fault, Native, Rid, family};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const DESCRIPTION: &str = "Manages the pico: children, channels, rulesets.";
const SKY_QUERY: &[&str] = &["eci", "mod", "func", "params", "_host", "_path", "_root_url"];
const CHANNEL: &[&str] = &["tags", "eventPolicy", "queryPolicy"];

/// The ruleset.
pub(super) fn ruleset(setting: &Arc<Setting>) -> Native {
    let native = Native::new(Rid::literal(WRANGLER), DESCRIPTION).name("Wrangler Core");
    functions(rules(native), setting)
}

fn rules(native: Native) -> Native {
    native
        .rule("systemOnLine", "system", "online", system_online)
        .rule(
            "install_ruleset_relatively",
            "wrangler",
            "install_ruleset_request",
            install_relatively,
        )
        .rule(
            "install_ruleset_absolutely",
            "wrangler",
            "install_ruleset_request",
            install_absolutely,
        )
        .rule("uninstall_one_ruleset", "wrangler", "uninstall_ruleset_request", uninstall)
        .rule("flush_all_rulesets", "wrangler", "rulesets_need_flushing", flush_all)
        .rule("createChannel", "wrangler", "new_channel_request", create_channel)
        .rule("deleteChannel", "wrangler", "channel_deletion_request", delete_channel)
        .rule("createChild", "wrangler", "new_child_request", create_child)
        .rule(
            "initialize_child_after_creation",
            "wrangler",
            "pico_created",
            initialize_after_creation,
        )
        .rule("finish_child_initialization", "wrangler", "pico_initialized", tell_parent)
        .rule("take_note_of_name_change", "wrangler", "name_changed", change_name)
        .rule("deleteOneChild", "wrangler", "child_deletion_request", delete_child)
        .rule("child_initiates_deletion", "wrangler", "ready_for_deletion", ask_for_deletion)
}

fn functions(native: Native, setting: &Arc<Setting>) -> Native {
    let host = query::host(setting);
    let (one, two, three, four) = (host.clone(), host.clone(), host.clone(), host);
    let native = native
        .query_with("skyQuery", SKY_QUERY, move |c, args| query::sky_query(c, args, &one))
        .provides("skyQuery", SKY_QUERY, move |c, args| query::sky_query(c, args, &two))
        .query_with("picoQuery", SKY_QUERY, move |c, args| query::pico_query(c, args, &three))
        .provides("picoQuery", SKY_QUERY, move |c, args| query::pico_query(c, args, &four));
    let native = offer(native, "channels", &["tags"], channels)
        .action("createChannel", CHANNEL, |context, args| {
            let attr = |name| get(args, name);
            let (tags, events, queries) = (attr("tags"), attr("eventPolicy"), attr("queryPolicy"));
            let channel = operations::new_channel(context, tags, events, queries)?;
            Ok(operations::channel_json(&channel))
        })
        .action("deleteChannel", &["eci"], |context, args| {
            operations::delete_channel(context, args.get("eci")).map(|()| Value::Null)
        });
    let native = offer(native, "rulesetConfig", &["rid"], |context, args| {
        ruleset_member(context, args, "/config")
    });
    let native = offer(native, "rulesetMeta", &["rid"], |context, args| {
        ruleset_member(context, args, "/meta/krlMeta")
    });
    let native = offer(native, "installedRIDs", &[], |context, _| {
        Ok(json!(operations::installed_rids(context)))
    });
    let native = offer(native, "children", &[], children);
    let native = offer(native, "parent_eci", &[], |context, _| {
        Ok(json!(operations::own_parent_eci(context)?))
    });
    let native = offer(native, "name", &[], |context, _| Ok(name(context)));
    offer(native, "myself", &[], myself)
        .query("id", |context, _| Ok(json!(context.pico().id)))
        .query("__testing", |_, _| Ok(testing()))
}

/// What the developer's page offers to try.
fn testing() -> Value {
    let event =
        |name: &str, attrs: &[&str]| json!({ "domain": "wrangler", "name": name, "attrs": attrs });
    json!({
        "queries": [
            { "name": "name" },
            { "name": "myself" },
            { "name": "channels", "args": ["tags"] },
            { "name": "installedRIDs" },
            { "name": "skyQuery", "args": SKY_QUERY },
            { "name": "children", "args": [] },
        ],
        "events": [
            event("new_child_request", &["name", "backgroundColor"]),
            event("child_deletion_request", &["eci"]),
            event("new_channel_request", CHANNEL),
            event("channel_deletion_request", &["eci"]),
            event("install_ruleset_request", &["url"]),
            event("install_ruleset_request", &["absoluteURL", "rid"]),
            event("uninstall_ruleset_request", &["rid"]),
        ],
    })
}

/// The pico's name; null until it has one.
pub(super) fn name(context: &Context) -> Value {
    let pico = context.pico();
    match pico.name.as_str() {
        "" => Value::Null,
        ROOT_ROW_NAME if pico.parent.is_none() => ROOT_NAME.into(),
        name => name.into(),
    }
}

fn myself(context: &mut Context, _args: &Attrs) -> Result<Value, Fault> {
    let pico = context.pico();
    let eci = match pico.parent {
        Some(_) => family::child_eci(&pico.id)?,
        None => family::self_eci(&pico.id)?,
    };
    Ok(json!({ "name": name(context), "id": pico.id, "eci": eci }))
}

fn children(context: &mut Context, _args: &Attrs) -> Result<Value, Fault> {
    let describe = |child: picomesh_pico::Child| {
        let name = Some(child.name).filter(|name| !name.is_empty());
        let (eci, parent) = (family::child_eci(&child.id)?, family::parent_eci(&child.id)?);
        Ok(json!({ "eci": eci, "name": name, "parent_eci": parent }))
    };
    context.all_children()?.into_iter().map(describe).collect()
}

/// The channels with exactly these tags, or all.
fn channels(context: &mut Context, args: &Attrs) -> Result<Value, Fault> {
    let all = context.all_channels()?;
    let wanted = match given(args, "tags") {
        None => None,
        Some(Value::Array(tags)) => Some(tags.iter().map(krl_text).collect::<Vec<_>>().join(",")),
        Some(tags) => Some(krl_text(tags)),
    };
    let Some(wanted) = wanted else {
        return Ok(all.iter().map(operations::channel_json).collect());
    };
    let wanted = wanted.to_lowercase();
    let mut wanted: Vec<&str> = wanted.split(',').collect();
    wanted.sort_unstable();
    let has_tags = |channel: &&picomesh_pico::Channel| {
        let mut tags: Vec<&str> = channel.tags.iter().map(String::as_str).collect();
        tags.sort_unstable();
        // A channel without tags is the one with the empty tag.
        tags == wanted || tags.is_empty() && wanted == [""]
    };
    Ok(all.iter().filter(has_tags).map(operations::channel_json).collect())
}

fn ruleset_member(context: &mut Context, args: &Attrs, path: &str) -> Result<Value, Fault> {
    let all = operations::rulesets_json(context)?;
    let wanted = get(args, "rid");
    let found = all.as_array().into_iter().flatten().find(|one| one["rid"] == *wanted);
    Ok(found.and_then(|one| one.pointer(path)).cloned().unwrap_or(Value::Null))
}

fn system_online(context: &mut Context, event: &Event) -> Result<(), Fault> {
    for eci in operations::children_ecis(context)? {
        context.send_event(eci.as_str(), "system", "online", event.attrs.clone())?;
    }
    Ok(())
}

/// A ruleset that lies beside another one: its address follows from that one's.
fn install_relatively(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let (Some(url), Some(rid)) = (filled(&event.attrs, "absoluteURL"), filled(&event.attrs, "rid"))
    else {
        return Ok(());
    };
    let folder = url.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let attrs = without(&event.attrs, "absoluteURL");
    let attrs = with(&attrs, [("url", format!("{folder}{rid}.krl").into())]);
    context.raise("wrangler", "install_ruleset_request", attrs);
    Ok(())
}

fn install_absolutely(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Some(url) = filled(&event.attrs, "url").map(Value::from) else { return Ok(()) };
    let config = given(&event.attrs, "config");
    operations::flush(context, Some(&url))?;
    let rid = operations::install(context, Some(&url), config)?;
    let attrs = with(&event.attrs, [("rids", json!([rid]))]);
    context.raise("wrangler", "ruleset_installed", attrs);
    Ok(())
}

fn uninstall(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Some(rid) = filled(&event.attrs, "rid") else { return Ok(()) };
    operations::uninstall(context, Some(&rid.into()))?;
    context.raise("wrangler", "ruleset_uninstalled", event.attrs.clone());
    Ok(())
}

fn flush_all(context: &mut Context, _event: &Event) -> Result<(), Fault> {
    let urls: Vec<Value> = context
        .pico()
        .rulesets
        .iter()
        .filter_map(|one| one.url.as_deref())
        .map(Value::from)
        .collect();
    for url in urls {
        operations::flush(context, Some(&url))?;
    }
    context.raise("wrangler", "rulesets_flushed", Map::new());
    Ok(())
}

fn create_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let attr = |name| given(&event.attrs, name);
    let (Some(tags), Some(events), Some(queries)) =
        (attr("tags"), attr("eventPolicy"), attr("queryPolicy"))
    else {
        return Ok(());
    };
    let channel = operations::new_channel(context, tags, events, queries)?;
    let attrs = with(&event.attrs, [("channel", operations::channel_json(&channel))]);
    context.raise("wrangler", "channel_created", attrs);
    Ok(())
}

fn delete_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Some(eci) = filled(&event.attrs, "eci") else { return Ok(()) };
    operations::delete_channel(context, Some(&eci.into()))?;
    context.raise("wrangler", "channel_deleted", event.attrs.clone());
    Ok(())
}

fn create_child(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if filled(&event.attrs, "name").is_none() {
        return Ok(());
    }
    let made = child::make(context, &event.attrs)?;
    let attrs = with(&event.attrs, [("eci", json!(made.eci)), ("uiEci", json!(made.ui_eci))]);
    context.raise("wrangler", "new_child_created", attrs);
    Ok(())
}

/// In a child that a program made by itself: whatever the parent would have given it.
fn initialize_after_creation(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let name = event.attrs.get("name").map(krl_text).unwrap_or_default();
    context.rename(&name.replace('\0', ""))?;
    for rid in [PDS, SUBSCRIPTION, DID_O] {
        let url = operations::standard_url(&Rid::literal(rid));
        let attrs = with(&Map::new(), [("url", url.into())]);
        context.raise("wrangler", "install_ruleset_request", attrs);
    }
    let attrs = with(&event.attrs, [("eci", json!(event.eci))]);
    context.raise("wrangler", "pico_initialized", attrs);
    Ok(())
}

fn tell_parent(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let parent = parent(context)?;
    context.send_event(&parent, "wrangler", "child_initialized", event.attrs.clone())?;
    Ok(())
}

fn parent(context: &Context) -> Result<String, Fault> {
    let eci = operations::own_parent_eci(context)?;
    let missing = || Fault::type_error("eci was null instead of a string");
    eci.map(String::from).ok_or_else(missing)
}

fn change_name(context: &mut Context, event: &Event) -> Result<(), Fault> {
    match filled(&event.attrs, "name") {
        Some(name) => context.rename(&name.replace('\0', "")),
        None => Ok(()),
    }
}

fn delete_child(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Some(eci) = filled(&event.attrs, "eci") else { return Ok(()) };
    operations::delete_pico(context, Some(&eci.into()))?;
    context.raise("wrangler", "child_deleted", event.attrs.clone());
    Ok(())
}

fn ask_for_deletion(context: &mut Context, _event: &Event) -> Result<(), Fault> {
    let own = family::child_eci(&context.pico().id)?;
    if context.channel(&own)?.is_none() {
        return Ok(());
    }
    let parent = parent(context)?;
    let attrs = with(&Map::new(), [("eci", json!(own))]);
    context.send_event(&parent, "wrangler", "child_deletion_request", attrs)?;
    Ok(())
}
