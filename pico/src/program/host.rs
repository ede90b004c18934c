//! Answers what programs ask, from the turn.

mod http;
mod modules;
mod query;

use super::link::Links;
use super::to_fault;
use crate::context::Context;
use crate::fault::Fault;
use crate::id::Rid;
use crate::modules::schedule;
use picomesh_krl::ast::LogLevel;
use picomesh_krl::library::{self, Args, Meter, Outcome};
use picomesh_krl::machine::{Machine, Request};
use picomesh_krl::value::{Map, Value, json};
use rand_core::RngCore;

/// An answer to a program.
pub(super) enum Reply {
    Value(Value),
    /// The answer is what this machine comes to.
    Inner(Box<Machine>),
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

/// Answers a request. It is asked again when the fault is one to wait for.
pub(super) fn answer(
    context: &mut Context,
    links: &mut Links,
    machine: &mut Machine,
    request: &Request,
) -> Result<Reply, Fault> {
    let nothing = Ok(Reply::Value(Value::Undefined));
    match request {
        Request::EntityGet { rid, name } => {
            entity(context, &parse(context, rid)?, name, machine).map(Reply::Value)
        }
        Request::EntityPut { rid, name, path, value } => {
            let rid = parse(context, rid)?;
            let value = match path {
                None => value.clone(),
                Some(path) => {
                    let old = entity(context, &rid, name, machine)?;
                    operate("set", vec![old, path.clone(), value.clone()], machine)?
                }
            };
            put_entity(context, &rid, name, &value, machine)?;
            nothing
        }
        Request::EntityClear { rid, name, path } => {
            let rid = parse(context, rid)?;
            let value = match path {
                None => Value::Undefined,
                Some(path) => {
                    let old = entity(context, &rid, name, machine)?;
                    operate("delete", vec![old, path.clone()], machine)?
                }
            };
            put_entity(context, &rid, name, &value, machine)?;
            nothing
        }
        Request::Module { rid, domain, name, kind, args } => {
            let rid = parse(context, rid)?;
            modules::answer(
                context,
                links,
                machine,
                &modules::Asked { rid: &rid, domain, name, kind: *kind, args },
            )
        }
        Request::Directive { name, options, .. } => directive(context, name, options),
        Request::Raise { domain, name, for_rid, attrs, .. } => {
            let attrs = to_object(attrs, "event.data.attrs")?;
            match for_rid.as_deref().map(Rid::parse) {
                Some(Ok(rid)) => context.raise_for(&rid, domain, name, attrs),
                // No ruleset has such an id: nobody takes it in.
                Some(Err(_)) => {}
                None => context.raise(domain, name, attrs),
            }
            nothing
        }
        Request::Schedule { rid, domain, name, attrs, at, repeat } => {
            let rid = parse(context, rid)?;
            let mut args = serde_json::Map::new();
            let eci = context.core.event_eci.as_ref().map(|eci| eci.as_str());
            args.insert("eci".into(), eci.into());
            args.insert("domain".into(), domain.to_string().into());
            args.insert("name".into(), name.to_string().into());
            args.insert("attrs".into(), to_json(attrs)?);
            let (member, when, name) = match (at, repeat) {
                (_, Some(repeat)) => ("repeat", repeat, "timespec"),
                (at, None) => ("at", at.as_ref().unwrap_or(&Value::Null), "time"),
            };
            args.insert(name.into(), to_json(when)?);
            let caller = context.core.set_rid(&rid);
            let scheduled = schedule::call(context, member, &args);
            context.core.set_rid(&caller);
            from_json(&scheduled?).map(Reply::Value)
        }
        Request::Log { level, message, value, .. } => {
            log(context, *level, message.as_deref(), value);
            nothing
        }
        Request::Error { rid, level, value } => {
            let rule = context.rule().to_owned();
            let mut attrs = serde_json::Map::new();
            attrs.insert("level".into(), level_name(*level).into());
            attrs.insert("data".into(), to_json(value)?);
            attrs.insert("rid".into(), rid.to_string().into());
            attrs.insert("rule_name".into(), rule.into());
            attrs.insert("genus".into(), "user".into());
            if *level == LogLevel::Error {
                // What the rule raised before is dropped with what waits.
                context.core.pending.raised.clear();
            }
            let rid = parse(context, rid)?;
            context.raise_for(&rid, "system", "error", attrs);
            nothing
        }
        Request::Random { below } => {
            let number = context.entropy().next_u32() % (*below).max(1);
            Ok(Reply::Value(Value::Number(f64::from(number))))
        }
    }
}

/// The id of a ruleset whose code runs.
fn parse(context: &Context, rid: &str) -> Result<Rid, Fault> {
    match context.rid().as_str() == rid {
        true => Ok(context.rid().clone()),
        false => Rid::parse(rid).map_err(|error| Fault::Broken(error.to_string())),
    }
}

fn entity(context: &Context, rid: &Rid, name: &str, machine: &mut Machine) -> Result<Value, Fault> {
    let Some(bytes) = context.entity_json(rid, name)? else { return Ok(Value::Null) };
    let text = std::str::from_utf8(&bytes).ok();
    let broken = || Fault::Broken(format!("entity variable {name:?} is not JSON"));
    metered(machine, |meter| json::decode(text.ok_or_else(krl_broken)?, meter))?.ok_or_else(broken)
}

fn krl_broken() -> picomesh_krl::fault::Fault {
    picomesh_krl::fault::Fault::Broken("not UTF-8".into())
}

fn put_entity(
    context: &mut Context,
    rid: &Rid,
    name: &str,
    value: &Value,
    machine: &mut Machine,
) -> Result<(), Fault> {
    if value.is_nothing() {
        let caller = context.core.set_rid(rid);
        let deleted = context.delete(name);
        context.core.set_rid(&caller);
        return deleted;
    }
    // What is not JSON is dropped from maps, as it is from what goes out. A function itself has
    // only its text.
    let text = metered(machine, |meter| match json::answer(value, meter)? {
        Some(text) => Ok(text),
        None => json::encode(value, 0, meter),
    })?;
    context.put_json(rid, name, text.into_bytes())
}

/// Runs an operator of the library that calls nothing back.
fn operate(name: &str, args: Vec<Value>, machine: &mut Machine) -> Result<Value, Fault> {
    let broken = || Fault::Broken(format!("no operator {name}"));
    let operator = library::find(name).ok_or_else(broken)?;
    let args = Args { positional: args, named: vec![] };
    match metered(machine, |meter| library::call(operator, args, meter))? {
        Outcome::Value(value) => Ok(value),
        Outcome::Iterate(_) => Err(broken()),
    }
}

/// Lets work for a machine be paid from its meter.
fn metered<T>(
    machine: &mut Machine,
    work: impl FnOnce(&mut Meter) -> Result<T, picomesh_krl::fault::Fault>,
) -> Result<T, Fault> {
    let mut meter = machine.meter().clone();
    let result = work(&mut meter);
    machine.set_meter(meter);
    result.map_err(to_fault)
}

fn directive(context: &mut Context, name: &Value, options: &Value) -> Result<Reply, Fault> {
    let name = name.to_text();
    let options = match options.is_truthy() {
        true => options.clone(),
        false => Value::Map(Map::default()),
    };
    let options_json = to_json(&options)?;
    context.directive(&name, options_json);
    let (rid, rule) = (context.rid().as_str().to_owned(), context.rule().to_owned());
    let meta = Map::new([
        ("rid".into(), Value::text(rid)),
        ("rule_name".into(), Value::text(rule)),
        ("txnId".into(), Value::text(context.core.txn_id.clone())),
    ]);
    let entries = [
        ("type".into(), Value::text("directive")),
        ("name".into(), Value::String(name)),
        ("options".into(), options),
        ("meta".into(), Value::Map(meta.map_err(to_fault)?)),
    ];
    Ok(Reply::Value(Value::Map(Map::new(entries).map_err(to_fault)?)))
}

fn log(context: &Context, level: LogLevel, message: Option<&str>, value: &Value) {
    let value = value.to_text();
    let (pico, rid, rule) = (&context.pico().id, context.rid(), context.rule());
    // What a program says is the owner's business: it is not shown above debug.
    tracing::debug!(%pico, %rid, rule, level = level_name(level), message, value = &*value, "krl");
}

fn level_name(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
    }
}

/// A value of a JSON value.
pub(super) fn from_json(value: &serde_json::Value) -> Result<Value, Fault> {
    json::from_json(value).map_err(to_fault)
}

/// The JSON value of a value; nothing at all is null.
pub(super) fn to_json(value: &Value) -> Result<serde_json::Value, Fault> {
    Ok(answered(value)?.unwrap_or_default())
}

/// The JSON value of a value; `None` for nothing at all.
pub(super) fn answered(value: &Value) -> Result<Option<serde_json::Value>, Fault> {
    json::to_json(value, &mut Meter::default()).map_err(to_fault)
}

/// The attributes of an event or the arguments of a query.
pub(super) fn to_object(
    value: &Value,
    what: &str,
) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    match to_json(value)? {
        serde_json::Value::Object(map) => Ok(map),
        serde_json::Value::Null => Ok(serde_json::Map::new()),
        serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_)
        | serde_json::Value::Array(_) => {
            Err(Fault::thrown(format_args!("Expected a JSON map for {what}")))
        }
    }
}
