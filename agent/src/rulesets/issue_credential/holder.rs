//! The holder's side: messages of the issuer, checks, effects.

use super::record::{Exchange, Party, detail};
use super::{Config, misused, refused};
use crate::effects::check;
use crate::rulesets::thread::{self, Attached, Thread};
use crate::rulesets::wire::Inbound;
use crate::rulesets::{Setting, command, credentials};
use picomesh_didcomm as didcomm;
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::Step;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::issue_credential::{
    Credential, Holder, HolderEffect, HolderInput, ISSUANCE_ABANDONED, LD_PROOF_VC, Message,
};
use picomesh_protocols::problem::Problem;
use serde::Deserialize;
use serde_json::Value;

const ROLE: &str = "holder";

/// Whether a message belongs to an exchange in which we receive.
pub(super) fn is_known(context: &Context, inbound: &Inbound) -> Result<bool, Fault> {
    Ok(thread::find(context, ROLE, inbound)?.is_some())
}

/// A message of an issuer.
pub(super) fn receive(
    context: &mut Context,
    setting: &Setting,
    inbound: &Inbound,
    message: Message,
) -> Result<(), Fault> {
    let (peer, version) = (inbound.peer()?, inbound.message.version);
    let found = thread::find(context, ROLE, inbound)?;
    let is_new = found.is_none();
    let mut exchange = match found {
        Some(id) => Exchange::load(context, &id)?,
        None => opened(context, Thread::opened_by(inbound)?, &peer)?,
    };
    let input = HolderInput::Received(message);
    let step = exchange.holder()?.receive(&peer, |holder| holder.step(input));
    let step = step.map_err(|error| refused(&error, version))?;
    if is_new {
        exchange.thread.index(context, ROLE, &exchange.id)?;
    }
    apply(context, setting, &mut exchange, step, false)?;
    go_on(context, setting, &mut exchange)?;
    exchange.save(context)
}

/// An offer that a received invitation brought along.
pub(super) fn receive_attached(
    context: &mut Context,
    setting: &Setting,
    attached: &Attached,
    message: &didcomm::Message,
    offer: Message,
) -> Result<(), Fault> {
    let thread = Thread::of_attached(attached, message)?;
    let peer = thread.peer().ok_or_else(|| Fault::refused("invalid", "no way to answer"))?;
    let mut exchange = opened(context, thread, &peer)?;
    let input = HolderInput::Received(offer);
    let step = exchange.holder()?.receive(&peer, |holder| holder.step(input)).map_err(misused)?;
    exchange.thread.index(context, ROLE, &exchange.id)?;
    apply(context, setting, &mut exchange, step, false)?;
    go_on(context, setting, &mut exchange)?;
    exchange.answer(context)
}

fn opened(context: &mut Context, thread: Thread, peer: &str) -> Result<Exchange, Fault> {
    let config: Config = context.entity("config")?.unwrap_or_default();
    let party = Party::Holder(Bound::to(peer, Holder::Start));
    let mut exchange = Exchange::new(context, thread, party);
    exchange.automatic = config.auto_accept_offers.unwrap_or(false);
    Ok(exchange)
}

/// Requests what is offered, if we are to do so without asking.
fn go_on(context: &mut Context, setting: &Setting, exchange: &mut Exchange) -> Result<(), Fault> {
    let Party::Holder(Bound { role: Holder::AwaitingOurRequest { .. }, .. }) = &exchange.party
    else {
        return Ok(());
    };
    if !exchange.automatic {
        return Ok(());
    }
    match super::commands::request_offered(context, setting, exchange, None) {
        // An offer that we cannot take as it is waits for the operator.
        Err(Fault::Refused { reason, .. }) => {
            exchange.error = Some(reason);
            Ok(())
        }
        other => other,
    }
}

/// The result of a `check` job.
pub(super) fn checked(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Checked {
        exchange: String,
        verified: bool,
        report: Value,
    }
    let (checked, job) = command::result::<Checked>(event)?;
    let mut exchange = Exchange::load(context, &checked.exchange)?;
    if exchange.job.take() != Some(job) || exchange.holder()?.role.is_terminal() {
        return Ok(());
    }
    let input = if checked.verified {
        HolderInput::Valid
    } else {
        exchange.report = Some(checked.report);
        let words = "the credential did not pass the check";
        HolderInput::Invalid(Problem::new(ISSUANCE_ABANDONED, words))
    };
    act(context, setting, &mut exchange, input, false)?;
    exchange.save(context)
}

/// An input of our own.
pub(super) fn act(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    input: HolderInput,
    opens: bool,
) -> Result<(), Fault> {
    let step = exchange.holder()?.act(|holder| holder.step(input)).map_err(misused)?;
    apply(context, setting, exchange, step, opens)
}

fn apply(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    step: Step<Bound<Holder>, HolderEffect>,
    opens: bool,
) -> Result<(), Fault> {
    for effect in step.effects {
        match effect {
            HolderEffect::Send(message) => exchange.send(context, setting, &message, opens)?,
            HolderEffect::Check { request, credential, .. } => {
                let subject = check::Subject::Credential {
                    credential: issued(&credential),
                    detail: detail(&request.attached).cloned().unwrap_or_default(),
                };
                let job = check::Job { exchange: exchange.id.clone(), subject };
                exchange.ask(context, "check", &job, "checked")?;
            }
            HolderEffect::Store { credential } => {
                let replacement_id = credential.replacement_id.as_deref();
                let (id, credential) = (exchange.id.clone(), issued(&credential));
                let kept = credentials::keep(context, &credential, &id, replacement_id)?;
                exchange.credential_id = Some(kept);
            }
        }
    }
    exchange.party = Party::Holder(step.state);
    Ok(())
}

/// The JSON-LD credential among the attachments; `null`, which passes no check, if there is none.
fn issued(credential: &Credential) -> Value {
    let found = credential.attached.iter().find(|one| one.format == LD_PROOF_VC);
    found.map_or(Value::Null, |one| one.content.clone())
}
