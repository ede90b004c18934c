//! The record of one exchange.

use super::{DOMAIN, RID};
use crate::rulesets::Setting;
use crate::rulesets::thread::Thread;
use picomesh_pico::{Context, Fault, Reply};
use picomesh_protocols::attached::Attached;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::present_proof::{DIF_DEFINITIONS, Message, Prover, Verifier};
use picomesh_protocols::problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One exchange with one peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    /// Its id, ordered by time.
    pub(super) id: String,
    /// Its thread.
    pub(super) thread: Thread,
    /// Our role and how far it is.
    pub(super) party: Party,
    /// Whether we present without asking.
    pub(super) automatic: bool,
    /// The job that is awaited.
    pub(super) job: Option<String>,
    /// What is requested: definition and options (RFC 0510).
    pub(super) request: Option<Value>,
    /// The DIDs that may have issued what is shown (verifier); `None`: anyone.
    pub(super) trusted_issuers: Option<Vec<String>>,
    /// The invitation that carries the request, as `picomesh.connections` made it (verifier).
    pub(super) invitation: Option<Value>,
    /// Why it did not go on, for the operator.
    pub(super) error: Option<String>,
    /// The report of the check (verifier).
    pub(super) report: Option<Value>,
    /// When it began, unix milliseconds.
    pub(super) created_at: i64,
    /// When it last changed, unix milliseconds.
    pub(super) updated_at: i64,
}

/// Our role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Party {
    /// We ask.
    Verifier(Bound<Verifier>),
    /// We show.
    Prover(Bound<Prover>),
}

impl Exchange {
    /// A fresh exchange.
    pub(super) fn new(context: &mut Context, thread: Thread, party: Party) -> Self {
        let (id, now) = (context.fresh_id(), context.now());
        Self {
            id,
            thread,
            party,
            automatic: false,
            job: None,
            request: None,
            trusted_issuers: None,
            invitation: None,
            error: None,
            report: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Loads an exchange.
    pub(super) fn load(context: &Context, id: &str) -> Result<Self, Fault> {
        let found = context.entity(&format!("exchange/{id}"))?;
        found.ok_or_else(|| Fault::not_found("exchange"))
    }

    /// Saves the exchange and tells that it changed.
    pub(super) fn save(&mut self, context: &mut Context) -> Result<(), Fault> {
        self.updated_at = context.now();
        context.put(&format!("exchange/{}", self.id), self)?;
        if let Value::Object(attrs) = self.summary() {
            context.raise(DOMAIN, "changed", attrs);
        }
        Ok(())
    }

    /// As [`Exchange::save`], and answers the caller.
    pub(super) fn answer(&mut self, context: &mut Context) -> Result<(), Fault> {
        self.save(context)?;
        context.directive("exchange", self.shown());
        Ok(())
    }

    /// `verifier` or `prover`.
    pub(super) fn role(&self) -> &'static str {
        match self.party {
            Party::Verifier(_) => "verifier",
            Party::Prover(_) => "prover",
        }
    }

    /// The verifier's state; refuses the other role.
    pub(super) fn verifier(&self) -> Result<Bound<Verifier>, Fault> {
        match &self.party {
            Party::Verifier(bound) => Ok(bound.clone()),
            Party::Prover(_) => Err(Fault::refused("not-ready", "we are the prover here")),
        }
    }

    /// The prover's state; refuses the other role.
    pub(super) fn prover(&self) -> Result<Bound<Prover>, Fault> {
        match &self.party {
            Party::Prover(bound) => Ok(bound.clone()),
            Party::Verifier(_) => Err(Fault::refused("not-ready", "we are the verifier here")),
        }
    }

    /// The presentation that came, if one did (verifier).
    pub(super) fn presentation(&self, context: &Context) -> Result<Option<Value>, Fault> {
        context.entity(&format!("presentation/{}", self.id))
    }

    /// Sends a message; the one that `opens` the thread carries the thread's id.
    pub(super) fn send(
        &self,
        context: &mut Context,
        setting: &Setting,
        message: &Message,
        opens: bool,
    ) -> Result<(), Fault> {
        let thid = self.thread.thid.as_str();
        let written = if opens {
            message.write(self.thread.version(), thid, None)
        } else {
            let id = context.fresh_uuid();
            message.write(self.thread.version(), id, Some(thid))
        };
        self.thread.send(context, setting, written)
    }

    /// Asks for a job whose result comes back as the event `reply`.
    pub(super) fn ask<T: Serialize>(
        &mut self,
        context: &mut Context,
        kind: &str,
        body: &T,
        reply: &str,
    ) -> Result<(), Fault> {
        let queue = format!("{kind}/{}", context.pico().id);
        let reply = Reply { domain: DOMAIN.into(), name: reply.into() };
        self.job = Some(context.job(kind, &queue, json!(body), Some(reply))?);
        Ok(())
    }

    fn of_invitation(&self, key: &str) -> Value {
        let found = self.invitation.as_ref().and_then(|answer| answer.get(key));
        found.cloned().unwrap_or_default()
    }

    /// What listings show.
    pub(super) fn summary(&self) -> Value {
        let (state, bound_to, problem) = match &self.party {
            Party::Verifier(bound) => {
                (bound.role.rfc_state(), &bound.bound_to, verifier_problem(&bound.role))
            }
            Party::Prover(bound) => {
                (bound.role.rfc_state(), &bound.bound_to, prover_problem(&bound.role))
            }
        };
        let verified = self.report.as_ref().and_then(|report| report.get("verified"));
        json!({
            "id": self.id,
            "ruleset": RID,
            "role": self.role(),
            "state": state,
            "verified": verified,
            "connection": self.thread.connection(),
            "bound_to": bound_to,
            "thid": self.thread.thid,
            "pthid": self.thread.pthid,
            "problem": problem,
            "error": self.error,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    /// Everything that people may see of it, but the presentation.
    pub(super) fn shown(&self) -> Value {
        let mut shown = self.summary();
        let more = [
            ("automatic", json!(self.automatic)),
            ("request", json!(self.request)),
            ("trusted_issuers", json!(self.trusted_issuers)),
            ("invitation", self.of_invitation("invitation")),
            ("invitation_id", self.of_invitation("invitation_id")),
            ("url", self.of_invitation("url")),
            ("report", json!(self.report)),
        ];
        for (name, value) in more {
            shown[name] = value;
        }
        shown
    }
}

/// The definition and options among the attachments of a request (RFC 0510).
pub(super) fn definition(attached: &[Attached]) -> Option<&Value> {
    attached.iter().find(|one| one.format == DIF_DEFINITIONS).map(|one| &one.content)
}

fn verifier_problem(verifier: &Verifier) -> Option<&Problem> {
    match verifier {
        Verifier::Rejected { problem }
        | Verifier::Declined { problem }
        | Verifier::Abandoned { problem } => Some(problem),
        Verifier::Start
        | Verifier::AwaitingOurRequest { .. }
        | Verifier::AwaitingPresentation { .. }
        | Verifier::AwaitingCheck { .. }
        | Verifier::Verified => None,
    }
}

fn prover_problem(prover: &Prover) -> Option<&Problem> {
    match prover {
        Prover::Rejected { problem }
        | Prover::Declined { problem }
        | Prover::Abandoned { problem } => Some(problem),
        Prover::Start
        | Prover::AwaitingRequest { .. }
        | Prover::AwaitingConsent { .. }
        | Prover::AwaitingProof { .. }
        | Prover::AwaitingAck
        | Prover::Presented
        | Prover::Accepted => None,
    }
}
