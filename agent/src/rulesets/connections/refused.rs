//! What a peer hears when its handshake is refused: the problem reports of RFC 0023 and RFC 0160.
//!
//! They go out only where the way is proven: to the DID of a request whose sender has its keys,
//! or to the service of the invitation that we answered.

use super::answers::{find, sender_key};
use crate::rulesets::Setting;
use crate::rulesets::connection::Route;
use crate::rulesets::wire::{self, Destination, Inbound};
use picomesh_didcomm::problem_report::ProblemReport;
use picomesh_didcomm::{Message, MessageType, Version};
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::connections::{self as connections_1, Inviter, InviterInput};
use picomesh_protocols::did_exchange::{self, Code, Effect, Responder, ResponderInput};

/// The event `didcomm:refused`: a message was refused and left nothing.
pub(super) fn report(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let message = &inbound.message;
    if message.version != Version::V1 {
        return Ok(());
    }
    if message.kind.protocol == "out-of-band" {
        return report_reuse(context, &inbound, event.text("code"));
    }
    let is_1_0 = message.kind.protocol == "connections";
    if !is_1_0 && message.kind.protocol != "didexchange" {
        return Ok(());
    }
    let code = match (message.kind.name.as_str(), event.text("code")) {
        ("request", _) => Code::RequestNotAccepted,
        ("response", _) => Code::ResponseNotAccepted,
        ("complete", _) => Code::CompleteNotAccepted,
        _ => return Ok(()),
    };
    let route = match code {
        Code::RequestNotAccepted => way_of_request(&inbound, is_1_0),
        Code::InvitationNotAccepted
        | Code::RequestProcessingError
        | Code::ResponseNotAccepted
        | Code::ResponseProcessingError
        | Code::CompleteNotAccepted => find(context, &inbound)?
            .and_then(|(connection, handshake)| connection.route.or(handshake.invitation_route)),
    };
    let Some(route) = route else {
        return Ok(());
    };
    let id = context.fresh_uuid();
    let report = match is_1_0 {
        true => connections_1::problem_report(message.thread_id(), &id, code, EXPLAIN),
        false => did_exchange::problem_report(message, &id, code, EXPLAIN),
    };
    let from = Some(inbound.recipient_kid.clone());
    wire::send_to(context, Destination::V1 { from, route }, None, report)?;
    Ok(())
}

/// What the peer reads; why in detail stands in our log.
const EXPLAIN: &str = "Not accepted.";

/// The problem report that Out-of-Band adopts, as ACA-Py reads it.
fn report_reuse(context: &mut Context, inbound: &Inbound, code: Option<&str>) -> Result<(), Fault> {
    let Some(connection) = &inbound.connection else {
        return Ok(());
    };
    let message = &inbound.message;
    if message.kind.name != "handshake-reuse" {
        return Ok(());
    }
    let kind = MessageType::new("out-of-band", (1, message.kind.minor.min(1)), "problem_report");
    let report = ProblemReport::new(code.unwrap_or("no_existing_connection"), EXPLAIN);
    let id = context.fresh_uuid();
    let mut report = report.answer_as(message, id, kind);
    report.pthid.clone_from(&message.pthid);
    wire::send(context, connection, report)?;
    Ok(())
}

/// The way that the request itself names, if its sender proves to own it.
fn way_of_request(inbound: &Inbound, is_1_0: bool) -> Option<Route> {
    let message: &Message = &inbound.message;
    let sender_key = &sender_key(inbound).ok()?;
    let pthid = message.pthid.as_deref()?;
    let effects = if is_1_0 {
        let input = InviterInput::Requested { message, sender_key };
        Inviter::inviting(Some(pthid)).step(input).ok()?.effects
    } else {
        let input = ResponderInput::Requested { message, sender_key };
        Responder::inviting(pthid).step(input).ok()?.effects
    };
    effects.into_iter().find_map(|effect| match effect {
        Effect::Learn { document, .. } => Route::of(&document),
        Effect::Resolve { .. } | Effect::Send { .. } => None,
    })
}
