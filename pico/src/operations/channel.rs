//! Making, changing and deleting channels.

use super::policy::{clean_tags, event_policy, query_policy};
use super::{js_text, truthy};
use crate::channel::Channel;
use crate::context::Context;
use crate::fault::Fault;
use crate::id::Eci;
use serde_json::{Value, json};

/// A channel as rulesets see it.
pub fn channel_json(channel: &Channel) -> Value {
    json!({
        "id": channel.eci,
        "tags": channel.tags,
        "eventPolicy": channel.event_policy,
        "queryPolicy": channel.query_policy,
        "familyChannelPicoID": channel.family,
    })
}

/// All channels as rulesets see them, the oldest first.
pub fn channels_json(context: &Context) -> Result<Value, Fault> {
    Ok(context.all_channels()?.iter().map(channel_json).collect())
}

/// The oldest channel with exactly these tags; `tags` are clean and sorted.
pub fn find_channel(context: &Context, tags: &[&str]) -> Result<Option<Channel>, Fault> {
    let all = context.all_channels()?;
    Ok(all.into_iter().find(|channel| {
        let mut own: Vec<&str> = channel.tags.iter().map(String::as_str).collect();
        own.sort_unstable();
        own == tags
    }))
}

/// Makes a channel.
pub fn new_channel(
    context: &mut Context,
    tags: &Value,
    events: &Value,
    queries: &Value,
) -> Result<Channel, Fault> {
    let tags = if truthy(tags) { clean_tags(tags)? } else { vec![] };
    let (event_policy, query_policy) = (event_policy(events)?, query_policy(queries)?);
    let eci = context.fresh_eci()?;
    let channel = Channel { eci, tags, event_policy, query_policy, did: None, family: None };
    context.channel_put(channel.clone())?;
    Ok(channel)
}

/// Changes what is given of a channel.
pub fn put_channel(
    context: &mut Context,
    eci: Option<&Value>,
    tags: &Value,
    events: &Value,
    queries: &Value,
) -> Result<(), Fault> {
    let mut channel = own(context, eci)?;
    match &channel.family {
        Some(relative) if *relative == context.pico().id => {
            return Err(Fault::thrown("Cannot edit the self channel."));
        }
        // Those of relatives stay as they are, without a complaint.
        Some(_) => return Ok(()),
        None => {}
    }
    if truthy(tags) {
        channel.tags = clean_tags(tags)?;
    }
    if truthy(events) {
        channel.event_policy = event_policy(events)?;
    }
    if truthy(queries) {
        channel.query_policy = query_policy(queries)?;
    }
    context.channel_put(channel)
}

/// Changes the channel with these tags, or makes it.
pub fn upsert_channel(
    context: &mut Context,
    tags: &Value,
    events: &Value,
    queries: &Value,
) -> Result<Channel, Fault> {
    let mut tags = clean_tags(tags)?;
    tags.sort();
    let sorted: Vec<&str> = tags.iter().map(String::as_str).collect();
    match find_channel(context, &sorted)? {
        Some(channel) => {
            put_channel(context, Some(&json!(channel.eci)), &json!(tags), events, queries)?;
            own(context, Some(&json!(channel.eci)))
        }
        None => new_channel(context, &json!(tags), events, queries),
    }
}

/// Deletes a channel.
pub fn delete_channel(context: &mut Context, eci: Option<&Value>) -> Result<(), Fault> {
    let channel = own(context, eci)?;
    if channel.family.is_some() {
        return Err(Fault::thrown("Cannot delete family channels."));
    }
    context.channel_delete(&channel.eci)
}

fn own(context: &Context, eci: Option<&Value>) -> Result<Channel, Fault> {
    let missing = || Fault::thrown(format_args!("ECI not found {}", js_text(eci)));
    let text = eci.and_then(Value::as_str).ok_or_else(missing)?;
    let eci = Eci::parse(text).map_err(|_| missing())?;
    context.channel(&eci)?.ok_or_else(missing)
}
