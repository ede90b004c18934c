//! The log of a pico, one entry for each event or query that it took in.

use super::super::attributes::{member, without};
use picomesh_pico::operations::krl_text;
use picomesh_pico::{Context, Fault, Outside};
use serde_json::{Map, Value, json};

/// What is queued when an event or a query arrives.
const QUEUED: &str = "txnQueued";
/// What is written when an event is handed to a ruleset.
const SCHEDULED: &str = "event added to schedule";
/// The developer's pages ask these again and again: they are not shown.
const HIDDEN: [&str; 2] = ["io.picolabs.pico-engine-ui/", "io.picolabs.subscription/established"];

/// The lines of the log, gathered by what caused them; the newest first.
pub(super) fn logs(context: &mut Context) -> Result<Value, Fault> {
    let body = json!({ "pico": context.pico().id });
    let lines = context.outside(Outside::Work { kind: "logs".into(), body })?;
    let mut episodes: Map<String, Value> = Map::new();
    for line in lines.as_array().into_iter().flatten() {
        let id = krl_text(member(line, "txnId"));
        let episode = episodes.entry(id).or_insert_with(|| json!([]));
        if let Value::Array(episode) = episode {
            episode.push(line.clone());
        }
    }
    let shown = episodes.into_iter().rev().filter_map(|(id, lines)| episode(&id, &lines));
    Ok(shown.collect())
}

fn episode(id: &str, lines: &Value) -> Option<Value> {
    let lines = lines.as_array()?;
    let mut entries: Vec<String> = vec![];
    let mut before: Option<String> = None;
    for line in lines {
        let event = (member(line, "msg") == SCHEDULED).then(|| {
            let event = member(line, "event");
            format!("{}:{}", krl_text(member(event, "domain")), krl_text(member(event, "name")))
        });
        // One event goes to every ruleset: one line says so.
        if event.is_none() || event != before {
            entries.push(text(line));
        }
        before = event;
    }
    let separator = format!(" {QUEUED} ");
    let header = entries.first()?.split_once(&separator).map(|(_, header)| header.to_owned());
    let is_hidden = |header: &String| {
        header.starts_with("QUERY ") && HIDDEN.iter().any(|hidden| header.contains(hidden))
    };
    if header.as_ref().is_some_and(is_hidden) {
        return None;
    }
    let time = member(lines.first()?, "time");
    Some(json!({ "txnId": id, "time": time, "header": header, "entries": entries }))
}

fn text(line: &Value) -> String {
    let time = krl_text(member(line, "time"));
    let time = time.split('T').nth(1).unwrap_or_default();
    let (level, message) = (krl_text(member(line, "level")), krl_text(member(line, "msg")));
    format!("{time} [{}] {message} {}", level.to_uppercase(), details(line, &message))
}

fn details(line: &Value, message: &str) -> String {
    match message {
        QUEUED => first(line),
        SCHEDULED => member(line, "event").to_string(),
        "rule selected" => {
            let (rid, rule) = (member(line, "rid"), member(line, "rule_name"));
            format!("{} : {}", krl_text(rid), krl_text(rule))
        }
        _ if member(line, "level") == "klog" => member(line, "val").to_string(),
        _ if message.ends_with("fired") => String::new(),
        _ => other(line),
    }
}

fn first(line: &Value) -> String {
    let transaction = member(line, "txn");
    match member(transaction, "kind").as_str() {
        Some("query") => {
            let query = member(transaction, "query");
            let (eci, rid) = (member(query, "eci"), member(query, "rid"));
            let (name, args) = (member(query, "name"), plain(member(query, "args")));
            format!("QUERY {} {}/{} {args}", krl_text(eci), krl_text(rid), krl_text(name))
        }
        Some("event") => {
            let event = member(transaction, "event");
            let (eci, domain) = (member(event, "eci"), member(event, "domain"));
            let attrs = plain(member(member(event, "data"), "attrs"));
            let name = member(event, "name");
            format!("EVENT {} {}:{} {attrs}", krl_text(eci), krl_text(domain), krl_text(name))
        }
        _ => other(line),
    }
}

/// Attributes without the headers of the request that they came in.
fn plain(attrs: &Value) -> String {
    match attrs {
        Value::Object(attrs) => Value::Object(without(attrs, "_headers")).to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            "{}".into()
        }
    }
}

fn other(line: &Value) -> String {
    let Value::Object(line) = line else { return line.to_string() };
    let mut line = line.clone();
    for known in ["time", "level", "msg", "txnId"] {
        line.shift_remove(known);
    }
    Value::Object(line).to_string()
}
