//! Installing, uninstalling and listing rulesets.

mod url;

pub use url::normalize_url;

use super::{truthy, type_name};
use crate::context::Context;
use crate::fault::Fault;
use crate::id::Rid;
use crate::outside::Outside;
use crate::ruleset::Ruleset;
use crate::state::Installed;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Where the rulesets of the engine are said to be: `…/RID.krl`.
const STANDARD: &str = "picomesh://standard/";
/// How the ids of the standard rulesets begin that pico-engine has too.
const FAMILIAR: &str = "io.picolabs.";
/// The order in which pico-engine installs its rulesets on the root.
const ROOT_ORDER: [&str; 5] = [
    "io.picolabs.pico-engine-ui",
    "io.picolabs.wrangler",
    "io.picolabs.subscription",
    "io.picolabs.did-o",
    "io.picolabs.pds",
];
/// The order in which a child gets them.
const CHILD_ORDER: [&str; 5] = [
    "io.picolabs.pico-engine-ui",
    "io.picolabs.wrangler",
    "io.picolabs.pds",
    "io.picolabs.subscription",
    "io.picolabs.did-o",
];

/// The address of a ruleset of the engine.
pub fn standard_url(rid: &Rid) -> String {
    format!("{STANDARD}{rid}.krl")
}

/// The ruleset of the engine that has this address.
fn standard_rid(context: &Context, url: &str) -> Option<Rid> {
    let rid = Rid::parse(url.strip_prefix(STANDARD)?.strip_suffix(".krl")?).ok()?;
    context.registry().of(context.pico()).any(|one| *one.rid() == rid).then_some(rid)
}

/// Brings a ruleset to hand; `None` for one that every pico has.
pub(super) fn load(
    context: &mut Context,
    url: Option<&Value>,
    config: Option<&Value>,
) -> Result<Option<Installed>, Fault> {
    let url = url_text(url)?;
    if standard_rid(context, &url).is_some() {
        return Ok(None);
    }
    let loaded = context.outside(Outside::Ruleset { url: url.clone(), is_fresh: false })?;
    let rid = loaded.get("rid").and_then(Value::as_str).unwrap_or_default();
    let rid = Rid::parse(rid).map_err(|error| Fault::Broken(error.to_string()))?;
    let config = config.filter(|config| truthy(config)).cloned().unwrap_or_else(|| json!({}));
    Ok(Some(Installed { rid, url: Some(url.into()), config }))
}

fn url_text(url: Option<&Value>) -> Result<String, Fault> {
    match url {
        Some(Value::String(url)) => normalize_url(url),
        other => Err(Fault::type_error(format_args!(
            "Expected string for url but got {}",
            type_name(other.unwrap_or(&Value::Null))
        ))),
    }
}

/// Installs a ruleset by its address; returns its id.
pub fn install(
    context: &mut Context,
    url: Option<&Value>,
    config: Option<&Value>,
) -> Result<Rid, Fault> {
    if let Some(installed) = load(context, url, config)? {
        let rid = installed.rid.clone();
        context.install_as(installed)?;
        return Ok(rid);
    }
    let url = url_text(url)?;
    let rid = standard_rid(context, &url).ok_or_else(|| Fault::Broken(url))?;
    if context.pico().installed(&rid).is_some() {
        // The engine's own takes the place of another that had its id.
        context.uninstall(&rid)?;
    }
    Ok(rid)
}

/// Uninstalls a ruleset, unless another one uses it as a module.
pub fn uninstall(context: &mut Context, rid: Option<&Value>) -> Result<(), Fault> {
    let Some(Value::String(rid)) = rid else {
        return Err(Fault::type_error(format_args!(
            "Expected string for rid but got {}",
            type_name(rid.unwrap_or(&Value::Null))
        )));
    };
    let users = users(context, rid);
    if !users.is_empty() {
        let users = users.join(" and ");
        let text = format_args!("Cannot uninstall {rid} because {users} depends on it");
        return Err(Fault::thrown(text));
    }
    let Ok(rid) = Rid::parse(rid) else { return Ok(()) };
    if context.pico().installed(&rid).is_some() {
        return context.uninstall(&rid);
    }
    if listed(context).iter().any(|one| *one.rid() == rid) {
        let text = format_args!("Cannot uninstall {rid} because the engine depends on it");
        return Err(Fault::thrown(text));
    }
    Ok(())
}

