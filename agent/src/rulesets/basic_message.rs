//! Basic Message in a pico: texts that came and went, the newest of them kept.
//!
//! Command: `basic_message:send {connection, content}`. Raises `basic_message:received` with the
//! text as it is kept.

use super::command::{self, ROWS_DEFAULT};
use super::connection;
use super::ring;
use super::wire::{self, Inbound};
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault, Native, Rid, SCAN_ROWS_MAX};
use picomesh_protocols::basic_message::BasicMessage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Id of the ruleset.
pub(super) const RID: &str = "picomesh.basic-message";
/// Texts that a pico keeps; with one more, the oldest is forgotten.
const MESSAGES_MAX: u64 = 10_000;
/// Pages of the store that one filtered listing reads at most.
const PAGES_MAX: usize = 20;

/// The ruleset.
pub(super) fn ruleset() -> Native {
    Native::new(Rid::literal(RID), "Takes texts in and sends them.")
        .rule("receive", "didcomm_basicmessage", "message", receive)
        .rule("send", "basic_message", "send", send)
        .query("messages", messages)
}

/// A text as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    id: String,
    connection: String,
    /// `received` or `sent`.
    direction: String,
    content: String,
    /// What the sender says, seconds since 1970.
    sent_time: Option<u64>,
    locale: Option<String>,
    /// Unix milliseconds.
    at: i64,
}

fn receive(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let connection = inbound.connection()?;
    let message = BasicMessage::read(&inbound.message);
    let message = message.map_err(|error| wire::refusal(&error, inbound.message.version))?;
    let kept = keep(context, &connection.id, "received", message)?;
    context.raise("basic_message", "received", command::object(json!(kept)));
    Ok(())
}

fn keep(
    context: &mut Context,
    connection: &str,
    direction: &str,
    message: BasicMessage,
) -> Result<Kept, Fault> {
    let id = context.fresh_id();
    if let Some(oldest) = ring::push(context, "messages", MESSAGES_MAX, &id)? {
        context.delete(&format!("message/{oldest}"))?;
    }
    let kept = Kept {
        connection: connection.to_owned(),
        direction: direction.to_owned(),
        content: message.content,
        sent_time: message.sent_time,
        locale: message.locale,
        at: context.now(),
        id,
    };
    context.put(&format!("message/{}", kept.id), &kept)?;
    Ok(kept)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    connection: String,
    content: String,
    #[serde(default)]
    locale: Option<String>,
}

fn send(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let Send { connection, content, locale } = command::own(event)?;
    let connection = connection::by_id(context, &connection)?;
    let version = if connection.generation == 1 { Version::V1 } else { Version::V2 };
    let sent_time = u64::try_from(context.now() / 1000).ok();
    let message = BasicMessage { content, sent_time, locale };
    let id = context.fresh_uuid();
    wire::send(context, &connection, message.to_message(version, id))?;
    let kept = keep(context, &connection.id, "sent", message)?;
    context.directive("message", json!(kept));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
    #[serde(default)]
    connection: Option<String>,
}

/// The query `messages`: texts by time, those of one connection if one is given.
fn messages(context: &mut Context, args: &Map<String, Value>) -> Result<Value, Fault> {
    let listing: Listing = command::arguments(args)?;
    let limit = listing.limit.unwrap_or(ROWS_DEFAULT).clamp(1, SCAN_ROWS_MAX);
    let mut after = listing.after.map_or_else(String::new, |after| format!("message/{after}"));
    let mut found = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = context.scan::<Kept>("message/", &after, limit)?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        let fits = |one: &Kept| listing.connection.as_ref().is_none_or(|c| *c == one.connection);
        found.extend(page.into_iter().map(|(_, one)| one).filter(fits));
        if found.len() >= limit as usize || listing.connection.is_none() {
            break;
        }
    }
    found.truncate(limit as usize);
    Ok(json!(found))
}
