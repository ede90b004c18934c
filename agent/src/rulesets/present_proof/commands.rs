//! What an operator may do: request, propose, present, decline.

use super::record::{Exchange, Party, definition};
use super::{prover, verifier};
use crate::rulesets::connection;
use crate::rulesets::thread::{Thread, Way};
use crate::rulesets::{Setting, command};
use picomesh_credentials::exchange as pex;
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault, Rid};
use picomesh_protocols::attached::Attached;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::present_proof::{
    ABANDONED, DIF_DEFINITIONS, Message, Proposal, Prover, ProverInput, Request, Verifier,
    VerifierInput,
};
use picomesh_protocols::problem::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A presentation that is requested.
#[derive(Deserialize)]
pub(super) struct Wish {
    /// Whom to ask; nobody in particular when `connectionless`.
    connection: Option<String>,
    connectionless: Option<bool>,
    /// The id of the thread; a fresh one unless given.
    thid: Option<String>,
    definition: Value,
    options: Option<Map<String, Value>>,
    comment: Option<String>,
    goal: Option<String>,
    goal_code: Option<String>,
    label: Option<String>,
    expires_seconds: Option<u64>,
    will_confirm: Option<bool>,
    trusted_issuers: Option<Vec<String>>,
}

/// An exchange, and what to do in it.
#[derive(Deserialize)]
struct Existing {
    id: String,
    definition: Option<Value>,
    options: Option<Map<String, Value>>,
    credentials: Option<Value>,
    reason: Option<String>,
    trusted_issuers: Option<Vec<String>>,
}

/// `send_request {connection | connectionless, definition, options {challenge, domain}, comment,
/// goal, goal_code, label, expires_seconds, will_confirm, trusted_issuers}`
pub(super) fn send_request(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let shown = request(context, setting, command::own(event)?)?;
    context.directive("exchange", shown.clone());
    context.directive("request", shown);
    Ok(())
}

/// Sends a request, or makes an invitation that carries it; the exchange as it is shown.
pub(super) fn request(
    context: &mut Context,
    setting: &Setting,
    wish: Wish,
) -> Result<Value, Fault> {
    let thid = match wish.thid {
        Some(thid) => thid,
        None => context.fresh_uuid(),
    };
    let content = content(context, wish.definition, wish.options)?;
    let request = Request {
        goal_code: wish.goal_code.clone(),
        comment: wish.comment,
        will_confirm: wish.will_confirm.unwrap_or(true),
        attached: vec![Attached::new(DIF_DEFINITIONS, content.clone())],
    };
    let (thread, bound, invitation) = match wish.connection {
        Some(connection) => {
            let thread = Thread::on_connection(context, &connection, thid)?;
            (thread, Bound::to(connection, Verifier::Start), None)
        }
        None if wish.connectionless == Some(true) => {
            let message = Message::Request(request.clone()).write(Version::V1, &thid, None);
            let invitation = invite(
                context,
                json!({
                    "message": message.to_fields(),
                    "label": wish.label,
                    "goal": wish.goal,
                    "goal_code": wish.goal_code,
                    "expires_seconds": wish.expires_seconds,
                }),
            )?;
            let way = Way::Nowhere { mine: text(&invitation, "verkey")? };
            let pthid = Some(text(&invitation, "invitation_id")?);
            let thread = Thread { thid, pthid, generation: 1, way };
            (thread, Bound::open(Verifier::Start), Some(invitation))
        }
        None => return Err(Fault::refused("invalid", "neither connection nor connectionless")),
    };
    let mut exchange = Exchange::new(context, thread, Party::Verifier(bound));
    exchange.thread.index(context, exchange.role(), &exchange.id)?;
    exchange.request = Some(content);
    exchange.trusted_issuers = wish.trusted_issuers;
    exchange.invitation = invitation;
    verifier::act(context, setting, &mut exchange, VerifierInput::Request(request), true)?;
    exchange.save(context)?;
    Ok(exchange.shown())
}

