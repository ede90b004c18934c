//! `event`: the event that a program takes in, and events to others.

use super::{Args, Member, action, arg, function, property};
use crate::context::Context;
use crate::event::Event;
use crate::fault::Fault;
use crate::operations;
use serde_json::{Map, Value, json};

pub(crate) const MEMBERS: &[Member] = &[
    property("eci"),
    property("domain"),
    property("name"),
    property("attrs"),
    property("eid"),
    property("time"),
    function("attr", &["name"]),
    action("send", &["options", "host"]),
];

/// A member's value, or what it does; `event` is none in a query.
pub(crate) fn call(
    context: &mut Context,
    event: Option<&Event>,
    name: &str,
    args: &Args,
) -> Result<Value, Fault> {
    if name == "send" {
        let empty = Map::new();
        let options = match args.get("options") {
            Some(Value::Object(options)) => options,
            None | Some(Value::Null) => {
                let text = "Cannot read properties of undefined (reading 'eci')";
                return Err(Fault::type_error(text));
            }
            Some(_) => &empty,
        };
        return operations::event_send(context, options, args.get("host"));
    }
    let Some(event) = event else { return Ok(Value::Null) };
    match name {
        "eci" => Ok(event.eci.as_ref().map_or_else(|| "[raise]".into(), |eci| json!(eci))),
        "domain" => Ok(event.domain.as_str().into()),
        "name" => Ok(event.name.as_str().into()),
        "attrs" => Ok(Value::Object(event.attrs.clone())),
        "eid" => Ok(event.id.as_str().into()),
        "time" => Ok(event.at.unwrap_or_else(|| context.now()).into()),
        "attr" => {
            let name = operations::krl_text(arg(args, "name"));
            Ok(event.attrs.get(&name).cloned().unwrap_or(Value::Null))
        }
        _ => Err(Fault::Broken(format!("event:{name} is not here"))),
    }
}
