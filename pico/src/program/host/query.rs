//! `ctx:query`: to another pico by one of its channels, or to this one.
//!
//! A query to the pico itself is answered within the turn, from the turn's own state; it may
//! not write. Others are asked from outside.

use super::modules::by_name;
use super::{Reply, from_json};
use crate::context::Context;
use crate::event::Query;
use crate::fault::Fault;
use crate::id::{Eci, Rid};
use crate::outside::Outside;
use crate::program::Ask;
use crate::program::link::{Links, Member, RunOrMember};
use picomesh_krl::library::Args;
use picomesh_krl::machine::Machine;
use picomesh_krl::value;
use serde_json::Value;

pub(super) fn answer(
    context: &mut Context,
    links: &mut Links,
    machine: &mut Machine,
    args: &Args,
) -> Result<Reply, Fault> {
    let args = by_name(&["eci", "rid", "name", "args"], args)?;
    let filled = |name: &str| match args.get(name).and_then(Value::as_str).map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(Fault::thrown(format_args!("missing query.{name}"))),
    };
    let eci = filled("eci")?;
    let (rid, name) = (filled("rid")?, filled("name")?);
    let not_installed = || Fault::thrown(format_args!("Pico doesn't have {rid} installed."));
    let rid = Rid::parse(&rid).map_err(|_| not_installed())?;
    let args = match args.get("args") {
        Some(Value::Object(args)) => args.clone(),
        _ => serde_json::Map::new(),
    };
    let query = Query { rid, name, args };
    let own = match Eci::parse(&eci) {
        Ok(eci) => context.channel(&eci)?,
        Err(_) => None,
    };
    let Some(channel) = own else {
        let answer = context.outside_or_nothing(Outside::Query { eci, query })?;
        let answer = answer.map_or(Ok(value::Value::Undefined), |answer| from_json(&answer))?;
        return Ok(Reply::Value(answer));
    };
    if channel.family.as_ref().is_some_and(|relative| *relative != context.pico().id) {
        return Err(Fault::thrown(crate::PolicyRefusal::Family));
    }
    let checked = channel.query_policy.check(query.rid.as_str(), &query.name);
    checked.map_err(Fault::thrown)?;
    own_answer(context, links, machine, &query)
}

fn own_answer(
    context: &mut Context,
    links: &mut Links,
    machine: &mut Machine,
    query: &Query,
) -> Result<Reply, Fault> {
    let mut linking = None;
    match links.member(context, &mut linking, &query.rid)? {
        RunOrMember::Member(Member::Native(ruleset)) => {
            let caller = context.core.set_rid(&query.rid);
            let may_write = std::mem::replace(&mut context.core.may_write, false);
            let answer = ruleset.query(&query.name, &query.args, context);
            context.core.may_write = may_write;
            context.core.set_rid(&caller);
            from_json(&answer?).map(Reply::Value)
        }
        RunOrMember::Member(Member::Program(linked)) => {
            let meter = machine.meter().clone();
            Ask::machine(context, links, &linked, query, meter)
                .map(|machine| Reply::Inner(Box::new(machine)))
        }
        // A ruleset that was not linked before cannot be linked within a request.
        RunOrMember::Pause => Err(Fault::thrown(format_args!("{} is starting", query.rid))),
        RunOrMember::None => {
            Err(Fault::thrown(format_args!("Pico doesn't have {} installed.", query.rid)))
        }
    }
}
