//! Making invitations, of either generation.

use super::records::{Handshake, Invitation, Machine, SenderState, fresh};
use crate::rulesets::identity::{self, Identity, Kind};
use crate::rulesets::{Setting, command, connection};
use picomesh_did_resolver::{Did, PublicKey, method::key};
use picomesh_didcomm::Message;
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::connections::Inviter;
use picomesh_protocols::did_exchange::Responder;
use picomesh_protocols::link::{self, Parameter};
use picomesh_protocols::out_of_band::{
    self, Handshake as Protocol, InlineService, Sender, SenderInput, Service,
};
use picomesh_protocols::out_of_band_v2;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Longest life of an invitation that is given one: ten years.
const EXPIRES_SECONDS_MAX: u64 = 315_360_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    #[serde(default)]
    protocol: Option<String>,
    #[serde(default)]
    handshake_protocols: Option<Vec<String>>,
    #[serde(default)]
    multi_use: Option<bool>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    goal: Option<String>,
    #[serde(default)]
    goal_code: Option<String>,
    #[serde(default)]
    expires_seconds: Option<u64>,
    #[serde(default)]
    attachments: Option<Vec<Map<String, Value>>>,
    #[serde(default)]
    use_did: Option<String>,
    #[serde(default)]
    auto_accept: Option<bool>,
}

impl Create {
    fn is_multi_use(&self) -> bool {
        self.multi_use.unwrap_or(false)
    }

    fn attachments(&self) -> &[Map<String, Value>] {
        self.attachments.as_deref().unwrap_or_default()
    }
}

/// `connections:create_invitation`.
pub(super) fn create(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    let create: Create = command::own(event)?;
    let invitation = if create.protocol.as_deref() == Some("out-of-band/2.0") {
        create_v2(context, setting, &create)?
    } else {
        create_v1(context, setting, &create)?
    };
    tell(context, &invitation);
    Ok(())
}

fn tell(context: &mut Context, invitation: &Invitation) {
    context.directive("invitation", answer(invitation));
}

fn answer(invitation: &Invitation) -> Value {
    json!({
        "invitation": invitation.message,
        "url": invitation.url,
        "invitation_id": invitation.id,
        "connection_id": invitation.connection,
        "verkey": invitation.verkey,
        "did": invitation.did,
    })
}

fn create_v1(
    context: &mut Context,
    setting: &Setting,
    create: &Create,
) -> Result<Invitation, Fault> {
    let handshakes = handshakes(create)?;
    let (identity, service) = match &create.use_did {
        None => fresh_service(context, setting)?,
        Some(did) => {
            let identity = identity::load(context, did)?;
            let did = parse_did(&identity.long_did)?;
            (identity, Service::Did(did))
        }
    };
    let mut invitation = out_of_band::Invitation::new(context.fresh_uuid(), vec![service])
        .with_handshakes(&handshakes);
    for attachment in create.attachments() {
        // ACA-Py finds the invitation of an attached message by its `pthid` alone.
        let mut request = message(attachment)?;
        request.pthid.get_or_insert_with(|| invitation.id.clone());
        invitation = invitation.with_request(&request);
    }
    describe_v1(&mut invitation, setting.label_of(context.pico()), create);
    invitation.expires_time = expires(context, create.expires_seconds)?;
    let sender = Sender::invite(&invitation, create.is_multi_use());
    let link = link::write(&setting.public_url, Parameter::OutOfBand, &invitation.to_message());
    let mut kept = keep(context, &identity, &invitation.to_message(), link.as_str());
    kept.sender = SenderState::V1(sender);
    kept.auto_accept = create.auto_accept.unwrap_or(true);
    kept.alias.clone_from(&create.alias);
    // The operator of a single-use invitation can follow its connection from the start.
    if let (false, Some(first)) = (create.is_multi_use(), handshakes.first()) {
        kept.connection = Some(await_request(context, &kept, *first)?);
    }
    kept.save(context)?;
    Ok(kept)
}

fn describe_v1(invitation: &mut out_of_band::Invitation, label: String, create: &Create) {
    invitation.label = create.label.clone().or(Some(label));
    invitation.goal.clone_from(&create.goal);
    invitation.goal_code.clone_from(&create.goal_code);
    // ACA-Py takes both or none.
    if invitation.goal.is_some() && invitation.goal_code.is_none() {
        invitation.goal_code = Some(String::from("other"));
    } else if invitation.goal_code.is_some() && invitation.goal.is_none() {
        invitation.goal.clone_from(&invitation.goal_code);
    }
    invitation.accept = vec!["didcomm/aip1".to_owned(), "didcomm/aip2;env=rfc19".to_owned()];
}

