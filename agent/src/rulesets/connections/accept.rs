//! Answering the invitations of others.

use super::records::{Handshake, Machine, fresh, reuse_name, service_name, thread_name, under_way};
use super::routes::{Found, document_route, local_route};
use super::settle::{self, connections_refusal, exchange_refusal, hand_over, settle as go_on};
use super::{first, invite};
use crate::effects::resolve::Resolved;
use crate::rulesets::connection::{self, Connection};
use crate::rulesets::{Setting, command, wire};
use picomesh_did_resolver::{Did, DidDocument, resolve_local};
use picomesh_didcomm::{Message, Version};
use picomesh_pico::{Context, Event, Fault, Origin};
use picomesh_protocols::connections::InviterInput;
use picomesh_protocols::connections::{self as connections_1, Invitee, InviteeInput};
use picomesh_protocols::did_exchange::{
    self, Origin as Inviting, Requester, RequesterInput, ResponderInput,
};
use picomesh_protocols::link;
use picomesh_protocols::out_of_band::{
    Effect as Wish, Handshake as Protocol, InlineService, Input, Receiver, Service,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Receive {
    #[serde(default)]
    invitation: Option<Map<String, Value>>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    auto_accept: Option<bool>,
    #[serde(default)]
    use_existing: Option<bool>,
}

/// `connections:receive_invitation`.
pub(super) fn receive(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let receive: Receive = command::own(event)?;
    let message = read(&receive)?;
    let auto_accept = receive.auto_accept.unwrap_or(true);
    let use_existing = receive.use_existing.unwrap_or(true);
    let alias = receive.alias;
    if message.kind.protocol == "connections" {
        return receive_1_0(context, setting, &message, alias, auto_accept);
    }
    if message.version == Version::V2 {
        return first::receive(context, setting, &message, alias, use_existing);
    }
    let receiver = Receiver::receive(&message, invite::now_seconds(context));
    let receiver = receiver.map_err(|error| Fault::refused("invalid", error.to_string()))?;
    let Receiver::AwaitingDecision { invitation } = &receiver else {
        return Err(Fault::Broken("a fresh receiver decides".into()));
    };
    let existing = match use_existing {
        true => existing(context, &invitation.services)?,
        false => None,
    };
    let mut draft = fresh(context, "invitee", "out-of-band/1.1");
    draft.alias = alias;
    draft.their_label.clone_from(&invitation.label);
    draft.invitation_id = Some(invitation.id.clone());
    let is_handshake = invitation.handshake().is_some();
    let mut handshake = Handshake::new(Machine::Invited, auto_accept);
    handshake.receiver = Some(receiver);
    if auto_accept || !is_handshake {
        return accept(context, setting, draft, handshake, existing.as_deref());
    }
    go_on(context, setting, &mut draft, handshake, vec![])?;
    tell(context, &draft);
    Ok(())
}

fn read(receive: &Receive) -> Result<Message, Fault> {
    match (&receive.invitation, &receive.url) {
        (Some(fields), None) => Message::from_fields(fields.clone())
            .map_err(|error| Fault::refused("invalid", format!("invitation: {error}"))),
        (None, Some(url)) => {
            link::read(url).map_err(|error| Fault::refused("invalid", format!("url: {error}")))
        }
        _ => Err(Fault::refused("invalid", "give either invitation or url")),
    }
}

fn tell(context: &mut Context, connection: &Connection) {
    context.directive("connection", json!(connection));
}

/// `connections:accept_invitation`.
pub(super) fn accept_invitation(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let super::Id { id } = command::own(event)?;
    let (connection, handshake) = under_way(context, &id)?;
    if handshake.machine != Machine::Invited {
        return Err(Fault::refused("not-ready", "the invitation is already accepted"));
    }
    accept(context, setting, connection, handshake, None)
}

/// A completed connection that came of an earlier invitation with one of these DIDs.
fn existing(context: &Context, services: &[Service]) -> Result<Option<String>, Fault> {
    for service in services {
        let Service::Did(did) = service else { continue };
        if let Some(found) = with_service(context, did)? {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

pub(super) fn with_service(context: &Context, did: &Did) -> Result<Option<Connection>, Fault> {
    let Some(id) = context.entity::<String>(&service_name(did))? else {
        return Ok(None);
    };
    Ok(connection::own(context, &id)?.filter(|one| one.state == "completed"))
}

/// Takes the step that the table of RFC 0434 names.
fn accept(
    context: &mut Context,
    setting: &Setting,
    mut connection: Connection,
    mut handshake: Handshake,
    existing: Option<&str>,
) -> Result<(), Fault> {
    let Some(receiver) = handshake.receiver.take() else {
        return Err(Fault::Broken("nothing to accept".into()));
    };
    let id = context.fresh_uuid();
    let step = receiver.step(Input::Accept { existing, id: &id });
    let step = step.map_err(|error| Fault::refused("invalid", error.to_string()))?;
    handshake.receiver = Some(step.state);
    handshake.auto_accept = true;
    for wish in step.effects {
        match wish {
            Wish::Handshake { protocol, services, pthid } => {
                let pthid = Some(pthid);
                begin(
                    context,
                    setting,
                    &mut connection,
                    handshake.clone(),
                    protocol,
                    &services,
                    pthid,
                )?;
                tell(context, &connection);
            }
            Wish::Send { connection: id, message } => {
                let reused = connection::by_id(context, &id)?;
                let name = reuse_name(&id, message.thread_id());
                // A refused reuse falls back to a handshake, for which the draft is kept.
                context.put(&name, &(&connection, &handshake))?;
                wire::send(context, &reused, message)?;
                tell(context, &reused);
            }
            Wish::Answer { requests, pthid, over } => {
                if !hand_over(context, setting, requests, &pthid, &over)? {
                    let reason = "no ruleset takes a request of this invitation";
                    return Err(Fault::refused("unsupported", reason));
                }
                // There may be no connection: who asked learns where the request went on.
                let id = existing.map_or(Value::Null, |id| json!(id));
                let told = json!({ "id": id, "state": "attached", "invitation_id": pthid });
                context.directive("connection", told);
            }
        }
    }
    Ok(())
}

/// Begins a handshake with the first service that can be used.
pub(super) fn begin(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    mut handshake: Handshake,
    protocol: Protocol,
    services: &[Service],
    pthid: Option<String>,
) -> Result<(), Fault> {
    protocol_of(protocol).clone_into(&mut connection.protocol);
    if let Some(found) = services.iter().find_map(local_route) {
        return start(context, setting, connection, handshake, protocol, found, pthid);
    }
    let published = services.iter().find_map(|service| match service {
        Service::Did(did) if resolve_local(did).is_none() => Some(did.clone()),
        Service::Did(_) | Service::Inline(_) => None,
    });
    let no_service = || Fault::refused("no-service", "no service of the invitation can be used");
    let did = published.ok_or_else(no_service)?;
    settle::resolve(context, connection, &did)?;
    handshake.machine = Machine::AwaitingService { protocol, did, pthid };
    go_on(context, setting, connection, handshake, vec![])
}

fn protocol_of(protocol: Protocol) -> &'static str {
    let uri = protocol.uri();
    uri.strip_prefix("https://didcomm.org/").unwrap_or(uri)
}

/// Sends our request.
fn start(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    mut handshake: Handshake,
    protocol: Protocol,
    (did, keys, route): Found,
    pthid: Option<String>,
) -> Result<(), Fault> {
    let id = context.fresh_uuid();
    let label = setting.label_of(context.pico());
    handshake.invitation_route = Some(route);
    handshake.invited_by.clone_from(&did);
    let effects = if protocol == Protocol::Connections10 {
        let mine = settle::mine(context, setting, 0)?;
        mine.put(connection);
        let request = connections_1::Request { label, connection: mine.connection() };
        let role = Invitee::invited(pthid.as_deref(), &keys);
        let step = role.step(InviteeInput::Accept { id: &id, request: &request });
        let step = step.map_err(|error| connections_refusal(&error))?;
        handshake.machine = Machine::Invitee(step.state);
        step.effects
    } else {
        let minor = u16::from(protocol == Protocol::DidExchange11);
        let mine = settle::mine(context, setting, minor)?;
        mine.put(connection);
        let document = mine.document.as_ref();
        let document =
            document.map(|one| did_exchange::sign_document(one, "document", &mine.identity.key));
        let (goal_code, goal) = (None, None);
        let request = did_exchange::Request { label, goal_code, goal, did: mine.did, document };
        let origin = Inviting::explicit(pthid.as_deref().unwrap_or_default(), did, &keys, minor);
        let step =
            Requester::invited(origin).step(RequesterInput::Accept { id: &id, request: &request });
        let step = step.map_err(|error| exchange_refusal(&error))?;
        handshake.machine = Machine::Requester(step.state);
        step.effects
    };
    if let Some(my_key) = &connection.my_key {
        context.put(&thread_name(my_key, &id), &connection.id)?;
    }
    connection.thid = Some(id);
    go_on(context, setting, connection, handshake, effects)
}

/// An invitation of connections 1.0 itself.
fn receive_1_0(
    context: &mut Context,
    setting: &Setting,
    message: &Message,
    alias: Option<String>,
    auto_accept: bool,
) -> Result<(), Fault> {
    let invitation = connections_1::Invitation::read(message);
    let invitation = invitation.map_err(|error| Fault::refused("invalid", error.to_string()))?;
    if !auto_accept {
        let reason = "an invitation of connections/1.0 is accepted or left alone";
        return Err(Fault::refused("invalid", reason));
    }
    let mut connection = fresh(context, "invitee", "connections/1.0");
    connection.alias = alias;
    connection.invitation_id = Some(message.id.clone());
    let (label, service) = match invitation {
        connections_1::Invitation::Did { label, did, .. } => (label, Service::Did(did)),
        connections_1::Invitation::Service {
            label,
            recipient_keys,
            routing_keys,
            endpoint,
            ..
        } => {
            let mut service = InlineService::new("", &endpoint);
            service.recipient_keys = recipient_keys;
            service.routing_keys = routing_keys;
            (label, Service::Inline(service))
        }
    };
    connection.their_label = Some(label);
    let handshake = Handshake::new(Machine::Invited, true);
    let protocol = Protocol::Connections10;
    begin(context, setting, &mut connection, handshake, protocol, &[service], None)?;
    tell(context, &connection);
    Ok(())
}

/// `connections:resolved`, the result of a `resolve` job.
pub(super) fn resolved(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    if !matches!(event.origin, Origin::Job(_)) {
        return Err(Fault::refused("forbidden", "only the result of a job may do this"));
    }
    let resolved: Resolved = command::arguments(&event.attrs)?;
    // The connection may have been deleted, or gone on, in the meantime.
    let Some(mut handshake) = Handshake::load(context, &resolved.connection)? else {
        return Ok(());
    };
    let Some(mut connection) = connection::own(context, &resolved.connection)? else {
        return Ok(());
    };
    let document = resolved.document.as_ref();
    let document = document.and_then(|json| DidDocument::from_value(json).ok());
    let id = context.fresh_uuid();
    let machine = std::mem::replace(&mut handshake.machine, Machine::Invited);
    let effects = match (machine, document) {
        (Machine::AwaitingService { protocol, did, pthid }, Some(document)) => {
            let no_service = || Fault::refused("no-service", "the DID has no DIDComm v1 service");
            let found = document_route(&did, &document).ok_or_else(no_service)?;
            return start(context, setting, &mut connection, handshake, protocol, found, pthid);
        }
        // Row 47: it can be tried again, the operator sees why it stands still.
        (machine @ Machine::AwaitingService { .. }, None) => {
            handshake.machine = machine;
            connection.problem = resolved.error;
            vec![]
        }
        (Machine::Requester(role), document) => {
            let step = match &document {
                Some(document) => role.step(RequesterInput::Resolved { document, id: &id }),
                None => role.step(RequesterInput::Unresolvable { id: &id }),
            };
            let step = step.map_err(|error| exchange_refusal(&error))?;
            handshake.machine = Machine::Requester(step.state);
            step.effects
        }
        (Machine::Responder(role), document) => {
            let step = match &document {
                Some(document) => role.step(ResponderInput::Resolved(document)),
                None => role.step(ResponderInput::Unresolvable),
            };
            let step = step.map_err(|error| exchange_refusal(&error))?;
            handshake.machine = Machine::Responder(step.state);
            step.effects
        }
        (Machine::Invitee(role), document) => {
            let step = match &document {
                Some(document) => role.step(InviteeInput::Resolved { document, id: &id }),
                None => role.step(InviteeInput::Unresolvable { id: &id }),
            };
            let step = step.map_err(|error| connections_refusal(&error))?;
            handshake.machine = Machine::Invitee(step.state);
            step.effects
        }
        (Machine::Inviter(role), document) => {
            let step = match &document {
                Some(document) => role.step(InviterInput::Resolved(document)),
                None => role.step(InviterInput::Unresolvable),
            };
            let step = step.map_err(|error| connections_refusal(&error))?;
            handshake.machine = Machine::Inviter(step.state);
            step.effects
        }
        (Machine::Invited, _) => return Ok(()),
    };
    go_on(context, setting, &mut connection, handshake, effects)
}
