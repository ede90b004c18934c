//! The first message of a peer on a connection: in DIDComm v2 it makes the connection, in
//! connections 1.0 it confirms it.

use super::invite::{now_seconds, take_answer};
use super::records::{Handshake, Machine, fresh, service_name};
use super::settle::{connections_refusal, hand_over};
use crate::rulesets::identity::{self, Kind};
use crate::rulesets::wire::{self, Inbound};
use crate::rulesets::{Setting, connection};
use picomesh_didcomm::{Message, Version};
use picomesh_pico::{Context, Event, Fault, Origin};
use picomesh_protocols::connections::{Inviter, InviterInput};
use picomesh_protocols::out_of_band::Over;
use picomesh_protocols::out_of_band_v2::{Effect, Input, Receiver};
use picomesh_protocols::trust_ping::Ping;
use serde_json::{Value, json};

/// Whether a message may be a first one; only those are read here.
pub(super) fn may_be(event: &Event) -> bool {
    if event.origin != Origin::Peer {
        return false;
    }
    let message = event.attrs.get("message");
    let is_v2 = message.is_some_and(|message| message.get("type").is_some());
    // The handshakes of v1 say themselves what they do to a connection.
    let is_handshake =
        event.domain == "didcomm_didexchange" || event.domain == "didcomm_connections";
    is_v2 || !is_handshake
}

/// Makes or confirms a connection, if this is the message that does so.
pub(super) fn take(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    match (&inbound.connection, inbound.message.version) {
        (Some(connection), _) if connection.state == "completed" => Ok(()),
        (Some(connection), Version::V1) => confirm(context, connection.clone()),
        (Some(connection), Version::V2) => complete(context, connection.clone()),
        (None, Version::V2) => admit(context, &inbound),
        (None, Version::V1) => Ok(()),
    }
}

/// RFC 0160 §Flow Overview: an ack or any other message confirms that the response arrived.
fn confirm(context: &mut Context, connection: connection::Connection) -> Result<(), Fault> {
    let Some(handshake) = Handshake::load(context, &connection.id)? else {
        return Ok(());
    };
    let Machine::Inviter(role @ Inviter::AwaitingConfirmation { .. }) = handshake.machine else {
        return Ok(());
    };
    let step = role.step(InviterInput::Confirmed);
    let step = step.map_err(|error| connections_refusal(&error))?;
    if !step.state.is_terminal() {
        return Ok(());
    }
    Handshake::delete(context, &connection.id)?;
    complete(context, connection)
}

fn complete(context: &mut Context, mut connection: connection::Connection) -> Result<(), Fault> {
    "completed".clone_into(&mut connection.state);
    connection.updated_at = context.now();
    connection::save(context, &connection)?;
    let attrs = json!({ "id": connection.id, "problem": Value::Null });
    context.raise("connections", "completed", super::object(attrs));
    Ok(())
}

/// A stranger writes to the DID of an invitation of ours and names the invitation.
fn admit(context: &mut Context, inbound: &Inbound) -> Result<(), Fault> {
    let (Some(pthid), Some(sender)) = (&inbound.message.pthid, &inbound.sender) else {
        return Ok(());
    };
    if super::records::Invitation::load(context, pthid)?.is_none() {
        return Ok(());
    }
    let invitation = take_answer(context, pthid, &inbound.my_did)?;
    let mut connection = fresh(context, "inviter", "out-of-band/2.0");
    connection.generation = 2;
    connection.my_did = Some(invitation.did.clone());
    connection.my_key = Some(invitation.did);
    connection.their_did = Some(sender.clone());
    connection.their_keys = vec![sender.clone()];
    connection.invitation_id = Some(invitation.id);
    connection.alias = invitation.alias;
    connection.thid = Some(inbound.message.thread_id().to_owned());
    complete(context, connection)
}

/// An invitation of Out-of-Band 2.0: we write to its sender.
pub(super) fn receive(
    context: &mut Context,
    setting: &Setting,
    message: &Message,
    alias: Option<String>,
    use_existing: bool,
) -> Result<(), Fault> {
    let invalid = |error: picomesh_protocols::out_of_band::Error| {
        Fault::refused("invalid", error.to_string())
    };
    let receiver = Receiver::receive(message, now_seconds(context)).map_err(invalid)?;
    let step = receiver.step(Input::Accept).map_err(invalid)?;
    let mut over = String::new();
    for effect in step.effects {
        match effect {
            Effect::Connect { did, pthid } => {
                let existing = match use_existing {
                    true => super::accept::with_service(context, &did)?,
                    false => None,
                };
                let connection = match existing {
                    Some(existing) => existing,
                    None => write(context, setting, did.as_str(), &pthid, alias.clone())?,
                };
                context.put(&service_name(&did), &connection.id)?;
                context.directive("connection", json!(connection));
                over = connection.id;
            }
            Effect::Answer { requests, pthid } => {
                hand_over(context, setting, requests, &pthid, &Over::Connection(over.clone()))?;
            }
        }
    }
    Ok(())
}

/// Makes the connection and asks the peer to answer on it; its answer completes it.
fn write(
    context: &mut Context,
    setting: &Setting,
    did: &str,
    pthid: &str,
    alias: Option<String>,
) -> Result<connection::Connection, Fault> {
    let endpoint = setting.endpoint.as_str();
    let identity = identity::create(context, Kind::Peer2, endpoint, &["connection"])?;
    let id = context.fresh_uuid();
    let mut connection = fresh(context, "invitee", "out-of-band/2.0");
    connection.generation = 2;
    connection.my_did = Some(identity.did.clone());
    connection.my_key = Some(identity.did);
    connection.their_did = Some(did.to_owned());
    connection.their_keys = vec![did.to_owned()];
    connection.invitation_id = Some(pthid.to_owned());
    connection.alias = alias;
    connection.thid = Some(id.clone());
    "request-sent".clone_into(&mut connection.state);
    connection::save(context, &connection)?;
    let ping = Ping { comment: None, response_requested: true };
    let mut message = ping.to_message(Version::V2, id);
    message.pthid = Some(pthid.to_owned());
    wire::send(context, &connection, message)?;
    Ok(connection)
}