/// `accept_proposal {id, definition, options, trusted_issuers}`: requests what is proposed, or
/// something else.
pub(super) fn accept_proposal(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Existing { id, definition: other, options, trusted_issuers, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    let Verifier::AwaitingOurRequest { proposal } = exchange.verifier()?.role else {
        return Err(Fault::refused("not-ready", "no proposal waits for an answer"));
    };
    let proposed = || {
        let found = definition(&proposal.attached).filter(|content| content.is_object());
        // RFC 0510: a proposal is the definition itself; some wrap it as a request does.
        found.map(|content| content.get("presentation_definition").unwrap_or(content).clone())
    };
    let definition = other.or_else(proposed);
    let definition = definition.ok_or_else(|| {
        Fault::refused("invalid", "the proposal has no definition in a format that we can handle")
    })?;
    let content = content(context, definition, options)?;
    let attached = vec![Attached::new(DIF_DEFINITIONS, content.clone())];
    let request = Request { attached, will_confirm: true, ..Request::default() };
    exchange.request = Some(content);
    exchange.trusted_issuers = trusted_issuers;
    verifier::act(context, setting, &mut exchange, VerifierInput::Request(request), false)?;
    exchange.answer(context)
}

/// `send_proposal {connection | id, definition, comment}`: begins, or answers a request.
pub(super) fn send_proposal(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Args {
        id: Option<String>,
        connection: Option<String>,
        definition: Value,
        comment: Option<String>,
    }
    let Args { id, connection, definition, comment } = command::own(event)?;
    pex::Definition::parse(&definition).map_err(invalid)?;
    let attached = vec![Attached::new(DIF_DEFINITIONS, definition)];
    let proposal = Proposal { goal_code: None, comment, attached };
    let (mut exchange, opens) = match (id, connection) {
        (Some(id), _) => (Exchange::load(context, &id)?, false),
        (None, Some(connection)) => {
            let thid = context.fresh_uuid();
            let thread = Thread::on_connection(context, &connection, thid)?;
            let party = Party::Prover(Bound::to(connection, Prover::Start));
            let exchange = Exchange::new(context, thread, party);
            exchange.thread.index(context, exchange.role(), &exchange.id)?;
            (exchange, true)
        }
        (None, None) => return Err(Fault::refused("invalid", "neither id nor connection")),
    };
    prover::act(context, setting, &mut exchange, ProverInput::Propose(proposal), opens)?;
    exchange.answer(context)
}

/// `present {id, credentials}`: agrees; `credentials` is a list of ids, or such lists by the id
/// of the input descriptor. Without it the presentation is made of whatever fits.
pub(super) fn present(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Existing { id, credentials, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    let credentials = ids(credentials.as_ref());
    let input = ProverInput::Consent { credentials };
    prover::act(context, setting, &mut exchange, input, false)?;
    exchange.answer(context)
}

/// `decline {id, reason}`: ends the exchange and tells the peer the reason.
pub(super) fn decline(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    let Existing { id, reason, .. } = command::own(event)?;
    let mut exchange = Exchange::load(context, &id)?;
    let problem = Problem { code: ABANDONED.into(), comment: reason };
    match exchange.party {
        Party::Verifier(_) => {
            let input = VerifierInput::Decline(problem);
            verifier::act(context, setting, &mut exchange, input, false)?;
        }
        Party::Prover(_) => {
            let input = ProverInput::Decline(problem);
            prover::act(context, setting, &mut exchange, input, false)?;
        }
    }
    exchange.answer(context)
}

/// `delete {id}`: forgets the exchange; the peer is told nothing.
pub(super) fn delete(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let Existing { id, .. } = command::own(event)?;
    forget(context, &id)?;
    context.directive("deleted", json!({ "id": id }));
    Ok(())
}

/// Forgets an exchange and what came of it.
pub(super) fn forget(context: &mut Context, id: &str) -> Result<(), Fault> {
    let exchange = Exchange::load(context, id)?;
    exchange.thread.unindex(context, exchange.role(), exchange.thread.peer().as_deref())?;
    context.delete(&format!("exchange/{id}"))?;
    context.delete(&format!("presentation/{id}"))
}

/// The attachment of a request (RFC 0510), its challenge fresh unless the caller has one.
fn content(
    context: &mut Context,
    mut definition: Value,
    options: Option<Map<String, Value>>,
) -> Result<Value, Fault> {
    let mut options = options.unwrap_or_default();
    if !options.contains_key("challenge") {
        options.insert("challenge".to_owned(), json!(context.fresh_uuid()));
    }
    if let Some(map) = definition.as_object_mut()
        && !map.contains_key("id")
    {
        map.insert("id".to_owned(), json!(context.fresh_uuid()));
    }
    let content = json!({ "options": options, "presentation_definition": definition });
    let parsed = pex::Request::parse(&content).map_err(invalid)?;
    if parsed.challenge.as_deref().unwrap_or_default().is_empty() {
        return Err(Fault::refused("invalid", "a request without a challenge can be replayed"));
    }
    Ok(content)
}

fn invite(context: &mut Context, args: Value) -> Result<Value, Fault> {
    context.call(&Rid::literal(connection::RID), "invitation_for_request", args)
}

fn text(value: &Value, key: &str) -> Result<String, Fault> {
    let found = value.get(key).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| Fault::Broken(format!("an invitation without {key}")))
}

fn ids(credentials: Option<&Value>) -> Vec<String> {
    match credentials {
        Some(Value::String(id)) => vec![id.clone()],
        Some(Value::Array(list)) => list.iter().flat_map(|one| ids(Some(one))).collect(),
        Some(Value::Object(map)) => map.values().flat_map(|one| ids(Some(one))).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => Vec::new(),
    }
}

fn invalid(error: picomesh_credentials::Error) -> Fault {
    Fault::refused("invalid", error.to_string())
}
