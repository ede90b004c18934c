//! The proof of a login: asked for and checked by present-proof, judged here.
//!
//! The verdict counts only when present-proof itself raised it in this very turn, when every
//! check of its report passed, and for the challenge and domain that the proof covers; then
//! the policy decides whether what was proven is enough.

use super::authority::Authority;
use super::clients::find_policy;
use super::session::{self, Login};
use crate::rulesets::wire::Inbound;
use crate::rulesets::{connection, present_proof};
use picomesh_credentials::claims;
use picomesh_login::policy::{Presentation, ProvenCredential, Reason};
use picomesh_login::session::{Input, ProofRequest};
use picomesh_login::{Client, Policy, Private};
use picomesh_pico::{Context, Event, Fault, Origin, Rid};
use serde_json::{Map, Value, json};

/// The goal of the invitation, RFC 0519.
const GOAL_CODE: &str = "request-proof";

/// A proof that was asked for.
pub(super) struct Asked {
    /// The exchange of present-proof.
    pub(super) exchange: String,
    /// The id of the invitation.
    pub(super) invitation_id: String,
    /// The out-of-band invitation with the request attached.
    pub(super) invitation: Value,
}

/// Asks for a proof without a connection: an invitation with the request attached.
pub(super) fn ask(
    context: &mut Context,
    request: &ProofRequest,
    client: &Client,
    policy: &Policy,
) -> Result<Asked, Fault> {
    let mut options = json!({ "challenge": request.challenge });
    if let Some(domain) = &request.domain {
        options["domain"] = json!(domain);
    }
    let args = json!({
        "connectionless": true,
        "thid": request.thid,
        "definition": request.presentation_definition,
        "options": options,
        "trusted_issuers": policy.trusted_issuers,
        "comment": request.comment,
        "label": client.name,
        "goal": format!("Log in to {}", client.name),
        "goal_code": GOAL_CODE,
        "expires_seconds": request.expires_at.saturating_sub(super::now(context)),
    });
    let asked = context.call(&Rid::literal(present_proof::RID), "request", args)?;
    let text = |name: &str| {
        let missing = || Fault::Broken(format!("present-proof answered without {name}"));
        asked.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(missing)
    };
    if text("thid")? != request.thid {
        return Err(Fault::Broken("present-proof chose another thread".into()));
    }
    Ok(Asked {
        exchange: text("id")?,
        invitation_id: text("invitation_id")?,
        invitation: asked.get("invitation").cloned().unwrap_or_default(),
    })
}

/// Forgets an exchange: a presentation that comes now is that of a stranger.
pub(super) fn forget_exchange(context: &mut Context, exchange: &str) -> Result<(), Fault> {
    forget(context, present_proof::RID, "forget", json!({ "id": exchange }))
}

/// Forgets an invitation with its key.
pub(super) fn forget_invitation(context: &mut Context, id: &str) -> Result<(), Fault> {
    forget(context, connection::RID, "forget_invitation", json!({ "invitation_id": id }))
}

