//! What an operator may do: offer, propose, request, agree, decline.

use super::record::{Exchange, Party, detail};
use super::{holder, issuer};
use crate::effects::now_rfc3339;
use crate::rulesets::thread::Thread;
use crate::rulesets::{Setting, command, credentials};
use picomesh_credentials::{CREDENTIALS_V1, CredentialDetail, claims};
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::attached::Attached;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::issue_credential::{
    Holder, HolderInput, ISSUANCE_ABANDONED, Issuer, IssuerInput, LD_PROOF_VC_DETAIL, Offer,
    Proposal, Request,
};
use picomesh_protocols::problem::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A credential that is offered, proposed or requested.
#[derive(Deserialize)]
struct Wish {
    connection: String,
    credential: Value,
    options: Option<Map<String, Value>>,
    comment: Option<String>,
    goal_code: Option<String>,
    replacement_id: Option<String>,
    auto_issue: Option<bool>,
}

/// An exchange, and what to change in it.
#[derive(Deserialize)]
struct Existing {
    id: String,
    credential: Option<Value>,
    options: Option<Map<String, Value>>,
    holder_did: Option<String>,
    reason: Option<String>,
    auto_issue: Option<bool>,
}

/// `send_offer {connection, credential, options, comment, goal_code, replacement_id, auto_issue}`
pub(super) fn send_offer(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let mut wish: Wish = command::own(event)?;
    fill_issuer(context, &mut wish.credential)?;
    let attached = vec![attachment(context, wish.credential, wish.options)?];
    let Wish { goal_code, comment, replacement_id, .. } = wish;
    let offer = Offer { goal_code, comment, replacement_id, attached, preview: None };
    let mut exchange =
        begin(context, &wish.connection, |peer| Party::Issuer(Bound::to(peer, Issuer::Start)))?;
    exchange.automatic = wish.auto_issue.unwrap_or(true);
    issuer::act(context, setting, &mut exchange, IssuerInput::Offer(offer), true)?;
    exchange.answer(context)
}

