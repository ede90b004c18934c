//! What the operator asks and tells about connections and invitations.

use super::Id;
use super::records::{Handshake, Invitation, Machine, thread_name, under_way};
use super::settle::{accept_request as accept, connections_refusal, exchange_refusal, settle};
use crate::rulesets::Setting;
use crate::rulesets::command::{self, ROWS_DEFAULT};
use crate::rulesets::connection::{self, Connection};
use picomesh_pico::{Context, Event, Fault, SCAN_ROWS_MAX};
use picomesh_protocols::connections::{InviteeInput, InviterInput};
use picomesh_protocols::did_exchange::{RequesterInput, ResponderInput};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Pages of the store that one filtered listing reads at most.
const PAGES_MAX: usize = 20;

/// `connections:accept_request`.
pub(super) fn accept_request(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Id { id } = command::own(event)?;
    let (mut connection, mut handshake) = under_way(context, &id)?;
    if !accept(context, setting, &mut connection, &mut handshake)? {
        return Err(Fault::refused("not-ready", "no request waits to be accepted"));
    }
    settle(context, setting, &mut connection, handshake, vec![])?;
    context.directive("connection", json!(connection));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reject {
    id: String,
    #[serde(default)]
    reason: Option<String>,
}

/// `connections:reject`: declines an invitation or refuses a request.
pub(super) fn reject(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    let Reject { id, reason } = command::own(event)?;
    let (mut connection, mut handshake) = under_way(context, &id)?;
    let explain = reason.as_deref().unwrap_or("Not accepted.");
    let report = context.fresh_uuid();
    let machine = std::mem::replace(&mut handshake.machine, Machine::Invited);
    let effects = match machine {
        Machine::Responder(role) => {
            let step = role.step(ResponderInput::Refuse { id: &report, explain });
            let step = step.map_err(|error| exchange_refusal(&error))?;
            handshake.machine = Machine::Responder(step.state);
            step.effects
        }
        Machine::Inviter(role) => {
            let step = role.step(InviterInput::Refuse { id: &report, explain });
            let step = step.map_err(|error| connections_refusal(&error))?;
            handshake.machine = Machine::Inviter(step.state);
            step.effects
        }
        Machine::Requester(role) => {
            let step = role.step(RequesterInput::Decline);
            let step = step.map_err(|error| exchange_refusal(&error))?;
            handshake.machine = Machine::Requester(step.state);
            step.effects
        }
        Machine::Invitee(role) => {
            let step = role.step(InviteeInput::Decline);
            let step = step.map_err(|error| connections_refusal(&error))?;
            handshake.machine = Machine::Invitee(step.state);
            step.effects
        }
        // Nobody was told of us yet.
        Machine::Invited | Machine::AwaitingService { .. } => {
            return forget(context, &connection, &handshake);
        }
    };
    settle(context, setting, &mut connection, handshake, effects)?;
    context.directive("connection", json!(connection));
    Ok(())
}

/// `connections:delete`: the peer is not told, its messages are those of a stranger from now on.
pub(super) fn delete(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let Id { id } = command::own(event)?;
    let connection = connection::own(context, &id)?;
    let connection = connection.ok_or_else(|| Fault::not_found("connection"))?;
    let handshake = Handshake::load(context, &id)?;
    let handshake = handshake.unwrap_or_else(|| Handshake::new(Machine::Invited, false));
    forget(context, &connection, &handshake)
}

fn forget(
    context: &mut Context,
    connection: &Connection,
    handshake: &Handshake,
) -> Result<(), Fault> {
    if let (Some(my_key), Some(thid)) = (&connection.my_key, &connection.thid) {
        context.delete(&thread_name(my_key, thid))?;
    }
    // An invitation that waits for its answer waits no longer.
    if let Some(invitation_id) = &connection.invitation_id
        && connection.role == "inviter"
        && handshake.invitation_key.is_some()
    {
        context.delete(&format!("invitation/{invitation_id}"))?;
    }
    // A DID that was made for this connection alone goes with it, and its keys.
    if let Some(did) = &connection.my_did
        && let Some(own) = context.did(did)?
        && let Some(channel) = context.channel(&own.eci)?
        && channel.tags.iter().any(|tag| tag == "connection")
    {
        context.channel_delete(&own.eci)?;
    }
    Handshake::delete(context, &connection.id)?;
    connection::remove(context, connection)?;
    context.directive("deleted", json!({ "id": connection.id }));
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
    state: Option<String>,
}

impl Listing {
    fn limit(&self) -> usize {
        self.limit.unwrap_or(ROWS_DEFAULT).clamp(1, SCAN_ROWS_MAX) as usize
    }

    fn after(&self, prefix: &str) -> String {
        let after = self.after.as_deref();
        after.map_or_else(String::new, |after| format!("{prefix}{after}"))
    }
}

/// The query `connections`: records by id, those of one state if one is given.
pub(super) fn connections(
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let listing: Listing = command::arguments(args)?;
    let limit = listing.limit();
    let (mut after, mut found) = (listing.after("connection/"), Vec::new());
    for _ in 0..PAGES_MAX {
        let page: Vec<(String, Connection)> =
            context.scan("connection/", &after, SCAN_ROWS_MAX.min(limit as u32))?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        let fits = |one: &Connection| listing.state.as_ref().is_none_or(|s| *s == one.state);
        found.extend(page.into_iter().map(|(_, one)| one).filter(fits));
        if found.len() >= limit || listing.state.is_none() {
            break;
        }
    }
    found.truncate(limit);
    Ok(json!(found))
}

/// The query `invitations`: those of ours, by id.
pub(super) fn invitations(
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let listing: Listing = command::arguments(args)?;
    let after = listing.after("invitation/");
    let found: Vec<(String, Invitation)> =
        context.scan("invitation/", &after, listing.limit() as u32)?;
    Ok(found.into_iter().map(|(_, invitation)| invitation.shown()).collect())
}
