//! Trust Ping in a pico: answers pings of connections, and sends pings of our own.
//!
//! Command: `trust_ping:send {connection, comment?, response_requested?}`. Raises
//! `trust_ping:responded {connection, thid, milliseconds}`.

use super::command;
use super::connection;
use super::wire::{self, Inbound};
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use picomesh_protocols::trust_ping::{self, Effect, Input, Ping, Sender};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Id of the ruleset.
pub(super) const RID: &str = "picomesh.trust-ping";
/// Pings whose response is awaited; with one more, the oldest is given up.
const AWAITED_MAX: u64 = 1000;

/// The ruleset.
pub(super) fn ruleset() -> Native {
    Native::new(Rid::literal(RID), "Answers pings and sends them.")
        .rule("answer", "didcomm_trust_ping", "ping", answer)
        .rule("response", "didcomm_trust_ping", "ping_response", responded)
        .rule("send", "trust_ping", "send", send)
        .query("pings", pings)
}

/// A ping of ours whose response is awaited.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Awaited {
    connection: String,
    thid: String,
    sent_at: i64,
    state: Sender,
}

/// What remains of pings that are over.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tally {
    sent: u64,
    answered: u64,
    last: Option<Value>,
}

fn answer(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let connection = inbound.connection()?;
    let id = context.fresh_uuid();
    let response = trust_ping::answer(&inbound.message, id);
    let response = response.map_err(|error| wire::refusal(&error, inbound.message.version))?;
    if let Some(response) = response {
        wire::send(context, connection, response)?;
    }
    Ok(())
}

fn responded(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let connection = inbound.connection()?;
    let thid = inbound.message.thread_id();
    let slot = thid.split_once('.').and_then(|(slot, _)| slot.parse::<u64>().ok());
    let Some(slot) = slot.filter(|slot| *slot < AWAITED_MAX) else { return Ok(()) };
    let name = format!("awaited/{slot}");
    // A response to nothing, or to a ping that was given up, changes nothing.
    let awaited: Option<Awaited> = context.entity(&name)?;
    let Some(awaited) = awaited.filter(|one| one.connection == connection.id && one.thid == thid)
    else {
        return Ok(());
    };
    let step = awaited.state.step(Input::Responded(&inbound.message));
    let step = step.map_err(|error| wire::refusal(&error, inbound.message.version))?;
    if step.state.is_terminal() {
        context.delete(&name)?;
    }
    let milliseconds = context.now() - awaited.sent_at;
    let told = json!({
        "connection": connection.id, "thid": thid, "milliseconds": milliseconds,
    });
    let mut tally: Tally = context.entity("tally")?.unwrap_or_default();
    tally.answered += 1;
    tally.last = Some(told.clone());
    context.put("tally", &tally)?;
    context.raise("trust_ping", "responded", command::object(told));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    connection: String,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    response_requested: Option<bool>,
}

fn send(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let send: Send = command::own(event)?;
    let connection = connection::by_id(context, &send.connection)?;
    let version = if connection.generation == 1 { Version::V1 } else { Version::V2 };
    let response_requested = send.response_requested.unwrap_or(true);
    let ping = Ping { comment: send.comment, response_requested };
    let mut tally: Tally = context.entity("tally")?.unwrap_or_default();
    // The slot stands in the id: a response finds it, and nothing has to be searched or counted.
    let slot = tally.sent % AWAITED_MAX;
    let id = format!("{slot}.{}", context.fresh_uuid());
    let step = Sender::ping(version, &id, &ping);
    for Effect::Send(message) in step.effects {
        wire::send(context, &connection, message)?;
    }
    if !step.state.is_terminal() {
        let (connection, sent_at, state) = (connection.id, context.now(), step.state);
        let awaited = Awaited { connection, thid: id.clone(), sent_at, state };
        context.put(&format!("awaited/{slot}"), &awaited)?;
    }
    tally.sent += 1;
    context.put("tally", &tally)?;
    context.directive("ping", json!({ "thid": id }));
    Ok(())
}

fn pings(context: &mut Context, _: &Map<String, Value>) -> Result<Value, Fault> {
    let tally: Tally = context.entity("tally")?.unwrap_or_default();
    let awaited = context.scan::<Awaited>("awaited/", "", AWAITED_MAX as u32)?;
    let awaited: Vec<Value> = awaited
        .into_iter()
        .map(|(_, one)| {
            json!({ "thid": one.thid, "connection": one.connection, "sent_at": one.sent_at })
        })
        .collect();
    Ok(json!({
        "sent": tally.sent, "answered": tally.answered, "last": tally.last, "awaited": awaited,
    }))
}
