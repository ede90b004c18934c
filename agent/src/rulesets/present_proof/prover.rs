//! The prover's side: messages of the verifier, presentations, effects.

use super::record::{Exchange, Party, definition};
use super::{Config, misused, refused};
use crate::effects::present;
use crate::rulesets::thread::{self, Attached, Thread};
use crate::rulesets::wire::Inbound;
use crate::rulesets::{Setting, command};
use picomesh_didcomm as didcomm;
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::Step;
use picomesh_protocols::attached;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::present_proof::{
    DIF_SUBMISSION, Message, Presentation, Prover, ProverEffect, ProverInput,
};
use serde::Deserialize;
use serde_json::Value;

const ROLE: &str = "prover";

/// Whether a message belongs to an exchange in which we present.
pub(super) fn is_known(context: &Context, inbound: &Inbound) -> Result<bool, Fault> {
    Ok(thread::find(context, ROLE, inbound)?.is_some())
}

/// A message of a verifier.
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
    let input = ProverInput::Received(message);
    let step = exchange.prover()?.receive(&peer, |prover| prover.step(input));
    let step = step.map_err(|error| refused(&error, version))?;
    if is_new {
        exchange.thread.index(context, ROLE, &exchange.id)?;
    }
    apply(context, setting, &mut exchange, step, false)?;
    go_on(context, setting, &mut exchange)?;
    exchange.save(context)
}

/// A request that a received invitation brought along.
pub(super) fn receive_attached(
    context: &mut Context,
    setting: &Setting,
    attached: &Attached,
    message: &didcomm::Message,
    request: Message,
) -> Result<(), Fault> {
    let thread = Thread::of_attached(attached, message)?;
    let peer = thread.peer().ok_or_else(|| Fault::refused("invalid", "no way to answer"))?;
    let mut exchange = opened(context, thread, &peer)?;
    let input = ProverInput::Received(request);
    let step = exchange.prover()?.receive(&peer, |prover| prover.step(input)).map_err(misused)?;
    exchange.thread.index(context, ROLE, &exchange.id)?;
    apply(context, setting, &mut exchange, step, false)?;
    go_on(context, setting, &mut exchange)?;
    exchange.answer(context)
}

fn opened(context: &mut Context, thread: Thread, peer: &str) -> Result<Exchange, Fault> {
    let config: Config = context.entity("config")?.unwrap_or_default();
    let party = Party::Prover(Bound::to(peer, Prover::Start));
    let mut exchange = Exchange::new(context, thread, party);
    exchange.automatic = config.auto_present.unwrap_or(false);
    Ok(exchange)
}

/// Presents what is asked for, if we are to do so without asking.
fn go_on(context: &mut Context, setting: &Setting, exchange: &mut Exchange) -> Result<(), Fault> {
    let asks = matches!(
        &exchange.party,
        Party::Prover(Bound { role: Prover::AwaitingConsent { .. }, .. })
    );
    if !asks || !exchange.automatic {
        return Ok(());
    }
    let input = ProverInput::Consent { credentials: Vec::new() };
    act(context, setting, exchange, input, false)
}

/// The result of a `present` job.
pub(super) fn presented(
    context: &mut Context,
    setting: &Setting,
    event: &Event,
) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Presented {
        exchange: String,
        presentation: Option<Value>,
        error: Option<String>,
    }
    let (presented, job) = command::result::<Presented>(event)?;
    let mut exchange = Exchange::load(context, &presented.exchange)?;
    if exchange.job.take() != Some(job) || exchange.prover()?.role.is_terminal() {
        return Ok(());
    }
    let input = match presented.presentation {
        Some(presentation) => {
            let attached = vec![attached::Attached::new(DIF_SUBMISSION, presentation)];
            ProverInput::Presented(Presentation { attached, ..Presentation::default() })
        }
        None => {
            exchange.error = presented.error;
            ProverInput::Unable
        }
    };
    act(context, setting, &mut exchange, input, false)?;
    exchange.save(context)
}

/// An input of our own.
pub(super) fn act(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    input: ProverInput,
    opens: bool,
) -> Result<(), Fault> {
    let step = exchange.prover()?.act(|prover| prover.step(input)).map_err(misused)?;
    apply(context, setting, exchange, step, opens)
}

fn apply(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    step: Step<Bound<Prover>, ProverEffect>,
    opens: bool,
) -> Result<(), Fault> {
    for effect in step.effects {
        match effect {
            ProverEffect::Send(message) => exchange.send(context, setting, &message, opens)?,
            ProverEffect::Present { request, credentials } => {
                let job = present::Job {
                    exchange: exchange.id.clone(),
                    request: definition(&request.attached).cloned().unwrap_or_default(),
                    credentials,
                    submission_id: context.fresh_uuid(),
                    challenge: context.fresh_uuid(),
                };
                exchange.error = None;
                exchange.ask(context, "present", &job, "presented")?;
            }
        }
    }
    if let Prover::AwaitingConsent { request } = &step.state.role {
        exchange.request = definition(&request.attached).cloned();
    }
    exchange.party = Party::Prover(step.state);
    Ok(())
}
