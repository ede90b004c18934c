//! What a ruleset says about itself, as `rulesetMeta` of the wrangler tells it.

use picomesh_krl::ast::{ExpressionKind, MetaKind, Ruleset};
use picomesh_krl::compile::Meta;
use serde_json::{Map, Value, json};

/// The meta block as JSON, each kind of entry once, in the order of the source.
pub(super) fn about(ruleset: &Ruleset, meta: &Meta) -> Value {
    let mut about = Map::new();
    for property in ruleset.meta.iter().flatten() {
        match &property.kind {
            MetaKind::Text(_) => {
                let text = match &*property.key.name {
                    "version" => &meta.version,
                    "name" => &meta.name,
                    "description" => &meta.description,
                    _ => &meta.author,
                };
                let text = text.as_deref().map_or(Value::Null, Value::from);
                about.insert(property.key.name.to_string(), text);
            }
            MetaKind::Logging(is_on) => drop(about.insert("logging".into(), json!(is_on))),
            MetaKind::Use { rid, alias, with, .. } => {
                let alias = alias.as_ref().unwrap_or(rid);
                let mut used = json!({
                    "kind": "module",
                    "rid": &*rid.name,
                    "alias": &*alias.name,
                });
                if !with.is_empty() {
                    let names = with.iter().map(|one| Value::from(&*one.name.name));
                    used["with"] = names.collect();
                }
                extend(&mut about, "use", [used]);
            }
            MetaKind::Configure(all) => {
                extend(&mut about, "configure", all.iter().map(|one| (&*one.name.name).into()));
            }
            MetaKind::Provides(names) => {
                extend(&mut about, "provides", names.iter().map(|one| (&*one.name).into()));
            }
            MetaKind::Shares(names) => {
                extend(&mut about, "shares", names.iter().map(|one| (&*one.name).into()));
            }
            // The checker refuses these.
            MetaKind::Key { .. } | MetaKind::ProvidesKeys { .. } | MetaKind::ErrorsTo { .. } => {}
        }
    }
    if let Some(ExpressionKind::String(version)) = ruleset.version.as_ref().map(|one| &one.kind) {
        about.insert("version".into(), Value::from(&**version));
    }
    Value::Object(about)
}

fn extend(about: &mut Map<String, Value>, key: &str, more: impl IntoIterator<Item = Value>) {
    let list = about.entry(key).or_insert_with(|| Value::Array(vec![]));
    if let Value::Array(list) = list {
        list.extend(more);
    }
}
