//! `ctx`: the pico that a program runs on, its channels, children and rulesets.

use super::{Args, Member, action, arg, function, postlude, property};
use crate::context::Context;
use crate::event::{Event, Origin, Query};
use crate::fault::Fault;
use crate::id::{Eci, Rid};
use crate::operations;
use crate::outside::Outside;
use serde_json::{Map, Value, json};

const CHANNEL: &[&str] = &["tags", "eventPolicy", "queryPolicy"];

pub(crate) const MEMBERS: &[Member] = &[
    property("picoId"),
    property("rid"),
    property("rid_url"),
    property("rid_config"),
    property("rid_version"),
    property("rid_name"),
    property("rid_description"),
    property("rid_author"),
    property("parent"),
    property("children"),
    property("channels"),
    property("rulesets"),
    function("query", &["eci", "rid", "name", "args"]),
    function("logs", &[]),
    action("newPico", &["rulesets"]),
    action("delPico", &["eci"]),
    action("newChannel", CHANNEL),
    action("putChannel", &["eci", "tags", "eventPolicy", "queryPolicy"]),
    action("upsertChannel", CHANNEL),
    action("delChannel", &["eci"]),
    action("install", &["url", "config"]),
    action("uninstall", &["rid"]),
    action("flush", &["url"]),
    action("event", &["eci", "domain", "name", "attrs", "host"]),
    action("eventQuery", &["eci", "domain", "name", "attrs", "rid", "queryName", "args"]),
    postlude("raiseEvent", &["domain", "name", "attrs", "forRid"]),
];

/// A member's value, or what it does. Not here: `query`, and the facts of the program's own
/// meta block (`rid_version` and the like), which its host knows.
pub(crate) fn call(context: &mut Context, name: &str, args: &Args) -> Result<Value, Fault> {
    let (tags, events, queries) =
        (arg(args, "tags"), arg(args, "eventPolicy"), arg(args, "queryPolicy"));
    match name {
        "picoId" => Ok(json!(context.pico().id)),
        "rid" => Ok(json!(context.rid())),
        "rid_url" => Ok(rid_url(context)),
        "rid_config" => Ok(context.config().cloned().unwrap_or_else(|| json!({}))),
        "parent" => Ok(json!(operations::own_parent_eci(context)?)),
        "children" => Ok(json!(operations::children_ecis(context)?)),
        "channels" => operations::channels_json(context),
        "rulesets" => operations::rulesets_json(context),
        "logs" => {
            let body = json!({ "pico": context.pico().id });
            context.outside(Outside::Work { kind: "logs".into(), body })
        }
        "newPico" => Ok(json!(operations::new_pico(context, arg(args, "rulesets"))?)),
        "delPico" => operations::delete_pico(context, args.get("eci")).map(nothing),
        "newChannel" => {
            let channel = operations::new_channel(context, tags, events, queries)?;
            Ok(operations::channel_json(&channel))
        }
        "putChannel" => {
            operations::put_channel(context, args.get("eci"), tags, events, queries).map(nothing)
        }
        "upsertChannel" => {
            operations::upsert_channel(context, tags, events, queries)?;
            Ok(Value::Null)
        }
        "delChannel" => operations::delete_channel(context, args.get("eci")).map(nothing),
        "install" => Ok(json!(operations::install(context, args.get("url"), args.get("config"))?)),
        "uninstall" => operations::uninstall(context, args.get("rid")).map(nothing),
        "flush" => operations::flush(context, args.get("url")).map(|_| Value::Null),
        "event" => {
            let eci = filled(arg(args, "eci"), "event.eci")?;
            let (domain, name) = (arg(args, "domain"), arg(args, "name"));
            operations::event_to(context, &eci, domain, name, args.get("attrs"), args.get("host"))
        }
        "eventQuery" => event_query(context, args),
        "raiseEvent" => raise(context, args),
        _ => Err(Fault::Broken(format!("ctx:{name} is not here"))),
    }
}

fn nothing((): ()) -> Value {
    Value::Null
}

fn rid_url(context: &Context) -> Value {
    let installed = context.pico().installed(context.rid());
    match installed.and_then(|installed| installed.url.as_deref()) {
        Some(url) => url.into(),
        None => operations::standard_url(context.rid()).into(),
    }
}

/// Text that is not blank, without blanks around it.
fn filled(value: &Value, what: &str) -> Result<String, Fault> {
    match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.into()),
        _ => Err(Fault::thrown(format_args!("missing {what}"))),
    }
}

fn map(value: &Value, what: &str) -> Result<Map<String, Value>, Fault> {
    match value {
        Value::Object(map) => Ok(map.clone()),
        Value::Null => Ok(Map::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Fault::thrown(format_args!("Expected a JSON map for {what}")))
        }
    }
}

/// An event to another pico and, once it is durable there, a query.
fn event_query(context: &mut Context, args: &Args) -> Result<Value, Fault> {
    let eci = filled(arg(args, "eci"), "event.eci")?;
    let event = Event {
        id: context.fresh_id(),
        domain: filled(arg(args, "domain"), "event.domain")?,
        name: filled(arg(args, "name"), "event.name")?,
        attrs: map(arg(args, "attrs"), "event.data.attrs")?,
        origin: Origin::Pico(context.pico().id.clone()),
        eci: Eci::parse(&eci).ok(),
        once: None,
        for_rid: None,
        at: None,
    };
    let rid = filled(arg(args, "rid"), "query.rid")?;
    let query = Query {
        rid: Rid::parse(&rid)
            .map_err(|_| Fault::thrown(format_args!("Pico doesn't have {rid} installed.")))?,
        name: filled(arg(args, "queryName"), "query.name")?,
        args: map(arg(args, "args"), "query.args")?,
    };
    context.outside(Outside::Event { eci: eci.clone(), event: Box::new(event) })?;
    context.outside(Outside::Query { eci, query })
}

fn raise(context: &mut Context, args: &Args) -> Result<Value, Fault> {
    let domain = filled(arg(args, "domain"), "event.domain")?;
    let name = filled(arg(args, "name"), "event.name")?;
    let attrs = map(arg(args, "attrs"), "event.data.attrs")?;
    match arg(args, "forRid").as_str().map(Rid::parse) {
        Some(Ok(rid)) => context.raise_for(&rid, &domain, &name, attrs),
        // No ruleset has such an id: nobody takes it in.
        Some(Err(_)) => {}
        None => context.raise(&domain, &name, attrs),
    }
    Ok(Value::Null)
}
