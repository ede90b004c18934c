//! The effect `sign`: an issuer's credential gets its proof.
//!
//! The job names the credential, not the key: the key is looked up when the job is done, and it
//! must belong to the pico that asked.
//!
//! Absent on purpose: any other key than that of a did:key issuer.

use super::{now_rfc3339, own_key, perform_on_thread};
use crate::engine::{Engine, JobOutcome, Worker};
use crate::store::LeasedJob;
use ed25519_dalek::SigningKey;
use picomesh_credentials::{Contexts, CredentialDetail, Signer, claims};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a `sign` job does; its reply has `exchange` and either `credential` or `error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The exchange that waits for it.
    pub exchange: String,
    /// What was requested (RFC 0593).
    pub detail: Value,
}

/// The worker of `sign` jobs.
pub struct Sign {
    contexts: Arc<Contexts>,
}

impl Sign {
    /// A worker that knows these JSON-LD contexts.
    pub fn new(contexts: Arc<Contexts>) -> Self {
        Self { contexts }
    }

    async fn sign(&self, engine: &Engine, leased: &LeasedJob) -> JobOutcome {
        let job: Job = match serde_json::from_value(leased.job.body.clone()) {
            Ok(job) => job,
            Err(error) => return JobOutcome::Impossible(format!("not a sign job: {error}")),
        };
        let issuer = job.detail.get("credential").and_then(claims::issuer);
        let key = match own_key(engine, &leased.pico, issuer.unwrap_or_default()).await {
            Ok(key) => key,
            Err(error) => return JobOutcome::Unreachable(error.to_string()),
        };
        let (now, contexts) = (engine.clock().now(), self.contexts.clone());
        perform_on_thread(move || sign(&job, key.as_ref(), now, &contexts)).await
    }
}

impl Worker for Sign {
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.sign(engine, job))
    }
}

/// The reply: the signed credential, or why there is none.
pub(crate) fn sign(
    job: &Job,
    key: Option<&SigningKey>,
    now: i64,
    contexts: &Contexts,
) -> Map<String, Value> {
    let mut reply = Map::from_iter([("exchange".to_owned(), json!(job.exchange))]);
    match signed(job, key, now, contexts) {
        Ok(credential) => reply.insert("credential".to_owned(), credential),
        Err(error) => reply.insert("error".to_owned(), json!(error)),
    };
    reply
}

fn signed(
    job: &Job,
    key: Option<&SigningKey>,
    now: i64,
    contexts: &Contexts,
) -> Result<Value, String> {
    let detail = CredentialDetail::parse(&job.detail).map_err(|error| error.to_string())?;
    let issuer = claims::issuer(&detail.credential).ok_or("the credential names no issuer")?;
    let key = key.ok_or_else(|| format!("{issuer} is no did:key of this pico"))?;
    let verification_method = super::key_url(issuer);
    let signer = Signer { key, verification_method };
    let signed = detail.issue(&signer, &now_rfc3339(now), contexts);
    signed.map_err(|error| error.to_string())
}
