//! The messages of handshakes as they come from peers.

use super::invite::take_answer;
use super::records::{Handshake, Machine, fresh, thread_name};
use super::settle::{connections_refusal, exchange_refusal, settle};
use crate::rulesets::Setting;
use crate::rulesets::connection::{self, Connection};
use crate::rulesets::wire::Inbound;
use picomesh_did_resolver::method::key::naked_key;
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::connections::{InviteeInput, Inviter, InviterInput};
use picomesh_protocols::did_exchange::{RequesterInput, Responder, ResponderInput};

/// A `request` of either handshake: somebody answers an invitation of ours.
pub(super) fn requested(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let message = &inbound.message;
    let sender_key = sender_key(&inbound)?;
    let pthid = message.pthid.as_deref().unwrap_or_default();
    let invitation = take_answer(context, pthid, &inbound.my_did)?;
    let is_1_0 = message.kind.protocol == "connections";
    let (machine, effects) = if is_1_0 {
        let input = InviterInput::Requested { message, sender_key: &sender_key };
        let step = Inviter::inviting(Some(pthid)).step(input);
        let step = step.map_err(|error| connections_refusal(&error))?;
        (Machine::Inviter(step.state), step.effects)
    } else {
        let input = ResponderInput::Requested { message, sender_key: &sender_key };
        let step = Responder::inviting(pthid).step(input);
        let step = step.map_err(|error| exchange_refusal(&error))?;
        (Machine::Responder(step.state), step.effects)
    };
    let mut connection = match &invitation.connection {
        Some(id) => connection::own(context, id)?,
        None => None,
    };
    let mut connection =
        connection.take().unwrap_or_else(|| fresh(context, "inviter", "didexchange/1.1"));
    connection.protocol = match is_1_0 {
        true => "connections/1.0".to_owned(),
        false => format!("didexchange/1.{}", message.kind.minor.min(1)),
    };
    connection.invitation_id = Some(invitation.id.clone());
    connection.alias.clone_from(&invitation.alias);
    connection.thid = Some(message.thread_id().to_owned());
    // Until we have a DID for this peer, we speak with the invitation's.
    connection.my_did = Some(invitation.did.clone());
    connection.my_key = Some(invitation.verkey.clone());
    connection.their_label = label(&machine);
    let mut handshake = Handshake::new(machine, invitation.auto_accept);
    handshake.invitation_key = Some(invitation.verkey);
    settle(context, setting, &mut connection, handshake, effects)
}

fn label(machine: &Machine) -> Option<String> {
    match machine {
        Machine::Responder(
            Responder::AwaitingDecision { request } | Responder::AwaitingDocument { request, .. },
        ) => Some(request.label.clone()),
        Machine::Inviter(
            Inviter::AwaitingDecision { request } | Inviter::AwaitingDocument { request, .. },
        ) => Some(request.label.clone()),
        Machine::Responder(_)
        | Machine::Inviter(_)
        | Machine::Requester(_)
        | Machine::Invitee(_)
        | Machine::Invited
        | Machine::AwaitingService { .. } => None,
    }
}

/// A `response` of either handshake: the inviter answers our request.
pub(super) fn responded(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let (mut connection, mut handshake) = on_thread(context, &inbound, "response_not_accepted")?;
    let (message, sender_key) = (&inbound.message, sender_key(&inbound)?);
    let id = context.fresh_uuid();
    let machine = std::mem::replace(&mut handshake.machine, Machine::Invited);
    let effects = match (machine, message.kind.protocol.as_str()) {
        (Machine::Requester(role), "didexchange") => {
            let input = RequesterInput::Responded { message, sender_key: &sender_key, id: &id };
            let step = role.step(input).map_err(|error| exchange_refusal(&error))?;
            handshake.machine = Machine::Requester(step.state);
            step.effects
        }
        (Machine::Invitee(role), "connections") => {
            let input = InviteeInput::Responded { message, sender_key: &sender_key, id: &id };
            let step = role.step(input).map_err(|error| connections_refusal(&error))?;
            handshake.machine = Machine::Invitee(step.state);
            step.effects
        }
        _ => return Err(unexpected("response_not_accepted")),
    };
    settle(context, setting, &mut connection, handshake, effects)
}

/// A `complete` of DID Exchange.
pub(super) fn completed(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let mut connection = inbound.connection()?.clone();
    let handshake = Handshake::load(context, &connection.id)?;
    let Some(Handshake { machine: Machine::Responder(role), .. }) = &handshake else {
        return Err(unexpected("complete_not_accepted"));
    };
    let step = role.clone().step(ResponderInput::Completed(&inbound.message));
    let step = step.map_err(|error| exchange_refusal(&error))?;
    let handshake = Handshake {
        machine: Machine::Responder(step.state),
        ..handshake.ok_or_else(|| unexpected("complete_not_accepted"))?
    };
    settle(context, setting, &mut connection, handshake, step.effects)
}

/// A problem report of either handshake; one about nothing is swallowed.
pub(super) fn reported(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let Some((mut connection, mut handshake)) = find(context, &inbound)? else {
        return Ok(());
    };
    let message = &inbound.message;
    // The report of a peer whose request we never saw is about somebody else's thread.
    if connection.thid.as_deref() != Some(message.thread_id()) {
        return Ok(());
    }
    let machine = std::mem::replace(&mut handshake.machine, Machine::Invited);
    handshake.machine = match machine {
        Machine::Requester(role) => match role.step(RequesterInput::Reported(message)) {
            Ok(step) => Machine::Requester(step.state),
            Err(_) => return Ok(()),
        },
        Machine::Responder(role) => match role.step(ResponderInput::Reported(message)) {
            Ok(step) => Machine::Responder(step.state),
            Err(_) => return Ok(()),
        },
        Machine::Invitee(role) => match role.step(InviteeInput::Reported(message)) {
            Ok(step) => Machine::Invitee(step.state),
            Err(_) => return Ok(()),
        },
        Machine::Inviter(role) => match role.step(InviterInput::Reported(message)) {
            Ok(step) => Machine::Inviter(step.state),
            Err(_) => return Ok(()),
        },
        Machine::Invited | Machine::AwaitingService { .. } => return Ok(()),
    };
    settle(context, setting, &mut connection, handshake, vec![])
}

/// The handshake that a message moves: by its sender, or by our key and the thread while the
/// inviter's own key is not known.
pub(super) fn find(
    context: &mut Context,
    inbound: &Inbound,
) -> Result<Option<(Connection, Handshake)>, Fault> {
    let connection = match &inbound.connection {
        Some(connection) => Some(connection.clone()),
        None => {
            let name = thread_name(&inbound.recipient_kid, inbound.message.thread_id());
            match context.entity::<String>(&name)? {
                Some(id) => connection::own(context, &id)?,
                None => None,
            }
        }
    };
    let Some(connection) = connection else {
        return Ok(None);
    };
    let handshake = Handshake::load(context, &connection.id)?;
    Ok(handshake.map(|handshake| (connection, handshake)))
}

fn on_thread(
    context: &mut Context,
    inbound: &Inbound,
    code: &str,
) -> Result<(Connection, Handshake), Fault> {
    find(context, inbound)?.ok_or_else(|| unexpected(code))
}

fn unexpected(code: &str) -> Fault {
    Fault::refused(code, "no handshake waits for this message")
}

pub(super) fn sender_key(inbound: &Inbound) -> Result<[u8; 32], Fault> {
    let not_a_key = |_| Fault::refused("e.p.trust", "the sender is not a DIDComm v1 key");
    naked_key(inbound.sender()?).map_err(not_a_key)
}
