//! Using a connection again (RFC 0434 §Reuse Messages).

use super::accept::begin;
use super::invite::{now_seconds, refusal};
use super::records::{Handshake, Invitation, SenderState, reuse_name};
use crate::rulesets::Setting;
use crate::rulesets::connection::Connection;
use crate::rulesets::wire::{self, Inbound};
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::out_of_band::{Effect, Input, SenderEffect, SenderInput};
use serde_json::json;

/// `handshake-reuse`: the peer answers an invitation of ours over this connection.
pub(super) fn asked(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let connection = inbound.connection()?.clone();
    let unknown = || Fault::refused("no_existing_connection", "no such invitation");
    let pthid = inbound.message.pthid.as_deref().unwrap_or_default();
    let mut invitation = Invitation::load(context, pthid)?.ok_or_else(unknown)?;
    let SenderState::V1(sender) = invitation.sender else {
        return Err(unknown());
    };
    let (id, now) = (context.fresh_uuid(), now_seconds(context));
    let input = SenderInput::Reused { message: &inbound.message, id: &id, now };
    let step = sender.step(input).map_err(|error| refusal(&error, Version::V1))?;
    invitation.sender = SenderState::V1(step.state);
    // The connection that waited for a handshake is not needed.
    if let Some(waiting) = invitation.connection.take() {
        context.delete(&format!("connection/{waiting}"))?;
        Handshake::delete(context, &waiting)?;
    }
    let invitation_id = invitation.id.clone();
    invitation.save(context)?;
    for SenderEffect::Send(message) in step.effects {
        wire::send(context, &connection, message)?;
    }
    tell(context, &connection.id, &invitation_id);
    Ok(())
}

/// `handshake-reuse-accepted`: the connection stands for the invitation.
pub(super) fn accepted(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let Some((name, draft, handshake)) = waiting(context, &inbound)? else {
        return Err(Fault::refused("no_existing_connection", "nothing was to be used again"));
    };
    let receiver = handshake.receiver.ok_or_else(|| Fault::Broken("no receiver".into()))?;
    let step = receiver.step(Input::ReuseAccepted(&inbound.message));
    let step = step.map_err(|error| refusal(&error, Version::V1))?;
    if step.state.is_terminal() {
        context.delete(&name)?;
    }
    let invitation_id = draft.invitation_id.unwrap_or_default();
    tell(context, &inbound.connection()?.id, &invitation_id);
    Ok(())
}

/// A problem report about a reuse: the regular handshake begins (RFC 0434 §Reuse Accepted).
pub(super) fn refused(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let Some((name, mut draft, mut handshake)) = waiting(context, &inbound)? else {
        return Ok(());
    };
    let receiver = handshake.receiver.take().ok_or_else(|| Fault::Broken("no receiver".into()))?;
    let step = receiver.step(Input::ReuseRefused);
    let step = step.map_err(|error| refusal(&error, Version::V1))?;
    context.delete(&name)?;
    handshake.receiver = Some(step.state);
    for effect in step.effects {
        if let Effect::Handshake { protocol, services, pthid } = effect {
            let handshake = handshake.clone();
            let pthid = Some(pthid);
            begin(context, setting, &mut draft, handshake, protocol, &services, pthid)?;
        }
    }
    Ok(())
}

fn waiting(
    context: &Context,
    inbound: &Inbound,
) -> Result<Option<(String, Connection, Handshake)>, Fault> {
    let name = reuse_name(&inbound.connection()?.id, inbound.message.thread_id());
    let found: Option<(Connection, Handshake)> = context.entity(&name)?;
    Ok(found.map(|(draft, handshake)| (name, draft, handshake)))
}

fn tell(context: &mut Context, connection: &str, invitation: &str) {
    let attrs = json!({ "id": connection, "invitation_id": invitation });
    context.raise("connections", "reused", super::object(attrs));
}
