//! `io.picolabs.pds`: data of a pico that all its rulesets share.
//!
//! Source: the ruleset of that name in pico-engine 1.4. One entity variable each for the data
//! by namespace, the profile, and the settings of rulesets by their ids.

use super::attributes::{Attrs, get, given, member, with};
use super::{PDS, WRANGLER, child, offer};
use chrono::DateTime;
use picomesh_pico::operations::{find_channel, krl_text};
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use serde_json::{Map, Value, json};

/// The entity variable of the profile.
pub(super) const PROFILE: &str = "profile";
/// The entity variable of the data by namespace.
const GENERAL: &str = "general";
/// The entity variable of the settings by ruleset.
const SETTINGS: &str = "settings";
/// A face in outline, drawn in 64 by 64.
const PHOTO: &str = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' \
viewBox='0 0 64 64'><rect width='64' height='64' fill='%23e8eaed'/><circle cx='32' cy='24' r='12' \
fill='%23889'/><path d='M10 60a22 18 0 0 1 44 0z' fill='%23889'/></svg>";

/// The ruleset.
pub(super) fn ruleset() -> Native {
    functions(rules(
        Native::new(Rid::literal(PDS), "Data of the pico that all its rulesets share.")
            .name("PDS")
            .uses(&[(WRANGLER, "wrangler")]),
    ))
}

fn rules(native: Native) -> Native {
    const ITEM: &[&str] = &["namespace", "key", "value"];
    const SETTING: &[&str] = &["name", "keyed_rid", "schema", "data_key", "value"];
    native
        .rule_with("add_item", "pds", "new_data_available", ITEM, add_item)
        .rule_with("update_item", "pds", "updated_data_available", ITEM, update_item)
        .rule_with("remove_item", "pds", "remove_old_data", &["namespace", "key"], remove_item)
        .rule_with("remove_namespace", "pds", "remove_namespace", &["namespace"], remove_namespace)
        .rule_with("itemed_mapped", "pds", "map_item", &["namespace", "mapvalues"], map_item)
        .rule("update_profile", "pds", "updated_profile", update_profile)
        .rule_with("settings_added", "pds", "add_settings", SETTING, add_settings)
        .rule_with("create_pds_channel", "wrangler", "ruleset_installed", &["rids"], create_channel)
        .rule_with("seed_profile_name", "wrangler", "ruleset_installed", &["rids"], seed_profile)
        .rule("clearPDS", "pds", "clear_all_data", |context, _| {
            [GENERAL, PROFILE, SETTINGS].iter().try_for_each(|name| context.delete(name))
        })
}

fn functions(native: Native) -> Native {
    let native = offer(native, "items", &["namespace", "key"], items);
    let native = offer(native, "get_keys", &["namespace"], |context, args| {
        let general = load(context, GENERAL)?;
        Ok(keys(step(&general, get(args, "namespace"))))
    });
    let native = offer(native, PROFILE, &["key"], |context, args| {
        let profile = load(context, PROFILE)?;
        let found = match get(args, "key") {
            Value::Null => &profile,
            key @ Value::Bool(_)
            | key @ Value::Number(_)
            | key @ Value::String(_)
            | key @ Value::Array(_)
            | key @ Value::Object(_) => step(&profile, key),
        };
        Ok(json!({ "status": "success", "profile": found }))
    });
    let native = offer(native, SETTINGS, &["Rid", "Key", "detail"], settings);
    let native = offer(native, "get_config_value", &["setKey"], config_value);
    let native = offer(native, "get_setting_data_value", &["setRID", "setKey"], |context, args| {
        let settings = load(context, SETTINGS)?;
        let data = member(step(&settings, get(args, "setRID")), "data");
        Ok(step(data, get(args, "setKey")).clone())
    });
    let native = offer(native, "config_value", &["setKey"], config_value);
    let native = offer(native, "settings_names", &[], settings_names);
    offer(native, "getChannelEci", &[], |context, _| {
        Ok(json!(find_channel(context, &["pds"])?.map(|channel| channel.eci)))
    })
}

/// The profile of a pico that has just got its name.
pub(super) fn first_profile(name: &str, now: i64) -> Value {
    Value::Object(profile(&with(&Map::new(), [("name", name.into())]), &Value::Null, now))
}