fn create_v2(
    context: &mut Context,
    setting: &Setting,
    create: &Create,
) -> Result<Invitation, Fault> {
    let identity = match &create.use_did {
        None => {
            let tags = ["invitation", "didcomm-v2"];
            identity::create(context, Kind::Peer2, setting.endpoint.as_str(), &tags)?
        }
        Some(did) => identity::load(context, did)?,
    };
    let from = parse_did(&identity.long_did)?;
    let mut invitation = out_of_band_v2::Invitation::new(context.fresh_uuid(), from);
    for attachment in create.attachments() {
        invitation = invitation.with_request(&message(attachment)?);
    }
    invitation.goal.clone_from(&create.goal);
    invitation.goal_code.clone_from(&create.goal_code);
    invitation.expires_time = expires(context, create.expires_seconds)?;
    let sender = out_of_band_v2::Sender::invite(&invitation, create.is_multi_use());
    let message = invitation.to_message();
    let link = link::write(&setting.public_url, Parameter::OutOfBandV2, &message);
    let mut kept = keep(context, &identity, &message, link.as_str());
    kept.sender = SenderState::V2(sender);
    kept.alias.clone_from(&create.alias);
    kept.save(context)?;
    Ok(kept)
}

/// A fresh key of ours and the service that leads to it.
fn fresh_service(context: &mut Context, setting: &Setting) -> Result<(Identity, Service), Fault> {
    let endpoint = setting.endpoint.as_str();
    let identity = identity::create(context, Kind::Key, endpoint, &["invitation"])?;
    let public = identity.key.verifying_key().to_bytes();
    // ACA-Py reads did:key with its fragment only from itself; RFC 0434 shows it without.
    let did_key = key::from_ed25519(&public);
    let service = InlineService::new(did_key.as_str(), endpoint);
    Ok((identity, Service::Inline(service)))
}

fn keep(context: &Context, identity: &Identity, message: &Message, url: &str) -> Invitation {
    let public = PublicKey::Ed25519(identity.key.verifying_key().to_bytes());
    Invitation {
        id: message.id.clone(),
        did: identity.did.clone(),
        verkey: public.to_base58(),
        auto_accept: true,
        alias: None,
        connection: None,
        url: url.to_owned(),
        message: Value::Object(message.to_fields()),
        sender: SenderState::V1(Sender::Withdrawn),
        created_at: context.now(),
    }
}

/// The connection that waits for the answer to a single-use invitation.
fn await_request(
    context: &mut Context,
    invitation: &Invitation,
    protocol: Protocol,
) -> Result<String, Fault> {
    let (name, machine) = match protocol {
        Protocol::Connections10 => {
            ("connections/1.0", Machine::Inviter(Inviter::inviting(Some(&invitation.id))))
        }
        Protocol::DidExchange11 | Protocol::DidExchange10 => (
            if protocol == Protocol::DidExchange11 { "didexchange/1.1" } else { "didexchange/1.0" },
            Machine::Responder(Responder::inviting(&invitation.id)),
        ),
    };
    let mut connection = fresh(context, "inviter", name);
    let mut handshake = Handshake::new(machine, invitation.auto_accept);
    handshake.invitation_key = Some(invitation.verkey.clone());
    connection.alias.clone_from(&invitation.alias);
    connection.invitation_id = Some(invitation.id.clone());
    // RFC 0160 says `invited` and RFC 0023 `invitation-sent`; which of both will be spoken is
    // the receiver's choice, so the record says it in one way.
    "invitation-sent".clone_into(&mut connection.state);
    handshake.save(context, &connection.id)?;
    connection::save(context, &connection)?;
    Ok(connection.id)
}

fn handshakes(create: &Create) -> Result<Vec<Protocol>, Fault> {
    let names: Vec<String> = match (&create.protocol, &create.handshake_protocols) {
        (Some(_), Some(_)) => {
            return Err(Fault::refused("invalid", "give protocol or handshake_protocols"));
        }
        (Some(one), None) => vec![one.clone()],
        (None, Some(list)) => list.clone(),
        // Whoever knows the newer one takes it, the others find theirs.
        (None, None) => {
            return Ok(vec![Protocol::DidExchange11, Protocol::DidExchange10]);
        }
    };
    let parse = |name: &String| {
        let uri = match name.contains(':') {
            true => name.clone(),
            false => format!("https://didcomm.org/{name}"),
        };
        let unknown = |_| Fault::refused("invalid", format!("unknown protocol {name:?}"));
        uri.parse::<Protocol>().map_err(unknown)
    };
    let handshakes: Vec<Protocol> = names.iter().map(parse).collect::<Result<_, _>>()?;
    if handshakes.is_empty() && create.attachments().is_empty() {
        return Err(Fault::refused("invalid", "offer a handshake, a request, or both"));
    }
    Ok(handshakes)
}

