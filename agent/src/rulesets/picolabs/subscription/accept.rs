//! Proposals that the pico approves by itself.

use super::super::attributes::{Attrs, get, given, member};
use picomesh_krl::library::Meter;
use picomesh_krl::regex::RegExp;
use picomesh_pico::operations::krl_text;
use picomesh_pico::{Context, Event, Fault, Native};
use serde_json::{Value, json};

/// The entity variable that holds what is approved, by name.
const CONFIG: &str = "autoAcceptConfig";
/// Work that one pattern may make on one attribute.
const PATTERN_FUEL: u64 = 1_000_000;
/// Memory that one pattern may take, in bytes.
const PATTERN_HEAP_BYTES: usize = 8 << 20;

pub(super) fn rules(native: Native) -> Native {
    native.rule("autoAccept", "wrangler", "inbound_pending_subscription_added", accept).rule(
        "autoAcceptConfigUpdate",
        "wrangler",
        "autoAcceptConfigUpdate",
        update,
    )
}

/// What is approved, by name: `{configName, password, entries: {attribute: [pattern]}}`.
pub(super) fn config(context: &Context) -> Result<Attrs, Fault> {
    Ok(context.entity(CONFIG)?.unwrap_or_default())
}

fn accept(context: &mut Context, event: &Event) -> Result<(), Fault> {
    for one in config(context)?.values() {
        if fits(one, &event.attrs)? {
            context.raise("wrangler", "pending_subscription_approval", event.attrs.clone());
            let name = "auto_accepted_subscription_request";
            context.raise("wrangler", name, event.attrs.clone());
            return Ok(());
        }
    }
    Ok(())
}

/// Whether some pattern matches some attribute.
fn fits(config: &Value, attrs: &Attrs) -> Result<bool, Fault> {
    let Some(entries) = member(config, "entries").as_object() else { return Ok(false) };
    for (name, patterns) in entries {
        let value = get(attrs, name);
        if value.is_null() {
            continue;
        }
        let text = krl_text(value);
        for pattern in patterns.as_array().into_iter().flatten() {
            if matches_pattern(&krl_text(pattern), &text)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn update(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let given_config = match get(&event.attrs, "config") {
        Value::Null => {
            let entries = match get(&event.attrs, "regexMap") {
                Value::String(text) => {
                    serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
                }
                other @ Value::Null
                | other @ Value::Bool(_)
                | other @ Value::Number(_)
                | other @ Value::Array(_)
                | other @ Value::Object(_) => other.clone(),
            };
            json!({
                "configName": get(&event.attrs, "configName"),
                "password": get(&event.attrs, "password"),
                "entries": entries,
            })
        }
        config @ Value::Bool(_)
        | config @ Value::Number(_)
        | config @ Value::String(_)
        | config @ Value::Array(_)
        | config @ Value::Object(_) => config.clone(),
    };
    let name = member(&given_config, "configName");
    if !picomesh_pico::operations::truthy(name) {
        context.raise("wrangler", "autoAcceptConfigUpdate_failure", event.attrs.clone());
        return Ok(());
    }
    let name = krl_text(name);
    let mut all = config(context)?;
    match given(&event.attrs, "delete") {
        Some(_) => drop(all.shift_remove(&name)),
        None => drop(all.insert(name, given_config)),
    }
    context.put(CONFIG, &all)?;
    context.raise("wrangler", "auto_accept_config_updated", event.attrs.clone());
    Ok(())
}

/// Whether a text matches a pattern in JavaScript's dialect; one that is none matches nothing.
fn matches_pattern(pattern: &str, text: &str) -> Result<bool, Fault> {
    let Ok(pattern) = RegExp::new(pattern, "") else { return Ok(false) };
    let mut meter = Meter { fuel: PATTERN_FUEL, allocated: 0, heap_max: PATTERN_HEAP_BYTES };
    let found = pattern.exec(text, 0, &mut meter);
    Ok(found.map_err(|_| Fault::Limit { name: "PATTERN_FUEL" })?.is_some())
}
