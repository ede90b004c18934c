//! The record of one exchange.

use super::{DOMAIN, RID};
use crate::rulesets::Setting;
use crate::rulesets::thread::Thread;
use picomesh_pico::{Context, Fault, Reply};
use picomesh_protocols::attached::Attached;
use picomesh_protocols::bound::Bound;
use picomesh_protocols::issue_credential::{Holder, Issuer, LD_PROOF_VC_DETAIL, Message};
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
    /// Whether it goes on without asking: issuing what we offered, requesting what is offered.
    pub(super) automatic: bool,
    /// The job that is awaited.
    pub(super) job: Option<String>,
    /// The credential that came of it (holder).
    pub(super) credential_id: Option<String>,
    /// Why it did not go on, for the operator.
    pub(super) error: Option<String>,
    /// The report of a check that failed (holder).
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
    /// We issue.
    Issuer(Bound<Issuer>),
    /// We receive.
    Holder(Bound<Holder>),
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
            credential_id: None,
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

    /// `issuer` or `holder`.
    pub(super) fn role(&self) -> &'static str {
        match self.party {
            Party::Issuer(_) => "issuer",
            Party::Holder(_) => "holder",
        }
    }

    /// The issuer's state; refuses the other role.
    pub(super) fn issuer(&self) -> Result<Bound<Issuer>, Fault> {
        match &self.party {
            Party::Issuer(bound) => Ok(bound.clone()),
            Party::Holder(_) => Err(Fault::refused("not-ready", "we are the holder here")),
        }
    }

    /// The holder's state; refuses the other role.
    pub(super) fn holder(&self) -> Result<Bound<Holder>, Fault> {
        match &self.party {
            Party::Holder(bound) => Ok(bound.clone()),
            Party::Issuer(_) => Err(Fault::refused("not-ready", "we are the issuer here")),
        }
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

    /// What listings show.
    pub(super) fn summary(&self) -> Value {
        let (state, problem) = match &self.party {
            Party::Issuer(bound) => (bound.role.rfc_state(), issuer_problem(&bound.role)),
            Party::Holder(bound) => (bound.role.rfc_state(), holder_problem(&bound.role)),
        };
        json!({
            "id": self.id,
            "ruleset": RID,
            "role": self.role(),
            "state": state,
            "connection": self.thread.connection(),
            "thid": self.thread.thid,
            "pthid": self.thread.pthid,
            "credential_id": self.credential_id,
            "problem": problem,
            "error": self.error,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }

    /// Everything that people may see of it.
    pub(super) fn shown(&self) -> Value {
        let mut shown = self.summary();
        let detail = match &self.party {
            Party::Issuer(bound) => issuer_detail(&bound.role),
            Party::Holder(bound) => holder_detail(&bound.role),
        };
        shown["automatic"] = json!(self.automatic);
        shown["detail"] = json!(detail);
        shown["report"] = json!(self.report);
        shown
    }
}

/// The detail of a JSON-LD credential among the attachments (RFC 0593).
pub(super) fn detail(attached: &[Attached]) -> Option<&Value> {
    attached.iter().find(|one| one.format == LD_PROOF_VC_DETAIL).map(|one| &one.content)
}

fn issuer_detail(issuer: &Issuer) -> Option<&Value> {
    match issuer {
        Issuer::AwaitingOurOffer { proposal } => detail(&proposal.attached),
        Issuer::AwaitingRequest { offer } => detail(&offer.attached),
        Issuer::AwaitingApproval { request, .. } | Issuer::AwaitingSignature { request, .. } => {
            detail(&request.attached)
        }
        Issuer::Start
        | Issuer::AwaitingAck
        | Issuer::Acked
        | Issuer::Declined { .. }
        | Issuer::Abandoned { .. } => None,
    }
}

fn holder_detail(holder: &Holder) -> Option<&Value> {
    match holder {
        Holder::AwaitingOffer { proposal } => detail(&proposal.attached),
        Holder::AwaitingOurRequest { offer } => detail(&offer.attached),
        Holder::AwaitingCredential { request, .. } => detail(&request.attached),
        Holder::Start
        | Holder::AwaitingCheck { .. }
        | Holder::Stored
        | Holder::Declined { .. }
        | Holder::Rejected { .. }
        | Holder::Abandoned { .. } => None,
    }
}

fn issuer_problem(issuer: &Issuer) -> Option<&Problem> {
    match issuer {
        Issuer::Declined { problem } | Issuer::Abandoned { problem } => Some(problem),
        Issuer::Start
        | Issuer::AwaitingOurOffer { .. }
        | Issuer::AwaitingRequest { .. }
        | Issuer::AwaitingApproval { .. }
        | Issuer::AwaitingSignature { .. }
        | Issuer::AwaitingAck
        | Issuer::Acked => None,
    }
}

fn holder_problem(holder: &Holder) -> Option<&Problem> {
    match holder {
        Holder::Declined { problem }
        | Holder::Rejected { problem }
        | Holder::Abandoned { problem } => Some(problem),
        Holder::Start
        | Holder::AwaitingOffer { .. }
        | Holder::AwaitingOurRequest { .. }
        | Holder::AwaitingCredential { .. }
        | Holder::AwaitingCheck { .. }
        | Holder::Stored => None,
    }
}
