//! The issuer's side: messages of the holder, signatures, effects.

use super::record::{Exchange, Party, detail};
use super::{misused, refused};
use crate::effects::sign;
use crate::rulesets::thread::{self, Thread};
use crate::rulesets::wire::Inbound;
use crate::rulesets::{Setting, command};
use picomesh_credentials::CredentialDetail;
use picomesh_pico::{Context, Event, Fault};
use picomesh_protocols::Step;
use picomesh_protocols::attached::Attached;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::issue_credential::{
    ISSUANCE_ABANDONED, Issuer, IssuerEffect, IssuerInput, LD_PROOF_VC, Message, Offer, Request,
};
use picomesh_protocols::problem::Problem;
use serde::Deserialize;
use serde_json::Value;

const ROLE: &str = "issuer";

/// Whether a message belongs to an exchange in which we issue.
pub(super) fn is_known(context: &Context, inbound: &Inbound) -> Result<bool, Fault> {
    Ok(thread::find(context, ROLE, inbound)?.is_some())
}

/// A message of a holder.
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
            let party = Party::Issuer(Bound::to(&peer, Issuer::Start));
            Exchange::new(context, Thread::opened_by(inbound)?, party)
        }
    };
    let input = IssuerInput::Received(message);
    let step = exchange.issuer()?.receive(&peer, |issuer| issuer.step(input));
    let step = step.map_err(|error| refused(&error, version))?;
    if is_new {
        exchange.thread.index(context, ROLE, &exchange.id)?;
    }
    apply(context, setting, &mut exchange, step, false)?;
    go_on(context, setting, &mut exchange)?;
    exchange.save(context)
}

/// Issues what we offered, if we are to do so without asking.
fn go_on(context: &mut Context, setting: &Setting, exchange: &mut Exchange) -> Result<(), Fault> {
    let Party::Issuer(Bound { role, .. }) = &exchange.party else {
        return Ok(());
    };
    let Issuer::AwaitingApproval { offer: Some(offer), request } = role else {
        return Ok(());
    };
    if !exchange.automatic {
        return Ok(());
    }
    let input = match is_as_offered(offer, request) {
        Ok(()) => IssuerInput::Approve,
        Err(why) => {
            let words = "the request is not what was offered";
            exchange.error = Some(format!("{words}: {why}"));
            IssuerInput::Decline(Problem::new(ISSUANCE_ABANDONED, words))
        }
    };
    act(context, setting, exchange, input, false)
}

fn is_as_offered(offer: &Offer, request: &Request) -> Result<(), String> {
    let read = |attached: &[Attached]| {
        let detail = detail(attached).ok_or("no JSON-LD credential")?;
        CredentialDetail::parse(detail).map_err(|error| error.to_string())
    };
    let (offered, requested) = (read(&offer.attached)?, read(&request.attached)?);
    offered.check_request(&requested).map_err(|error| error.to_string())
}

/// The result of a `sign` job.
pub(super) fn signed(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Signed {
        exchange: String,
        credential: Option<Value>,
        error: Option<String>,
    }
    let (signed, job) = command::result::<Signed>(event)?;
    let mut exchange = Exchange::load(context, &signed.exchange)?;
    // A thread that ended while the credential was being signed stays ended.
    if exchange.job.take() != Some(job) || exchange.issuer()?.role.is_terminal() {
        return Ok(());
    }
    let input = match signed.credential {
        Some(credential) => {
            context.put(&format!("issued/{}", exchange.id), &credential)?;
            IssuerInput::Signed(vec![Attached::new(LD_PROOF_VC, credential)])
        }
        None => {
            exchange.error = signed.error;
            IssuerInput::Decline(Problem::new(ISSUANCE_ABANDONED, "it cannot be issued"))
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
    input: IssuerInput,
    opens: bool,
) -> Result<(), Fault> {
    let step = exchange.issuer()?.act(|issuer| issuer.step(input)).map_err(misused)?;
    apply(context, setting, exchange, step, opens)
}

fn apply(
    context: &mut Context,
    setting: &Setting,
    exchange: &mut Exchange,
    step: Step<Bound<Issuer>, IssuerEffect>,
    opens: bool,
) -> Result<(), Fault> {
    for effect in step.effects {
        match effect {
            IssuerEffect::Send(message) => exchange.send(context, setting, &message, opens)?,
            IssuerEffect::Sign { request, .. } => {
                let detail = detail(&request.attached).cloned().unwrap_or_default();
                let job = sign::Job { exchange: exchange.id.clone(), detail };
                exchange.ask(context, "sign", &job, "signed")?;
            }
        }
    }
    exchange.party = Party::Issuer(step.state);
    Ok(())
}
