//! What follows a step of a handshake: effects, our own next step if nobody has to be asked,
//! and the records.

use super::records::{Handshake, Machine, service_name, thread_name};
use crate::effects::resolve::Resolve;
use crate::rulesets::Setting;
use crate::rulesets::connection::{self, Connection, Route};
use crate::rulesets::identity::{self, Identity, Kind};
use crate::rulesets::wire::{self, Destination};
use ed25519_dalek::SigningKey;
use picomesh_did_resolver::{Did, DidDocument, PublicKey, legacy, resolve_local};
use picomesh_didcomm::Message;
use picomesh_pico::{Context, Event, Fault, Origin, Reply};
use picomesh_protocols::connections::{self as connections_1, Inviter, InviterInput};
use picomesh_protocols::did_exchange::{
    self, Effect, Proof, Responder, ResponderInput, Response, To,
};
use picomesh_protocols::out_of_band::{Effect as Wish, Input, Over, Receiver};
use serde_json::{Map, Value, json};

/// Characters of a DID that name the queue in which it is resolved.
const QUEUE_CHARS: usize = 48;

/// Performs the effects of a step, goes on where nobody has to be asked, and keeps it all.
pub(super) fn settle(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    mut handshake: Handshake,
    effects: Vec<Effect>,
) -> Result<(), Fault> {
    perform(context, connection, &handshake, effects)?;
    if handshake.auto_accept {
        accept_request(context, setting, connection, &mut handshake)?;
    }
    keep(context, setting, connection, handshake)
}

/// Accepts the request that a handshake waits to be accepted, if it waits for that.
pub(super) fn accept_request(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    handshake: &mut Handshake,
) -> Result<bool, Fault> {
    let machine = std::mem::replace(&mut handshake.machine, Machine::Invited);
    let (machine, effects) = match machine {
        Machine::Responder(role @ Responder::AwaitingDecision { .. }) => {
            let step = respond(context, setting, connection, handshake, role)?;
            (Machine::Responder(step.0), step.1)
        }
        Machine::Inviter(role @ Inviter::AwaitingDecision { .. }) => {
            let step = respond_1_0(context, setting, connection, handshake, role)?;
            (Machine::Inviter(step.0), step.1)
        }
        other @ (Machine::Responder(_)
        | Machine::Inviter(_)
        | Machine::Requester(_)
        | Machine::Invitee(_)
        | Machine::Invited
        | Machine::AwaitingService { .. }) => {
            handshake.machine = other;
            return Ok(false);
        }
    };
    handshake.machine = machine;
    perform(context, connection, handshake, effects)?;
    Ok(true)
}

fn respond(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    handshake: &Handshake,
    role: Responder,
) -> Result<(Responder, Vec<Effect>), Fault> {
    let Responder::AwaitingDecision { request } = &role else {
        return Err(Fault::Broken("nothing to respond to".into()));
    };
    let invitation_key = invitation_key(context, handshake)?;
    let id = context.fresh_uuid();
    let mine = mine(context, setting, request.minor)?;
    let proof = match &mine.document {
        Some(document) => {
            Proof::Document(did_exchange::sign_document(document, "document", &invitation_key))
        }
        None => {
            Proof::Rotation(did_exchange::sign_rotation(&mine.did, "rotation", &invitation_key))
        }
    };
    mine.put(connection);
    let response = Response { did: mine.did, proof };
    let step = role.step(ResponderInput::Accept { id: &id, response: &response });
    let step = step.map_err(|error| exchange_refusal(&error))?;
    Ok((step.state, step.effects))
}

fn respond_1_0(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    handshake: &Handshake,
    role: Inviter,
) -> Result<(Inviter, Vec<Effect>), Fault> {
    let invitation_key = invitation_key(context, handshake)?;
    let id = context.fresh_uuid();
    let mine = mine(context, setting, 0)?;
    let value = json!(mine.connection());
    let now = super::invite::now_seconds(context);
    let signed = connections_1::sign(&value, now, &invitation_key);
    mine.put(connection);
    let step = role.step(InviterInput::Accept { id: &id, connection: &signed });
    let step = step.map_err(|error| connections_refusal(&error))?;
    Ok((step.state, step.effects))
}

