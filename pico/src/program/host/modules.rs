//! Members of modules that are not written in KRL.

use super::{Reply, from_json, http, query, to_fault, to_json};
use crate::context::Context;
use crate::fault::Fault;
use crate::id::Rid;
use crate::modules;
use crate::outside::Outside;
use crate::program::link::Links;
use picomesh_krl::library::{Args, modules as pure};
use picomesh_krl::machine::{Machine, ModuleUse};
use picomesh_krl::value::Value;
use serde_json::json;

/// A member that a program wants.
pub(super) struct Asked<'a> {
    /// The ruleset on whose behalf.
    pub(super) rid: &'a Rid,
    pub(super) domain: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: ModuleUse,
    pub(super) args: &'a Args,
}

pub(super) fn answer(
    context: &mut Context,
    links: &mut Links,
    machine: &mut Machine,
    asked: &Asked,
) -> Result<Reply, Fault> {
    let Asked { rid, domain, name, args, .. } = *asked;
    if domain == "http" {
        return http::answer(context, name, asked.kind, args);
    }
    if domain == "ctx" && name == "query" {
        return query::answer(context, links, machine, args);
    }
    if domain == "ctx" && name.starts_with("rid_") && !matches!(name, "rid_url" | "rid_config") {
        return meta_fact(context, rid, &name[4..]);
    }
    let mut meter = machine.meter().clone();
    if let Some(answer) = pure::call(domain, name, args.clone(), context.now() as f64, &mut meter) {
        machine.set_meter(meter);
        return answer.map(Reply::Value).map_err(to_fault);
    }
    let value = match modules::members(domain) {
        Some(members) => {
            let member = members.iter().find(|member| member.name == name);
            let parameters = member.map_or(&[][..], |member| member.parameters);
            let args = by_name(parameters, args)?;
            let caller = context.core.set_rid(rid);
            let answer = modules::call(context, domain, name, &args);
            context.core.set_rid(&caller);
            answer?
        }
        None => native(context, domain, name, args)?,
    };
    from_json(&value).map(Reply::Value)
}

/// A member of a native module, or of a native ruleset of the pico.
fn native(
    context: &mut Context,
    domain: &str,
    name: &str,
    args: &Args,
) -> Result<serde_json::Value, Fault> {
    let missing = || Fault::type_error(format_args!("{domain}:{name} is not a function"));
    if let Some(module) = context.registry().module(domain) {
        let provided = module.provided(name).ok_or_else(missing)?;
        let args = by_name(provided.parameters, args)?;
        return module.call(name, args.into(), context);
    }
    if let Ok(rid) = Rid::parse(domain)
        && let Some(ruleset) = context.registry().find(context.pico(), &rid)
    {
        let provided = ruleset.provided(name).ok_or_else(missing)?;
        let args = by_name(provided.parameters, args)?;
        return context.call(&rid, name, args.into());
    }
    let body = json!({ "function": name, "args": by_place(args)? });
    context.outside(Outside::Work { kind: domain.into(), body })
}

/// `ctx:rid_name` and its like: what the ruleset's own meta block says.
fn meta_fact(context: &Context, rid: &Rid, key: &str) -> Result<Reply, Fault> {
    let url = context.pico().installed(rid).and_then(|installed| installed.url.clone());
    let source = url.map(|url| context.source(&url)).transpose()?.flatten();
    let meta = source.map(|source| source.meta().clone());
    let text = meta.as_ref().and_then(|meta| meta.get(key)).and_then(|text| text.as_str());
    Ok(Reply::Value(text.map_or(Value::Null, Value::text)))
}

/// Arguments under the names of their parameters. Nothing at all is as good as missing.
pub(super) fn by_name(
    parameters: &[&str],
    args: &Args,
) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
    let mut named = serde_json::Map::new();
    for (name, value) in parameters.iter().zip(&args.positional) {
        if !value.is_undefined() {
            named.insert((*name).to_owned(), to_json(value)?);
        }
    }
    for (name, value) in &args.named {
        if !value.is_undefined() {
            named.insert(name.to_string(), to_json(value)?);
        }
    }
    Ok(named)
}

fn by_place(args: &Args) -> Result<Vec<serde_json::Value>, Fault> {
    args.positional.iter().map(to_json).collect()
}