/// A profile with what is new of it, and the rest as it was.
fn profile(new: &Attrs, old: &Value, now: i64) -> Attrs {
    let unknown = json!({ "name": "", "description": "", "photo": PHOTO });
    let old = if old.is_null() { &unknown } else { old };
    let mut made = new.clone();
    for key in ["name", "description", "photo", "email", "phone"] {
        let value = match get(new, key) {
            Value::Null => member(old, key),
            value @ Value::Bool(_)
            | value @ Value::Number(_)
            | value @ Value::String(_)
            | value @ Value::Array(_)
            | value @ Value::Object(_) => value,
        };
        made.insert(key.into(), value.clone());
    }
    let time = DateTime::from_timestamp_millis(now).unwrap_or_default();
    let time = Value::from(time.format("%Y%m%dT%H%M%S%z").to_string());
    let created = given_member(old, "_created").unwrap_or_else(|| time.clone());
    made.insert("_created".into(), created);
    made.insert("_modified".into(), time);
    made
}

fn given_member(value: &Value, name: &str) -> Option<Value> {
    value.as_object().and_then(|map| given(map, name)).cloned()
}

/// An entity variable; null when there is none.
fn load(context: &Context, name: &str) -> Result<Value, Fault> {
    Ok(context.entity(name)?.unwrap_or(Value::Null))
}

/// What lies in a map or a list under a key; null when nothing does.
fn step<'v>(value: &'v Value, key: &Value) -> &'v Value {
    match value {
        Value::Array(items) => {
            let index = krl_text(key).parse::<usize>().ok();
            index.and_then(|index| items.get(index)).unwrap_or(&Value::Null)
        }
        other @ Value::Null
        | other @ Value::Bool(_)
        | other @ Value::Number(_)
        | other @ Value::String(_)
        | other @ Value::Object(_) => member(other, &krl_text(key)),
    }
}

fn keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json!([]),
    }
}

/// Puts a value under a path of keys, with maps where there are none yet.
fn put(value: &mut Value, path: &[String], new: Value) {
    let mut at = value;
    for key in path {
        if !at.is_object() {
            *at = json!({});
        }
        let Value::Object(map) = at else { return };
        at = map.entry(key.clone()).or_insert(Value::Null);
    }
    *at = new;
}

/// Removes what lies under a path of keys.
fn remove(value: &mut Value, path: &[String]) {
    let Some((last, path)) = path.split_last() else { return };
    let mut at = value;
    for key in path {
        match at.get_mut(key) {
            Some(next) => at = next,
            None => return,
        }
    }
    if let Value::Object(map) = at {
        map.shift_remove(last);
    }
}

/// An attribute as a key; what is missing is the empty key.
fn key(event: &Event, name: &str) -> String {
    match get(&event.attrs, name) {
        Value::Null => String::new(),
        value @ Value::Bool(_)
        | value @ Value::Number(_)
        | value @ Value::String(_)
        | value @ Value::Array(_)
        | value @ Value::Object(_) => krl_text(value),
    }
}

fn or_empty(event: &Event, name: &str) -> Value {
    match get(&event.attrs, name) {
        Value::Null => "".into(),
        value @ Value::Bool(_)
        | value @ Value::Number(_)
        | value @ Value::String(_)
        | value @ Value::Array(_)
        | value @ Value::Object(_) => value.clone(),
    }
}

/// Tells of a change of the data, with the attributes as they came.
fn tell(context: &mut Context, event: &Event, name: &str) {
    let attrs = [("namespace", or_empty(event, "namespace")), ("keyvalue", or_empty(event, "key"))];
    context.raise("pds", name, with(&Map::new(), attrs));
}

fn add_item(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let mut general = load(context, GENERAL)?;
    let path = [key(event, "namespace"), key(event, "key")];
    put(&mut general, &path, or_empty(event, "value"));
    context.put(GENERAL, &general)?;
    tell(context, event, "data_added");
    Ok(())
}

fn update_item(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let news: Vec<(String, Value)> = match get(&event.attrs, "value") {
        Value::Object(map) => map.iter().map(|(key, new)| (key.clone(), new.clone())).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, new)| (at.to_string(), new.clone())).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(()),
    };
    let mut general = load(context, GENERAL)?;
    for (name, new) in news {
        let path = [key(event, "namespace"), key(event, "key"), name];
        put(&mut general, &path, new);
        tell(context, event, "data_updated");
    }
    context.put(GENERAL, &general)
}

fn remove_item(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let mut general = load(context, GENERAL)?;
    remove(&mut general, &[key(event, "namespace"), key(event, "key")]);
    keep(context, &general)?;
    tell(context, event, "data_deleted");
    Ok(())
}

fn remove_namespace(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let mut general = load(context, GENERAL)?;
    remove(&mut general, &[key(event, "namespace")]);
    keep(context, &general)?;
    let attrs = with(&Map::new(), [("namespace", or_empty(event, "namespace"))]);
    context.raise("pds", "namespace_deleted", attrs);
    Ok(())
}

fn keep(context: &mut Context, general: &Value) -> Result<(), Fault> {
    if general.is_null() { Ok(()) } else { context.put(GENERAL, general) }
}