fn message(fields: &Map<String, Value>) -> Result<Message, Fault> {
    let refuse =
        |error: picomesh_didcomm::Error| Fault::refused("invalid", format!("attachments: {error}"));
    Message::from_fields(fields.clone()).map_err(refuse)
}

fn expires(context: &Context, seconds: Option<u64>) -> Result<Option<u64>, Fault> {
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    if seconds > EXPIRES_SECONDS_MAX {
        return Err(Fault::refused("invalid", "expires_seconds: at most ten years"));
    }
    Ok(Some(now_seconds(context) + seconds))
}

pub(super) fn now_seconds(context: &Context) -> u64 {
    u64::try_from(context.now() / 1000).unwrap_or(0)
}

fn parse_did(did: &str) -> Result<Did, Fault> {
    did.parse().map_err(|error| Fault::Broken(format!("own DID: {error}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ForRequest {
    message: Map<String, Value>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    goal: Option<String>,
    #[serde(default)]
    goal_code: Option<String>,
    #[serde(default)]
    expires_seconds: Option<u64>,
}

/// The function `invitation_for_request`: an invitation without handshake around one request.
/// Its answers reach the key that is told as `verkey`.
pub(super) fn for_request(
    context: &mut Context,
    setting: &Setting,
    args: Value,
) -> Result<Value, Fault> {
    let request: ForRequest = command::arguments(&super::object(args))?;
    let create = Create {
        protocol: None,
        handshake_protocols: Some(Vec::new()),
        multi_use: None,
        label: request.label,
        alias: None,
        goal: request.goal,
        goal_code: request.goal_code,
        expires_seconds: request.expires_seconds,
        attachments: Some(vec![request.message]),
        use_did: None,
        auto_accept: None,
    };
    Ok(answer(&create_v1(context, setting, &create)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Used {
    pthid: String,
    my_did: String,
}

/// The function `responded`: a request that came with an invitation of ours is answered, on
/// `my_did`. Refuses a second answer to a single-use invitation and one after its time.
pub(super) fn used(context: &mut Context, args: Value) -> Result<Value, Fault> {
    let Used { pthid, my_did } = command::arguments(&super::object(args))?;
    take_answer(context, &pthid, &my_did).map(|invitation| json!(invitation.id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forget {
    invitation_id: String,
}

/// The function `forget_invitation`: an invitation that nobody needs goes, and the channel with
/// the key that was made for it. Says whether there was one.
pub(super) fn forget(context: &mut Context, args: Value) -> Result<Value, Fault> {
    let Forget { invitation_id } = command::arguments(&super::object(args))?;
    let Some(invitation) = Invitation::load(context, &invitation_id)? else {
        return Ok(json!(false));
    };
    if let Some(own) = context.did(&invitation.did)?
        && let Some(channel) = context.channel(&own.eci)?
        && channel.tags.iter().any(|tag| tag == "invitation")
    {
        context.channel_delete(&own.eci)?;
    }
    context.delete(&format!("invitation/{invitation_id}"))?;
    Ok(json!(true))
}

/// Counts an answer to an invitation, if the invitation and the key that it reached allow it.
pub(super) fn take_answer(
    context: &mut Context,
    pthid: &str,
    my_did: &str,
) -> Result<Invitation, Fault> {
    let unknown = || Fault::refused("request_not_accepted", "no such invitation");
    let mut invitation = Invitation::load(context, pthid)?.ok_or_else(unknown)?;
    if invitation.did != my_did {
        return Err(unknown());
    }
    let now = now_seconds(context);
    invitation.sender = match invitation.sender {
        SenderState::V1(sender) => {
            let step = sender.step(SenderInput::Responded { pthid, now });
            SenderState::V1(step.map_err(|e| refusal(&e, picomesh_didcomm::Version::V1))?.state)
        }
        SenderState::V2(sender) => {
            let step = sender.step(out_of_band_v2::SenderInput::Responded { pthid, now });
            SenderState::V2(step.map_err(|e| refusal(&e, picomesh_didcomm::Version::V2))?.state)
        }
    };
    invitation.save(context)?;
    Ok(invitation)
}

pub(super) fn refusal(error: &out_of_band::Error, version: picomesh_didcomm::Version) -> Fault {
    Fault::refused(error.problem_code(version).unwrap_or("invalid"), error.to_string())
}
