//! The verifier's side: messages of the prover, checks, effects.

use super::record::{Exchange, Party};
use super::{DOMAIN, misused, refused};
use crate::effects::check;
use crate::rulesets::thread::{self, Thread, Way};
use crate::rulesets::wire::Inbound;
use crate::rulesets::{Setting, command, connection};
use picomesh_pico::{Context, Event, Fault, Rid};
use picomesh_protocols::Step;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::present_proof::{
    ABANDONED, DIF_SUBMISSION, Message, Presentation, Verifier, VerifierEffect, VerifierInput,
};
use picomesh_protocols::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};

const ROLE: &str = "verifier";

/// Whether a message belongs to an exchange in which we verify.
pub(super) fn is_known(context: &Context, inbound: &Inbound) -> Result<bool, Fault> {
    Ok(thread::find(context, ROLE, inbound)?.is_some())
}

/// A message of a prover.
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
        None => {
            let party = Party::Verifier(Bound::to(&peer, Verifier::Start));
            Exchange::new(context, Thread::opened_by(inbound)?, party)
        }
    };
    let input = VerifierInput::Received(message);
    let step = exchange.verifier()?.receive(&peer, |verifier| verifier.step(input));
    let step = step.map_err(|error| refused(&error, version))?;
    if is_new {
        exchange.thread.index(context, ROLE, &exchange.id)?;
    } else if matches!(exchange.thread.way, Way::Nowhere { .. }) {
        // The first answer to a connectionless request: the thread is this sender's from now on.
        answered(context, &exchange, inbound)?;
        exchange.thread.learn(inbound)?;
        thread::bind(context, ROLE, inbound, &exchange.id)?;
    }
    apply(context, setting, &mut exchange, step, false)?;
    exchange.save(context)?;
    if let Verifier::Abandoned { .. } = exchange.verifier()?.role {
        let (id, thid) = (&exchange.id, &exchange.thread.thid);
        tell(context, "abandoned", json!({ "id": id, "thid": thid, "sender": inbound.sender }));
    }
    Ok(())
}

/// The invitation counts the answer, and refuses it when it came too late or is one too many.
fn answered(context: &mut Context, exchange: &Exchange, inbound: &Inbound) -> Result<(), Fault> {
    let args = json!({ "pthid": exchange.thread.pthid, "my_did": inbound.my_did });
    context.call(&Rid::literal(connection::RID), "responded", args).map(|_| ())
}

fn tell(context: &mut Context, name: &str, told: Value) {
    if let Value::Object(attrs) = told {
        context.raise(DOMAIN, name, attrs);
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
    let (Checked { exchange, verified, report }, job) = command::result(event)?;
    let mut exchange = Exchange::load(context, &exchange)?;
    // A thread that ended while the presentation was being checked stays ended.
    if exchange.job.take() != Some(job) || exchange.verifier()?.role.is_terminal() {
        return Ok(());
    }
    let (input, outcome) = if verified {
        (VerifierInput::Valid, "verified")
    } else {
        let words = "the presentation did not pass the check";
        (VerifierInput::Invalid(Problem::new(ABANDONED, words)), "rejected")
    };
    exchange.report = Some(report);
    act(context, setting, &mut exchange, input, false)?;
    exchange.save(context)?;
    let presentation = exchange.presentation(context)?;
    let told = json!({
        "id": exchange.id,
        "thid": exchange.thread.thid,
        "bound_to": exchange.verifier()?.bound_to,
        "report": exchange.report,
        "presentation": presentation,
    });
    tell(context, outcome, told);
    Ok(())
}

/// An input of our own.
pub(super) fn act(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    input: VerifierInput,
    opens: bool,
) -> Result<(), Fault> {
    let step = exchange.verifier()?.act(|verifier| verifier.step(input)).map_err(misused)?;
    apply(context, setting, exchange, step, opens)
}

fn apply(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    step: Step<Bound<Verifier>, VerifierEffect>,
    opens: bool,
) -> Result<(), Fault> {
    for effect in step.effects {
        match effect {
            VerifierEffect::Send(message) => exchange.send(context, setting, &message, opens)?,
            VerifierEffect::Check { presentation, .. } => {
                let presentation = shown(&presentation);
                context.put(&format!("presentation/{}", exchange.id), &presentation)?;
                let subject = check::Subject::Presentation {
                    presentation,
                    request: exchange.request.clone().unwrap_or_default(),
                    trusted_issuers: exchange.trusted_issuers.clone(),
                };
                let job = check::Job { exchange: exchange.id.clone(), subject };
                exchange.ask(context, "check", &job, "checked")?;
            }
        }
    }
    exchange.party = Party::Verifier(step.state);
    Ok(())
}

/// The presentation among the attachments; `null`, which passes no check, if there is none.
fn shown(presentation: &Presentation) -> Value {
    let found = presentation.attached.iter().find(|one| one.format == DIF_SUBMISSION);
    found.map_or(Value::Null, |one| one.content.clone())
}