/// The rulesets of the pico that use one as a module.
fn users(context: &Context, rid: &str) -> Vec<String> {
    let uses = |one: &Arc<dyn Ruleset>| {
        let meta = one.meta();
        let uses = meta.get("use").and_then(Value::as_array);
        uses.is_some_and(|uses| {
            uses.iter().any(|one| one["kind"] == "module" && one["rid"] == rid)
        })
    };
    listed(context).iter().filter(|one| uses(one)).map(|one| one.rid().to_string()).collect()
}

/// Fetches a ruleset again and compiles it, for every pico that has it.
pub fn flush(context: &mut Context, url: Option<&Value>) -> Result<Value, Fault> {
    let url = url_text(url)?;
    if standard_rid(context, &url).is_some() {
        return Ok(Value::Null);
    }
    context.outside(Outside::Ruleset { url, is_fresh: true })
}

/// The rulesets that a program sees: those that pico-engine has too, and those installed here.
fn listed(context: &Context) -> Vec<Arc<dyn Ruleset>> {
    let pico = context.pico();
    let order = if pico.parent.is_some() { CHILD_ORDER } else { ROOT_ORDER };
    let all = context.registry().of(pico);
    let mut all: Vec<Arc<dyn Ruleset>> = all
        .filter(|one| {
            one.rid().as_str().starts_with(FAMILIAR) || pico.installed(one.rid()).is_some()
        })
        .cloned()
        .collect();
    let place = |one: &Arc<dyn Ruleset>| {
        let place = order.iter().position(|rid| *rid == one.rid().as_str());
        place.unwrap_or(order.len())
    };
    all.sort_by_key(place);
    all
}

/// The rulesets of the pico as `ctx:rulesets` lists them.
pub fn rulesets_json(context: &mut Context) -> Result<Value, Fault> {
    let all = listed(context);
    let urls: Vec<Arc<str>> =
        context.pico().rulesets.iter().filter_map(|one| one.url.clone()).collect();
    let metas = stored_metas(context, &urls)?;
    let describe = |one: &Arc<dyn Ruleset>| {
        let installed = context.pico().installed(one.rid());
        let url = installed.and_then(|installed| installed.url.clone());
        let meta = match &url {
            Some(url) => metas.get(&**url).cloned().unwrap_or(Value::Null),
            None => native_meta(one),
        };
        let config = installed.map_or_else(|| json!({}), |installed| installed.config.clone());
        let url = url.map_or_else(|| standard_url(one.rid()), |url| url.to_string());
        json!({ "rid": one.rid(), "url": url, "config": config, "meta": meta })
    };
    Ok(all.iter().map(describe).collect())
}

/// What is known of the sources of installed rulesets, by their addresses: `krl`, `krlMeta`,
/// `hash`, `flushed`, `compiler`.
fn stored_metas(context: &mut Context, urls: &[Arc<str>]) -> Result<Map<String, Value>, Fault> {
    if urls.is_empty() {
        return Ok(Map::new());
    }
    let body = json!({ "urls": urls.iter().map(|url| &**url).collect::<Vec<_>>() });
    match context.outside(Outside::Work { kind: "ruleset_meta".into(), body })? {
        Value::Object(metas) => Ok(metas),
        _ => Ok(Map::new()),
    }
}

/// A ruleset in Rust has no source to show.
fn native_meta(ruleset: &Arc<dyn Ruleset>) -> Value {
    json!({
        "krl": format!("// {} is part of the engine.", ruleset.rid()),
        "krlMeta": ruleset.meta(),
        "hash": null,
        "flushed": null,
        "compiler": { "version": env!("CARGO_PKG_VERSION"), "warnings": [] },
    })
}
