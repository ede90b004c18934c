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
    context.registry().standard().any(|one| *one.rid() == rid).then_some(rid)
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
        refuse_missing_modules(context, &installed)?;
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

/// A ruleset whose modules this pico does not have would not start.
fn refuse_missing_modules(context: &Context, installed: &Installed) -> Result<(), Fault> {
    let Some(url) = &installed.url else { return Ok(()) };
    let Some(source) = context.source(url)? else { return Ok(()) };
    for used in source.uses() {
        let is_own = used == installed.rid.as_str();
        let rid = Rid::parse(used).map_err(|error| Fault::Broken(error.to_string()))?;
        let is_here = context.pico().installed(&rid).is_some()
            || context.registry().find(context.pico(), &rid).is_some();
        if is_own || !is_here {
            return Err(Fault::thrown(format_args!("Dependant module not loaded: {used}")));
        }
    }
    Ok(())
}

/// Uninstalls a ruleset, unless another one uses it as a module.
pub fn uninstall(context: &mut Context, rid: Option<&Value>) -> Result<(), Fault> {
    let Some(Value::String(rid)) = rid else {
        return Err(Fault::type_error(format_args!(
            "Expected string for rid but got {}",
            type_name(rid.unwrap_or(&Value::Null))
        )));
    };
    let users = users(context, rid)?;
    if !users.is_empty() {
        let users = users.iter().map(Rid::as_str).collect::<Vec<_>>().join(" and ");
        let text = format_args!("Cannot uninstall {rid} because {users} depends on it");
        return Err(Fault::thrown(text));
    }
    let Ok(rid) = Rid::parse(rid) else { return Ok(()) };
    if context.pico().installed(&rid).is_some() {
        return context.uninstall(&rid);
    }
    if standard(context).iter().any(|one| *one.rid() == rid) {
        let text = format_args!("Cannot uninstall {rid} because the engine depends on it");
        return Err(Fault::thrown(text));
    }
    Ok(())
}

/// The rulesets of the pico that use one as a module.
fn users(context: &mut Context, rid: &str) -> Result<Vec<Rid>, Fault> {
    let uses = |one: &Listed| {
        let uses = one.meta["krlMeta"]["use"].as_array();
        uses.is_some_and(|uses| uses.iter().any(|use_| use_["rid"] == rid))
    };
    Ok(listed(context)?.into_iter().filter(uses).map(|one| one.rid).collect())
}

/// Fetches a ruleset again and compiles it, for every pico that has it.
pub fn flush(context: &mut Context, url: Option<&Value>) -> Result<Value, Fault> {
    let url = url_text(url)?;
    if standard_rid(context, &url).is_some() {
        return Ok(Value::Null);
    }
    context.outside(Outside::Ruleset { url, is_fresh: true })
}

/// A ruleset as a program sees it.
struct Listed {
    rid: Rid,
    url: String,
    config: Value,
    meta: Value,
}

/// The rulesets of every pico that pico-engine has too, in the order of their installation.
fn standard(context: &Context) -> Vec<Arc<dyn Ruleset>> {
    let order = if context.pico().parent.is_some() { CHILD_ORDER } else { ROOT_ORDER };
    let all = context.registry().standard();
    let mut all: Vec<Arc<dyn Ruleset>> =
        all.filter(|one| one.rid().as_str().starts_with(FAMILIAR)).cloned().collect();
    all.sort_by_key(|one| order.iter().position(|rid| *rid == one.rid().as_str()));
    all
}

/// The rulesets that a program sees: those that pico-engine has too, and those installed here.
fn listed(context: &mut Context) -> Result<Vec<Listed>, Fault> {
    let pico = context.pico().clone();
    let urls: Vec<Arc<str>> = pico.rulesets.iter().filter_map(|one| one.url.clone()).collect();
    let metas = stored_metas(context, &urls)?;
    let native = |rid: &Rid, config: Value| {
        let ruleset = context.registry().find(&pico, rid);
        let meta = ruleset.as_ref().map_or(Value::Null, native_meta);
        Listed { rid: rid.clone(), url: standard_url(rid), config, meta }
    };
    let mut all: Vec<Listed> = standard(context)
        .iter()
        .filter(|one| pico.installed(one.rid()).is_none())
        .map(|one| native(one.rid(), json!({})))
        .collect();
    all.extend(pico.rulesets.iter().map(|one| match &one.url {
        Some(url) => Listed {
            rid: one.rid.clone(),
            url: url.to_string(),
            config: one.config.clone(),
            meta: metas.get(&**url).cloned().unwrap_or(Value::Null),
        },
        None => native(&one.rid, one.config.clone()),
    }));
    Ok(all)
}

/// The ids of the rulesets that a program sees, in their order.
pub fn installed_rids(context: &Context) -> Vec<Rid> {
    let pico = context.pico();
    let native = standard(context);
    let native = native.iter().map(|one| one.rid()).filter(|rid| pico.installed(rid).is_none());
    native.chain(pico.rulesets.iter().map(|one| &one.rid)).cloned().collect()
}

/// The rulesets of the pico as `ctx:rulesets` lists them.
pub fn rulesets_json(context: &mut Context) -> Result<Value, Fault> {
    let describe = |one: Listed| json!({ "rid": one.rid, "url": one.url, "config": one.config, "meta": one.meta });
    Ok(listed(context)?.into_iter().map(describe).collect())
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
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Ok(Map::new())
        }
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
