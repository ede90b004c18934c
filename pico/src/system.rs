//! The ruleset that is on every pico: children, channels, rulesets, schedules.
//!
//! Its rules act for the operator or for another ruleset of the same pico, never for a
//! channel. Absent on purpose: the pico-engine's Wrangler, which is a ruleset above this one.

use crate::channel::{Channel, EventPolicy, QueryPolicy};
use crate::context::Context;
use crate::event::Event;
use crate::family;
use crate::fault::Fault;
use crate::id::{Eci, PicoId, Rid};
use crate::native::Native;
use crate::operations;
use crate::schedule::{PERIOD_SECONDS_MIN, Repeat, SCHEDULES_PER_PICO_MAX, Schedule};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Id of the ruleset.
pub const SYSTEM_RID: &str = "picomesh.pico";
/// Most children that one event creates.
pub const CHILDREN_PER_CALL_MAX: usize = 1000;
/// Longest name of a pico, in bytes.
const NAME_BYTES_MAX: usize = 255;
/// Rows in one page of a listing, unless the caller asks for fewer.
const PAGE_ROWS_MAX: u32 = 1000;

/// The ruleset that is on every pico.
pub fn system() -> Native {
    Native::new(Rid::literal(SYSTEM_RID), "Children, channels, rulesets and schedules.")
        .rule("create_children", "pico", "create_children", create_children)
        .rule("delete_child", "pico", "delete_child", delete_child)
        .rule("rename", "pico", "rename", rename)
        .rule("create_channel", "pico", "create_channel", create_channel)
        .rule("update_channel", "pico", "update_channel", update_channel)
        .rule("delete_channel", "pico", "delete_channel", delete_channel)
        .rule("install_ruleset", "pico", "install_ruleset", install_ruleset)
        .rule("uninstall_ruleset", "pico", "uninstall_ruleset", uninstall_ruleset)
        .rule("schedule", "pico", "schedule", schedule)
        .rule("unschedule", "pico", "unschedule", unschedule)
        .query("children", |context, args| {
            let (after, limit) = page(args)?;
            Ok(json!(context.children(&after, limit)?))
        })
        .query("channels", |context, args| {
            let (after, limit) = page(args)?;
            Ok(json!(context.channels(&after, limit)?))
        })
        .query("channel", |context, args| {
            let eci: Args<Eci> = parse(args, "eci")?;
            Ok(json!(context.channel(&eci.0)?))
        })
        .query("schedules", |context, _| Ok(json!(context.schedules()?)))
        .query("rulesets", rulesets)
}

struct Args<T>(T);

/// One named argument.
fn parse<T: DeserializeOwned>(args: &Map<String, Value>, name: &str) -> Result<Args<T>, Fault> {
    let value = args.get(name).cloned().unwrap_or(Value::Null);
    let refuse = |error| Fault::refused("invalid", format!("{name}: {error}"));
    serde_json::from_value(value).map(Args).map_err(refuse)
}

/// All attributes of an event as one value.
fn attrs<T: DeserializeOwned>(event: &Event) -> Result<T, Fault> {
    if !event.is_own() {
        return Err(Fault::refused("forbidden", "only the operator or a ruleset may do this"));
    }
    let refuse = |error: serde_json::Error| Fault::refused("invalid", error.to_string());
    serde_json::from_value(Value::Object(event.attrs.clone())).map_err(refuse)
}