fn invitation_key(context: &Context, handshake: &Handshake) -> Result<SigningKey, Fault> {
    let missing = || Fault::Broken("the invitation key is gone".into());
    let kid = handshake.invitation_key.as_deref().ok_or_else(missing)?;
    let secret = context.secret(kid)?.ok_or_else(missing)?;
    Ok(SigningKey::from_bytes(&secret.bytes))
}

/// A fresh DID of ours for one connection, as its protocol wants it.
pub(super) struct Mine {
    pub(super) identity: Identity,
    /// The DID that the peer is told.
    pub(super) did: Did,
    /// Its document, where the DID does not carry it.
    pub(super) document: Option<DidDocument>,
}

/// `minor` 0 stands for connections 1.0 too: both know unqualified DIDs with a document.
pub(super) fn mine(context: &mut Context, setting: &Setting, minor: u16) -> Result<Mine, Fault> {
    let endpoint = setting.endpoint.as_str();
    if minor == 0 {
        let identity = identity::create(context, Kind::Key, endpoint, &["connection"])?;
        let public = identity.key.verifying_key().to_bytes();
        let did = legacy::did_from_verkey(&public);
        let document = legacy::document(did.clone(), &public, endpoint, &[]);
        return Ok(Mine { identity, did, document: Some(document) });
    }
    let identity = identity::create(context, Kind::Peer4, endpoint, &["connection"])?;
    let did = identity.long_did.parse();
    let did = did.map_err(|error| Fault::Broken(format!("own DID: {error}")))?;
    Ok(Mine { identity, did, document: None })
}

impl Mine {
    /// Notes it as our end of the connection.
    pub(super) fn put(&self, connection: &mut Connection) {
        connection.my_did = Some(self.identity.did.clone());
        connection.my_key = Some(self.identity.verkey.clone());
    }

    /// The form of connections 1.0.
    pub(super) fn connection(&self) -> connections_1::Connection {
        let document = self.document.as_ref().map(legacy::write);
        connections_1::Connection { did: self.did.clone(), document }
    }
}

fn perform(
    context: &mut Context,
    connection: &mut Connection,
    handshake: &Handshake,
    effects: Vec<Effect>,
) -> Result<(), Fault> {
    for effect in effects {
        match effect {
            Effect::Learn { did, document } => learn(connection, &did, &document),
            Effect::Resolve { did } => resolve(context, connection, &did)?,
            Effect::Send { to: To::Peer, message } => {
                wire::send(context, connection, message)?;
            }
            Effect::Send { to: To::Invitation, message } => {
                let route = handshake.invitation_route.clone();
                let route = route.ok_or_else(|| Fault::Broken("no invitation route".into()))?;
                let to = Destination::V1 { from: connection.my_key.clone(), route };
                wire::send_to(context, to, Some(&connection.id), message)?;
            }
        }
    }
    Ok(())
}

/// What the peer told of itself counts for this connection alone.
fn learn(connection: &mut Connection, did: &Did, document: &DidDocument) {
    let carries_itself = matches!(resolve_local(did), Some(Ok(_)));
    connection.their_did = Some(did.to_string());
    connection.their_document = (!carries_itself).then(|| document.to_json());
    connection.route = Route::of(document);
    let service = document.didcomm_service();
    let mut keys = service.map_or_else(Vec::new, |one| document.recipient_ed25519_keys(one));
    let authentication = document.authentication_keys().filter_map(|method| match method.key {
        PublicKey::Ed25519(key) => Some(key),
        PublicKey::X25519(_)
        | PublicKey::P256(_)
        | PublicKey::P384(_)
        | PublicKey::Secp256k1(_) => None,
    });
    keys.extend(authentication);
    keys.sort_unstable();
    keys.dedup();
    let base58 = |key: &[u8; 32]| bs58::encode(key).into_string();
    connection.their_keys = keys.iter().map(base58).collect();
}

/// Asks for a document; it comes back as `connections:resolved`.
pub(super) fn resolve(
    context: &mut Context,
    connection: &Connection,
    did: &Did,
) -> Result<(), Fault> {
    let queue: String = did.as_str().chars().take(QUEUE_CHARS).collect();
    let job = Resolve { did: did.to_string(), connection: connection.id.clone() };
    let reply = Reply { domain: "connections".into(), name: "resolved".into() };
    context.job("resolve", &format!("resolve {queue}"), json!(job), Some(reply))?;
    Ok(())
}