/// What is gone already need not be forgotten.
fn forget(
    context: &mut Context,
    rid: &'static str,
    function: &str,
    args: Value,
) -> Result<(), Fault> {
    match context.call(&Rid::literal(rid), function, args) {
        Ok(_) => Ok(()),
        Err(Fault::Refused { code, .. }) if code == "not-found" => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// A wallet has answered: present-proof checks it, the page says so.
pub(super) fn presented(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    if !is_op(context) {
        return Ok(());
    }
    let inbound = Inbound::read(context, event)?;
    let thid = inbound.message.thread_id().to_owned();
    let Some(mut login) = session::by_thread(context, &thid)? else {
        return Ok(());
    };
    let provider = authority.provider(context)?;
    login.end_if_late(context, &provider)?;
    // The presentation stays with present-proof, which brings it back with its verdict.
    let (wallet, presentation) = (inbound.sender()?.to_owned(), Value::Null);
    login.step(context, &provider, Input::Presented { thid, wallet, presentation })?;
    Ok(())
}

/// `present_proof:verified` {thid, report, presentation}.
pub(super) fn verified(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    let Some(mut login) = judged(context, event)? else {
        return Ok(());
    };
    let provider = authority.provider(context)?;
    let input = match (find_policy(context, login.session.request().policy())?, proven(event)) {
        (Some(policy), Ok(presentation)) => match policy.accept(&presentation) {
            Ok(proof) => Input::Verified(Box::new(proof)),
            Err(reason) => Input::Failed(reason),
        },
        (None, _) => Input::Failed(Reason::Unavailable),
        (_, Err(reason)) => Input::Failed(reason),
    };
    login.step(context, &provider, input)?;
    Ok(())
}

/// `present_proof:rejected` {thid, report}.
pub(super) fn rejected(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    let Some(mut login) = judged(context, event)? else {
        return Ok(());
    };
    let provider = authority.provider(context)?;
    let failed = checks(&event.attrs).iter().find(|check| check["passed"] != json!(true));
    let name = failed.and_then(|check| check["name"].as_str()).unwrap_or("check");
    let reason = match name.starts_with("credential[") && name.ends_with("]-issuer") {
        true => Reason::UntrustedIssuer,
        false => Reason::InvalidPresentation(name.to_owned()),
    };
    login.step(context, &provider, Input::Failed(reason))?;
    Ok(())
}

/// `present_proof:abandoned` {thid, sender}: the wallet declined or reported a problem.
pub(super) fn abandoned(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    let Some(mut login) = judged(context, event)? else {
        return Ok(());
    };
    let provider = authority.provider(context)?;
    let thid = login.session.thid().to_owned();
    let wallet = event.text("sender").unwrap_or_default().to_owned();
    login.step(context, &provider, Input::Declined { thid, wallet })?;
    Ok(())
}

/// Logins are served by the root pico alone; others are not asked for threads of logins.
fn is_op(context: &Context) -> bool {
    context.pico().parent.is_none()
}

/// The login that a word of present-proof is about. Anybody else's word is nothing.
fn judged(context: &Context, event: &Event) -> Result<Option<Login>, Fault> {
    if !is_op(context) {
        return Ok(None);
    }
    let is_its_word = matches!(
        &event.origin, Origin::Ruleset(rid) if rid.as_str() == present_proof::RID
    );
    if !is_its_word {
        return Err(Fault::refused("forbidden", "only present-proof says this"));
    }
    match event.text("thid") {
        Some(thid) => session::by_thread(context, thid),
        None => Ok(None),
    }
}

fn checks(attrs: &Map<String, Value>) -> &[Value] {
    let checks = attrs.get("report").and_then(|report| report.get("checks"));
    checks.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What was proven, if every check passed. Challenge and domain are those that the proof
/// covers, so that the session compares what was signed and not what was asked.
fn proven(event: &Event) -> Result<Presentation, Reason> {
    let invalid = |what: &str| Reason::InvalidPresentation(what.to_owned());
    let is_verified = event.attrs.get("report").and_then(|report| report.get("verified"));
    let checks = checks(&event.attrs);
    if is_verified != Some(&json!(true))
        || checks.is_empty()
        || !checks.iter().all(|check| check["passed"] == json!(true))
    {
        return Err(invalid("report"));
    }
    let presentation = event.attrs.get("presentation").ok_or_else(|| invalid("presentation"))?;
    let proof = match presentation.get("proof") {
        Some(Value::Array(proofs)) => match proofs.as_slice() {
            [proof] => proof,
            _ => return Err(invalid("proof")),
        },
        Some(proof) => proof,
        None => return Err(invalid("proof")),
    };
    let covered = |name: &str| proof.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Presentation {
        challenge: covered("challenge").ok_or_else(|| invalid("challenge"))?,
        domain: covered("domain"),
        holder: claims::signer(presentation).ok_or_else(|| invalid("holder"))?.to_owned(),
        credentials: claims::credentials(presentation)
            .iter()
            .map(|credential| {
                let issuer = claims::issuer(credential).ok_or_else(|| invalid("issuer"))?;
                Ok(ProvenCredential {
                    issuer: issuer.to_owned(),
                    types: claims::types(credential).into_iter().map(str::to_owned).collect(),
                    document: Private(credential.clone()),
                })
            })
            .collect::<Result<_, Reason>>()?,
    })
}