fn map_item(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let values = match or_empty(event, "mapvalues") {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        values @ Value::Null
        | values @ Value::Bool(_)
        | values @ Value::Number(_)
        | values @ Value::Array(_)
        | values @ Value::Object(_) => values,
    };
    let mut general = load(context, GENERAL)?;
    put(&mut general, &[key(event, "namespace")], values.clone());
    context.put(GENERAL, &general)?;
    let attrs = [("namespace", or_empty(event, "namespace")), ("mapvalues", values)];
    context.raise("pds", "new_map_added", with(&Map::new(), attrs));
    Ok(())
}

fn update_profile(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let status = if event.attrs.is_empty() {
        "failure"
    } else {
        let old = load(context, PROFILE)?;
        let new = profile(&event.attrs, &old, context.now());
        context.put(PROFILE, &new)?;
        "success"
    };
    let attrs = with(&event.attrs, [("_status", status.into())]);
    context.raise("pds", "profile_updated", attrs);
    Ok(())
}

fn add_settings(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let attr = |name| match get(&event.attrs, name) {
        Value::Null => Value::from(0),
        value @ Value::Bool(_)
        | value @ Value::Number(_)
        | value @ Value::String(_)
        | value @ Value::Array(_)
        | value @ Value::Object(_) => value.clone(),
    };
    let rid = krl_text(&attr("keyed_rid"));
    let mut settings = load(context, SETTINGS)?;
    put(&mut settings, &[rid.clone(), "name".into()], attr("name"));
    put(&mut settings, &[rid.clone(), "rid".into()], attr("keyed_rid"));
    if let Some(schema) = given(&event.attrs, "schema") {
        put(&mut settings, &[rid.clone(), "schema".into()], schema.clone());
    }
    if let Some(key) = given(&event.attrs, "data_key") {
        put(&mut settings, &[rid, "data".into(), krl_text(key)], attr("value"));
    }
    context.put(SETTINGS, &settings)?;
    context.raise("pds", "settings_added", event.attrs.clone());
    Ok(())
}

/// Whether the event tells of the installation of this ruleset.
fn is_installation(event: &Event, rid: &str) -> bool {
    let rids = get(&event.attrs, "rids").as_array();
    rids.is_some_and(|rids| rids.iter().any(|one| one == rid))
}

fn create_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    if !is_installation(event, PDS) || find_channel(context, &["pds"])?.is_some() {
        return Ok(());
    }
    let eci = context.fresh_eci()?;
    context.channel_put(child::pds_channel(eci))
}

fn seed_profile(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let name = super::wrangler::name(context);
    let profile = load(context, PROFILE)?;
    let known = member(&profile, "name");
    if is_installation(event, PDS) && !name.is_null() && (known.is_null() || known == "") {
        context.raise("pds", "updated_profile", with(&Map::new(), [("name", name)]));
    }
    Ok(())
}

fn items(context: &mut Context, args: &Attrs) -> Result<Value, Fault> {
    let general = load(context, GENERAL)?;
    let (namespace, key) = (get(args, "namespace"), get(args, "key"));
    let found = match (namespace, key) {
        (Value::Null, Value::Null) => &general,
        (namespace, Value::Null) => step(&general, namespace),
        (namespace, key) => step(step(&general, namespace), key),
    };
    let status = if namespace.is_null() { "failed" } else { "success" };
    Ok(json!({ "status": status, "general": found }))
}

fn settings(context: &mut Context, args: &Attrs) -> Result<Value, Fault> {
    let settings = load(context, SETTINGS)?;
    let arg = |name| get(args, name);
    let found = match (arg("Rid"), arg("Key"), arg("detail")) {
        (Value::Null, _, _) => &settings,
        (rid, Value::Null, _) => step(&settings, rid),
        (rid, key, Value::Null) => step(step(&settings, rid), key),
        (rid, _, detail) => step(member(step(&settings, rid), "data"), detail),
    };
    Ok(json!({ "status": "success", "settings": found }))
}

/// A setting of the ruleset that asks.
fn config_value(context: &mut Context, args: &Attrs) -> Result<Value, Fault> {
    let settings = load(context, SETTINGS)?;
    let Some(caller) = context.caller() else { return Ok(Value::Null) };
    let data = member(member(&settings, caller.as_str()), "data");
    Ok(step(data, get(args, "setKey")).clone())
}

fn settings_names(context: &mut Context, _args: &Attrs) -> Result<Value, Fault> {
    let settings = load(context, SETTINGS)?;
    let all = settings.as_object().into_iter().flatten();
    let describe =
        |(rid, one): (&String, &Value)| json!({ "setRID": rid, "setName": member(one, "name") });
    Ok(all.map(describe).collect())
}
