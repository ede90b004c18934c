//! The effect `check`: is this credential, or this presentation, what it must be?
//!
//! The DIDs that it names are resolved first; those that do not resolve fail their check. The
//! reply is a report of named checks, and `verified` only when every one of them passed.
//!
//! Absent on purpose: status lists; a presented credential with a status is not accepted.

use super::perform_on_thread;
use crate::engine::{Engine, JobOutcome, Worker};
use crate::resolver::Resolver;
use crate::store::LeasedJob;
use picomesh_credentials::{
    Contexts, CredentialDetail, Documents, Expected, Policy, check_issued, dids_needed, exchange,
    verify_credential, verify_presentation,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Tries to resolve a DID whose server is away, before its check counts as failed.
const RESOLVE_ATTEMPTS_MAX: i64 = 3;

/// What a `check` job does; its reply has `exchange`, `verified` and `report`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The exchange that waits for it.
    pub exchange: String,
    /// What is to be checked.
    pub subject: Subject,
}

/// What is to be checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Subject {
    /// A credential that was issued to us.
    Credential {
        /// What came.
        credential: Value,
        /// What we requested (RFC 0593).
        detail: Value,
    },
    /// A presentation that answers our request.
    Presentation {
        /// What came.
        presentation: Value,
        /// What we requested (RFC 0510).
        request: Value,
        /// The DIDs that may have issued its credentials; `None`: anyone.
        trusted_issuers: Option<Vec<String>>,
    },
}

/// The worker of `check` jobs.
pub struct Check {
    resolver: Resolver,
    contexts: Arc<Contexts>,
}

impl Check {
    /// A worker that resolves with this and knows these JSON-LD contexts.
    pub fn new(resolver: Resolver, contexts: Arc<Contexts>) -> Self {
        Self { resolver, contexts }
    }

    async fn check(&self, engine: &Engine, leased: &LeasedJob) -> JobOutcome {
        let job: Job = match serde_json::from_value(leased.job.body.clone()) {
            Ok(job) => job,
            Err(error) => return JobOutcome::Impossible(format!("not a check job: {error}")),
        };
        let document = match &job.subject {
            Subject::Credential { credential, .. } => credential,
            Subject::Presentation { presentation, .. } => presentation,
        };
        let (mut documents, others) = Documents::local(&dids_needed(document));
        for did in others {
            match self.resolver.resolve(&did).await {
                Ok(document) => documents.insert(did, (*document).clone()),
                Err(error) if error.is_transient() && leased.attempts < RESOLVE_ATTEMPTS_MAX => {
                    return JobOutcome::Failed(format!("{did}: {error}"));
                }
                // Without its document the check fails and says which DID it was.
                Err(_) => {}
            }
        }
        let (now, contexts) = (engine.clock().now(), self.contexts.clone());
        perform_on_thread(move || check(&job, &documents, now, &contexts)).await
    }
}

impl Worker for Check {
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.check(engine, job))
    }
}

/// The reply: what was checked, and whether all of it held. `now` is in unix milliseconds.
pub(crate) fn check(
    job: &Job,
    documents: &Documents,
    now: i64,
    contexts: &Contexts,
) -> Map<String, Value> {
    let now = now.div_euclid(1000);
    let report = match &job.subject {
        Subject::Credential { credential, detail } => {
            credential_report(credential, detail, documents, now, contexts)
        }
        Subject::Presentation { presentation, request, trusted_issuers } => {
            let policy = Policy { trusted_issuers: trusted_issuers.clone(), ..Policy::default() };
            presentation_report(presentation, request, documents, now, &policy, contexts)
        }
    };
    let report = report.unwrap_or_else(|why| {
        let check = json!({ "name": "request", "passed": false, "detail": why });
        json!({ "verified": false, "checks": [check] })
    });
    let verified = report.get("verified") == Some(&Value::Bool(true));
    Map::from_iter([
        ("exchange".to_owned(), json!(job.exchange)),
        ("verified".to_owned(), json!(verified)),
        ("report".to_owned(), report),
    ])
}

/// Whether the credential is genuine and the one that was agreed on.
fn credential_report(
    credential: &Value,
    detail: &Value,
    documents: &Documents,
    now: i64,
    contexts: &Contexts,
) -> Result<Value, String> {
    let detail = CredentialDetail::parse(detail).map_err(|error| error.to_string())?;
    // Who holds a credential may keep it whatever its status; who is shown it will ask.
    let policy = Policy { ignore_status: true, ..Policy::default() };
    let verified = verify_credential(credential, documents, now, &policy, contexts);
    let agreed = check_issued(&detail, credential);
    let mut report = verified.to_json();
    let words = agreed.as_ref().map_or_else(ToString::to_string, |()| "as agreed".to_owned());
    if let Some(checks) = report.get_mut("checks").and_then(Value::as_array_mut) {
        checks.push(json!({ "name": "agreed", "passed": agreed.is_ok(), "detail": words }));
    }
    report["verified"] = json!(verified.is_valid() && agreed.is_ok());
    Ok(report)
}

fn presentation_report(
    presentation: &Value,
    request: &Value,
    documents: &Documents,
    now: i64,
    policy: &Policy,
    contexts: &Contexts,
) -> Result<Value, String> {
    let request = exchange::Request::parse(request).map_err(|error| error.to_string())?;
    let challenge = request.challenge.as_deref().ok_or("our request has no challenge")?;
    let expected = Expected {
        challenge,
        domain: request.domain.as_deref(),
        definition: Some(&request.definition),
    };
    let report = verify_presentation(presentation, &expected, documents, now, policy, contexts);
    let mut json = report.to_json();
    json["verified"] = json!(report.is_valid());
    Ok(json)
}