fn page(args: &Map<String, Value>) -> Result<(String, u32), Fault> {
    let after = parse::<Option<String>>(args, "after")?.0.unwrap_or_default();
    let limit = parse::<Option<u32>>(args, "limit")?.0.unwrap_or(PAGE_ROWS_MAX);
    Ok((after, limit.min(PAGE_ROWS_MAX)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateChildren {
    children: Vec<CreateChild>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateChild {
    name: String,
    #[serde(default = "default_channels")]
    channels: Vec<CreateChannel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateChannel {
    tags: Vec<String>,
    #[serde(default = "EventPolicy::all")]
    event_policy: EventPolicy,
    #[serde(default = "QueryPolicy::all")]
    query_policy: QueryPolicy,
}

/// A child starts with one channel, so that somebody can talk to it.
fn default_channels() -> Vec<CreateChannel> {
    let (event_policy, query_policy) = (EventPolicy::all(), QueryPolicy::all());
    vec![CreateChannel { tags: vec!["default".into()], event_policy, query_policy }]
}

fn create_children(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let CreateChildren { children } = attrs(event)?;
    if children.len() > CHILDREN_PER_CALL_MAX {
        return Err(Fault::Limit { name: "CHILDREN_PER_CALL_MAX" });
    }
    let mut made = Vec::with_capacity(children.len());
    for child in children {
        check_name(&child.name)?;
        let mut rows = operations::pico_rows(context, &child.name)?;
        let channels: Result<Vec<Channel>, Fault> =
            child.channels.into_iter().map(|channel| new_channel(context, channel)).collect();
        let channels = channels?;
        made.push(json!({ "id": rows.id, "name": child.name, "channels": channels }));
        rows.channels.extend(channels);
        operations::add_child(context, rows)?;
    }
    context.directive("children", Value::Array(made));
    Ok(())
}

fn check_name(name: &str) -> Result<(), Fault> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains('\0') {
        return Err(Fault::refused("invalid", "a name has 1 to 255 bytes and no NUL"));
    }
    Ok(())
}

fn new_id<T>(id: Result<T, crate::id::IdError>) -> Result<T, Fault> {
    id.map_err(|error| Fault::Broken(error.to_string()))
}

fn new_channel(context: &mut Context, channel: CreateChannel) -> Result<Channel, Fault> {
    let invalid = |reason| Fault::refused("invalid", reason);
    Ok(Channel {
        eci: new_id(Eci::parse(&context.entropy().secret_id()))?,
        tags: Channel::clean_tags(&channel.tags).map_err(invalid)?,
        event_policy: channel.event_policy,
        query_policy: channel.query_policy,
        did: None,
        family: None,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteChild {
    id: PicoId,
}

fn delete_child(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let DeleteChild { id } = attrs(event)?;
    if !context.is_descendant(&id)? {
        return Err(Fault::not_found("pico below this one"));
    }
    context.pico_delete(&id)?;
    let channel = family::parent_eci(&id)?;
    if context.channel(&channel)?.is_some() {
        context.channel_delete(&channel)?;
    }
    context.directive("deleted", json!({ "id": id }));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

fn rename(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Rename { name } = attrs(event)?;
    check_name(&name)?;
    context.rename(&name)
}

fn create_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let channel = attrs(event)?;
    let channel = new_channel(context, channel)?;
    context.directive("channel", json!(channel));
    context.channel_put(channel)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateChannel {
    eci: Eci,
    tags: Option<Vec<String>>,
    event_policy: Option<EventPolicy>,
    query_policy: Option<QueryPolicy>,
}

fn update_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let update: UpdateChannel = attrs(event)?;
    let Some(mut channel) = context.channel(&update.eci)? else {
        return Err(Fault::not_found("channel"));
    };
    if let Some(tags) = update.tags {
        let invalid = |reason| Fault::refused("invalid", reason);
        channel.tags = Channel::clean_tags(&tags).map_err(invalid)?;
    }
    channel.event_policy = update.event_policy.unwrap_or(channel.event_policy);
    channel.query_policy = update.query_policy.unwrap_or(channel.query_policy);
    context.directive("channel", json!(channel));
    context.channel_put(channel)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteChannel {
    eci: Eci,
}

fn delete_channel(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let DeleteChannel { eci } = attrs(event)?;
    if context.channel(&eci)?.is_none() {
        return Err(Fault::not_found("channel"));
    }
    context.channel_delete(&eci)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Install {
    rid: Rid,
    #[serde(default)]
    config: Value,
}

fn install_ruleset(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Install { rid, config } = attrs(event)?;
    context.install(&rid, config)?;
    context.directive("ruleset", json!({ "rid": rid }));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Uninstall {
    rid: Rid,
}

fn uninstall_ruleset(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Uninstall { rid } = attrs(event)?;
    if !context.pico().rulesets.iter().any(|installed| installed.rid == rid) {
        return Err(Fault::not_found("installed ruleset"));
    }
    context.uninstall(&rid)
}

fn rulesets(context: &mut Context, _args: &Map<String, Value>) -> Result<Value, Fault> {
    let all = context.registry().of(context.pico());
    let describe = all.map(|ruleset| {
        json!({
            "rid": ruleset.rid(),
            "description": ruleset.description(),
            "rules": ruleset.rules(),
            "shares": ruleset.shares(),
        })
    });
    Ok(describe.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScheduleEvent {
    domain: String,
    name: String,
    #[serde(default)]
    attrs: Map<String, Value>,
    /// Unix milliseconds.
    at: Option<i64>,
    every_seconds: Option<u32>,
}

fn schedule(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let wanted: ScheduleEvent = attrs(event)?;
    if context.schedules()?.len() >= SCHEDULES_PER_PICO_MAX {
        return Err(Fault::Limit { name: "SCHEDULES_PER_PICO_MAX" });
    }
    let due_at = match (wanted.at, wanted.every_seconds) {
        (Some(at), _) => at,
        (None, Some(seconds)) => context.now() + i64::from(seconds) * 1000,
        (None, None) => return Err(Fault::refused("invalid", "give at or every_seconds")),
    };
    if wanted.every_seconds.is_some_and(|seconds| seconds < PERIOD_SECONDS_MIN) {
        return Err(Fault::Limit { name: "PERIOD_SECONDS_MIN" });
    }
    let schedule = Schedule {
        id: context.fresh_id(),
        domain: wanted.domain,
        name: wanted.name,
        attrs: wanted.attrs,
        due_at,
        repeat: wanted.every_seconds.map(Repeat::EverySeconds),
        rid: None,
        eci: None,
    };
    context.directive("schedule", json!(schedule));
    context.schedule_put(schedule)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unschedule {
    id: String,
}

fn unschedule(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Unschedule { id } = attrs(event)?;
    if context.schedule(&id)?.is_none() {
        return Err(Fault::not_found("schedule"));
    }
    context.schedule_delete(&id)
}