/// Writes the records, and tells when the handshake has ended.
fn keep(
    context: &mut Context,
    setting: &Setting,
    connection: &mut Connection,
    handshake: Handshake,
) -> Result<(), Fault> {
    let state = handshake.machine.state();
    state.clone_into(&mut connection.state);
    connection.updated_at = context.now();
    if state != "completed" && state != "abandoned" {
        handshake.save(context, &connection.id)?;
        return connection::save(context, connection);
    }
    connection.problem = handshake.machine.problem();
    connection::save(context, connection)?;
    Handshake::delete(context, &connection.id)?;
    if let (Some(my_key), Some(thid)) = (&connection.my_key, &connection.thid)
        && connection.role == "invitee"
    {
        context.delete(&thread_name(my_key, thid))?;
    }
    let attrs = json!({ "id": connection.id, "problem": connection.problem });
    context.raise("connections", state, super::object(attrs));
    if state == "completed" {
        connected(context, setting, connection, handshake)?;
    }
    Ok(())
}

fn connected(
    context: &mut Context,
    setting: &Setting,
    connection: &Connection,
    handshake: Handshake,
) -> Result<(), Fault> {
    if let Some(did) = &handshake.invited_by {
        context.put(&service_name(did), &connection.id)?;
    }
    let Some(receiver @ Receiver::AwaitingConnection { .. }) = handshake.receiver else {
        return Ok(());
    };
    let step = receiver.step(Input::Connected { connection: &connection.id });
    let step = step.map_err(|error| super::invite::refusal(&error, V1))?;
    for wish in step.effects {
        if let Wish::Answer { requests, pthid, over } = wish {
            hand_over(context, setting, requests, &pthid, &over)?;
        }
    }
    Ok(())
}

const V1: picomesh_didcomm::Version = picomesh_didcomm::Version::V1;

/// Raises `attached:<protocol>` for the first request that some ruleset of the pico takes;
/// `false` when there is none.
pub(super) fn hand_over(
    context: &mut Context,
    setting: &Setting,
    requests: Vec<Message>,
    pthid: &str,
    over: &Over,
) -> Result<bool, Fault> {
    let supported = requests.into_iter().find(|request| is_supported(context, request));
    let Some(request) = supported else {
        return Ok(false);
    };
    let mut attrs = Map::from_iter([
        ("message".to_owned(), Value::Object(request.to_fields())),
        ("invitation_id".to_owned(), json!(pthid)),
    ]);
    match over {
        Over::Connection(id) => {
            attrs.insert("connection_id".into(), json!(id));
        }
        Over::Services(services) => {
            let no_service =
                || Fault::refused("no-service", "no service of the invitation can be used");
            let route = services.iter().find_map(super::routes::local_route);
            let (_, _, route) = route.ok_or_else(no_service)?;
            let endpoint = setting.endpoint.as_str();
            let identity = identity::create(context, Kind::Key, endpoint, &["connectionless"])?;
            let to = Destination::V1 { from: Some(identity.verkey.clone()), route };
            attrs.insert("route".into(), json!(to));
        }
    }
    context.raise("attached", &protocol_name(&request), attrs);
    Ok(true)
}

fn protocol_name(message: &Message) -> String {
    message.kind.protocol.replace('-', "_")
}

fn is_supported(context: &Context, request: &Message) -> bool {
    let event = Event {
        id: request.id.clone(),
        domain: "attached".into(),
        name: protocol_name(request),
        attrs: Map::new(),
        origin: Origin::Ruleset(context.rid().clone()),
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    };
    let mut rulesets = context.registry().of(context.pico());
    rulesets.any(|ruleset| !ruleset.candidates(&event).is_empty())
}

pub(super) fn exchange_refusal(error: &did_exchange::Error) -> Fault {
    Fault::refused(error.problem_code(V1).unwrap_or("not-ready"), error.to_string())
}

pub(super) fn connections_refusal(error: &connections_1::Error) -> Fault {
    Fault::refused(error.problem_code(V1).unwrap_or("not-ready"), error.to_string())
}
