//! Problem reports in a pico: tells authenticated senders of refused messages, and is told.
//!
//! Raises `problem_report:received {connection, thid, code, comment}`; the protocol whose thread
//! it is selects on that. Handshakes have reports of their own, see `connections`.

use super::command;
use super::discover_features;
use super::wire::{self, Destination, Inbound};
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use picomesh_protocols::report_problem::{answer, told};
use serde_json::json;

/// Id of the ruleset.
pub(super) const RID: &str = "picomesh.report-problem";
/// Handshakes and invitations are reported by the ruleset that owns them.
const REPORTED_ELSEWHERE: [&str; 3] = ["didexchange", "connections", "out-of-band"];

/// The ruleset.
pub(super) fn ruleset() -> Native {
    Native::new(Rid::literal(RID), "Reports problems and hears of them.")
        .rule("refused", "didcomm", "refused", refused)
        .rule("unsupported", "didcomm", "unsupported", unsupported)
        .rule("told_notification", "didcomm_notification", "problem_report", reported)
        .rule("told", "didcomm_report_problem", "problem_report", reported)
        .rule("acked", "didcomm_notification", "ack", |_, _| Ok(()))
        .rule("empty", "didcomm_empty", "empty", |_, _| Ok(()))
}

fn refused(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let is_elsewhere = REPORTED_ELSEWHERE.contains(&inbound.message.kind.protocol.as_str());
    if inbound.message.version == Version::V1 && is_elsewhere {
        return Ok(());
    }
    let code = event.text("code").unwrap_or_default().to_owned();
    report(context, &inbound, &public_code(&code, inbound.message.version), "Not accepted.")
}

/// Our own words for refusals are not codes of DIDComm v2.
fn public_code(code: &str, version: Version) -> String {
    let is_code = code.starts_with("e.") || code.starts_with("w.");
    match version {
        Version::V2 if !is_code => "e.p.req.not-accepted".to_owned(),
        Version::V1 | Version::V2 => code.to_owned(),
    }
}

/// Row 30: the dispatcher of ACA-Py says `message-parse-failure` too.
fn unsupported(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let code = match inbound.message.version {
        Version::V1 => "message-parse-failure",
        Version::V2 => "e.p.msg.unsupported-type",
    };
    let comment = discover_features::unsupported(&inbound.message.kind);
    report(context, &inbound, code, &comment)
}

/// Tells an authenticated sender; attack T-D17: never about a report.
fn report(
    context: &mut Context,
    inbound: &Inbound,
    code: &str,
    comment: &str,
) -> Result<(), Fault> {
    let id = context.fresh_uuid();
    let Some(report) = answer(&inbound.message, &id, code, comment) else {
        return Ok(());
    };
    match (&inbound.connection, &inbound.sender, inbound.message.version) {
        (Some(connection), _, Version::V2) => drop(wire::send(context, connection, report)?),
        (Some(connection), _, Version::V1) if connection.route.is_some() => {
            drop(wire::send(context, connection, report)?);
        }
        // The DID of a stranger in DIDComm v2 says where its owner is.
        (None, Some(sender), Version::V2) => {
            let (from, to) = (Some(inbound.my_did.clone()), sender.clone());
            wire::send_to(context, Destination::V2 { from, to }, None, report)?;
        }
        (Some(_) | None, _, _) => {}
    }
    Ok(())
}

/// Row 39: what is about nothing that we know ends here.
fn reported(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let Some(connection) = &inbound.connection else {
        return Ok(());
    };
    let Ok((report, thid)) = told(&inbound.message) else {
        return Ok(());
    };
    let attrs = json!({
        "connection": connection.id,
        "thid": thid,
        "code": report.code,
        "comment": report.comment,
    });
    context.raise("problem_report", "received", command::object(attrs));
    Ok(())
}