/// `accept_proposal {id, credential, options, auto_issue}`: offers what is proposed, or something
/// else.
pub(super) fn accept_proposal(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Existing { id, credential, mut options, auto_issue, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    let Issuer::AwaitingOurOffer { proposal } = exchange.issuer()?.role else {
        return Err(Fault::refused("not-ready", "no proposal waits for an answer"));
    };
    let mut credential = match credential {
        Some(credential) => credential,
        None => {
            let proposed = detail(&proposal.attached).ok_or_else(no_format)?;
            let same = proposed.get("options").and_then(Value::as_object).cloned();
            options = options.or(same);
            proposed.get("credential").cloned().unwrap_or_default()
        }
    };
    fill_issuer(context, &mut credential)?;
    let attached = vec![attachment(context, credential, options)?];
    let offer = Offer { attached, preview: proposal.preview, ..Offer::default() };
    exchange.automatic = auto_issue.unwrap_or(true);
    issuer::act(context, setting, &mut exchange, IssuerInput::Offer(offer), false)?;
    exchange.answer(context)
}

/// `issue {id}`: agrees to a request.
pub(super) fn issue(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    let Existing { id, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    issuer::act(context, setting, &mut exchange, IssuerInput::Approve, false)?;
    exchange.answer(context)
}

/// `send_proposal {connection, credential, options, comment, goal_code}`
pub(super) fn send_proposal(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let wish: Wish = command::own(event)?;
    let attached = vec![attachment(context, wish.credential, wish.options)?];
    let Wish { goal_code, comment, .. } = wish;
    let proposal = Proposal { goal_code, comment, attached, preview: None };
    let mut exchange =
        begin(context, &wish.connection, |peer| Party::Holder(Bound::to(peer, Holder::Start)))?;
    holder::act(context, setting, &mut exchange, HolderInput::Propose(proposal), true)?;
    exchange.answer(context)
}

/// `send_request {connection, credential, options, comment, goal_code}`: begins with a request.
pub(super) fn send_request(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let mut wish: Wish = command::own(event)?;
    fill_subject(context, &mut wish.credential, None)?;
    let attached = vec![attachment(context, wish.credential, wish.options)?];
    let Wish { goal_code, comment, .. } = wish;
    let request = Request { goal_code, comment, attached };
    let mut exchange =
        begin(context, &wish.connection, |peer| Party::Holder(Bound::to(peer, Holder::Start)))?;
    holder::act(context, setting, &mut exchange, HolderInput::Request(request), true)?;
    exchange.answer(context)
}

/// `accept_offer {id, holder_did}`: requests what is offered.
pub(super) fn accept_offer(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Existing { id, holder_did, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    request_offered(context, setting, &mut exchange, holder_did)?;
    exchange.answer(context)
}

/// Requests what is offered, about `holder_did` or our usual DID if the offer names nobody.
pub(super) fn request_offered(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    holder_did: Option<String>,
) -> Result<(), Fault> {
    let Holder::AwaitingOurRequest { offer } = exchange.holder()?.role else {
        return Err(Fault::refused("not-ready", "no offer waits for an answer"));
    };
    let mut detail = detail(&offer.attached).ok_or_else(no_format)?.clone();
    CredentialDetail::parse(&detail).map_err(invalid)?;
    if let Some(credential) = detail.get_mut("credential") {
        fill_subject(context, credential, holder_did)?;
    }
    let attached = vec![Attached::new(LD_PROOF_VC_DETAIL, detail)];
    let request = Request { attached, ..Request::default() };
    holder::act(context, setting, exchange, HolderInput::Request(request), false)?;
    exchange.error = None;
    Ok(())
}

/// `decline {id, reason}`: ends the exchange and tells the peer the reason.
pub(super) fn decline(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Existing { id, reason, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    let problem = Problem { code: ISSUANCE_ABANDONED.into(), comment: reason };
    match exchange.party {
        Party::Issuer(_) => {
            let input = IssuerInput::Decline(problem);
            issuer::act(context, setting, &mut exchange, input, false)?;
        }
        Party::Holder(_) => {
            let input = HolderInput::Decline(problem);
            holder::act(context, setting, &mut exchange, input, false)?;
        }
    }
    exchange.answer(context)
}

/// `delete {id}`: forgets the exchange; the peer is told nothing.
pub(super) fn delete(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let Existing { id, .. } = command::own(event)?;
    let exchange = Exchange::load(context, &id)?;
    exchange.thread.unindex(context, exchange.role(), exchange.thread.peer().as_deref())?;
    context.delete(&format!("exchange/{id}"))?;
    context.directive("deleted", json!({ "id": id }));
    Ok(())
}

/// A fresh exchange on a connection, findable by its thread.
fn begin(
    context: &mut Context,
    connection: &str,
    party: impl FnOnce(String) -> Party,
) -> Result<Exchange, Fault> {
    let thid = context.fresh_uuid();
    let thread = Thread::on_connection(context, connection, thid)?;
    let exchange = Exchange::new(context, thread, party(connection.to_owned()));
    exchange.thread.index(context, exchange.role(), &exchange.id)?;
    Ok(exchange)
}

/// The attachment of an offer, proposal or request (RFC 0593); refuses what nobody could issue.
fn attachment(
    context: &Context,
    mut credential: Value,
    options: Option<Map<String, Value>>,
) -> Result<Attached, Fault> {
    let mut options = options.unwrap_or_default();
    options.entry("proofType").or_insert_with(|| json!("Ed25519Signature2018"));
    let is_v1 = credential.pointer("/@context/0").and_then(Value::as_str) == Some(CREDENTIALS_V1);
    if let (true, Some(map)) = (is_v1, credential.as_object_mut()) {
        // VCDM 1.1 demands it, and so do ACA-Py and RFC 0593.
        map.entry("issuanceDate").or_insert_with(|| json!(now_rfc3339(context.now())));
    }
    let detail = json!({ "credential": credential, "options": options });
    CredentialDetail::parse(&detail).map_err(invalid)?;
    Ok(Attached::new(LD_PROOF_VC_DETAIL, detail))
}

/// Names our usual DID as the issuer, or sees that the named one is ours.
fn fill_issuer(context: &mut Context, credential: &mut Value) -> Result<(), Fault> {
    if let Some(issuer) = claims::issuer(credential) {
        return match context.did(issuer)? {
            Some(_) => Ok(()),
            None => Err(Fault::refused("invalid", format!("{issuer} is no DID of this pico"))),
        };
    }
    let did = credentials::issuer_did(context)?;
    if let Some(map) = credential.as_object_mut() {
        map.insert("issuer".to_owned(), json!(did));
    }
    Ok(())
}

/// Names the subject of a credential that is about nobody yet.
fn fill_subject(
    context: &mut Context,
    credential: &mut Value,
    holder_did: Option<String>,
) -> Result<(), Fault> {
    let Some(Value::Object(subject)) = credential.get_mut("credentialSubject") else {
        return Ok(());
    };
    if subject.contains_key("id") {
        return Ok(());
    }
    let did = match holder_did {
        Some(did) => did,
        None => credentials::holder_did(context)?,
    };
    subject.insert("id".to_owned(), json!(did));
    Ok(())
}

fn no_format() -> Fault {
    Fault::refused("invalid", "nothing in a format that we can handle")
}

fn invalid(error: picomesh_credentials::Error) -> Fault {
    Fault::refused("invalid", error.to_string())
}
