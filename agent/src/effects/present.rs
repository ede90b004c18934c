//! The effect `present`: a prover chooses among its credentials and signs a presentation.
//!
//! The credentials are those of the pico that asked; the key is that of their subject, which
//! must be a did:key of the same pico.
//!
//! Absent on purpose: a presentation whose credentials are about several holders: only one of
//! them could sign it.

use super::{key_url, now_rfc3339, own_key, perform_on_thread};
use crate::engine::{Engine, EngineError, JobOutcome, Worker};
use crate::rulesets::credentials;
use crate::store::LeasedJob;
use ed25519_dalek::SigningKey;
use picomesh_credentials::{
    CREDENTIALS_V2, Contexts, Presentation, Signer, Suite, claims, exchange, present as sign,
};
use picomesh_pico::{PicoId, Query, Rid, SCAN_ROWS_MAX};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Held credentials that are looked at, the oldest ones.
const HELD_MAX: u32 = SCAN_ROWS_MAX;

/// What a `present` job does; its reply has `exchange` and either `presentation` or `error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The exchange that waits for it.
    pub exchange: String,
    /// What is requested (RFC 0510).
    pub request: Value,
    /// The credentials to choose from; empty: all that the pico holds.
    pub credentials: Vec<String>,
    /// The id that the submission gets.
    pub submission_id: String,
    /// The challenge to sign when the verifier gave none.
    pub challenge: String,
}

/// The worker of `present` jobs.
pub struct Present {
    contexts: Arc<Contexts>,
}

impl Present {
    /// A worker that knows these JSON-LD contexts.
    pub fn new(contexts: Arc<Contexts>) -> Self {
        Self { contexts }
    }

    async fn present(&self, engine: &Engine, leased: &LeasedJob) -> JobOutcome {
        let job: Job = match serde_json::from_value(leased.job.body.clone()) {
            Ok(job) => job,
            Err(error) => return JobOutcome::Impossible(format!("not a present job: {error}")),
        };
        let prepared = match prepare(engine, &leased.pico, &job.credentials).await {
            Ok(prepared) => prepared,
            Err(error) => return JobOutcome::Unreachable(error.to_string()),
        };
        let (now, contexts) = (engine.clock().now(), self.contexts.clone());
        perform_on_thread(move || present(&job, &prepared, now, &contexts)).await
    }
}

impl Worker for Present {
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.present(engine, job))
    }
}

/// A held credential, as far as it matters here.
#[derive(Deserialize)]
struct Held {
    id: String,
    credential: Value,
}

/// Credentials and the keys of their subjects.
#[derive(Default)]
pub(crate) struct Prepared {
    /// The credentials, the newest first.
    pub(crate) credentials: Vec<Value>,
    /// The pico's keys by the DID of a subject.
    pub(crate) keys: BTreeMap<String, SigningKey>,
}

async fn prepare(
    engine: &Engine,
    pico: &PicoId,
    chosen: &[String],
) -> Result<Prepared, EngineError> {
    let query = Query {
        rid: Rid::literal(credentials::RID),
        name: "credentials".into(),
        args: Map::from_iter([("limit".to_owned(), json!(HELD_MAX))]),
    };
    let mut held = engine.query(pico, query).await?;
    let held: Vec<Held> = serde_json::from_value(held["credentials"].take()).unwrap_or_default();
    let mut prepared = Prepared::default();
    for one in held.into_iter().rev() {
        if !chosen.is_empty() && !chosen.contains(&one.id) {
            continue;
        }
        if let Some(did) = claims::subject(&one.credential)
            && !prepared.keys.contains_key(did)
            && let Some(key) = own_key(engine, pico, did).await?
        {
            prepared.keys.insert(did.to_owned(), key);
        }
        prepared.credentials.push(one.credential);
    }
    Ok(prepared)
}

/// The reply: the presentation, or why there is none.
pub(crate) fn present(
    job: &Job,
    prepared: &Prepared,
    now: i64,
    contexts: &Contexts,
) -> Map<String, Value> {
    let mut reply = Map::from_iter([("exchange".to_owned(), json!(job.exchange))]);
    match presented(job, prepared, now, contexts) {
        Ok(presentation) => reply.insert("presentation".to_owned(), presentation),
        Err(error) => reply.insert("error".to_owned(), json!(error)),
    };
    reply
}

fn presented(
    job: &Job,
    prepared: &Prepared,
    now: i64,
    contexts: &Contexts,
) -> Result<Value, String> {
    let request = exchange::Request::parse(&job.request).map_err(|error| error.to_string())?;
    let mut why = "no credential about a did:key of this pico".to_owned();
    for (did, key) in &prepared.keys {
        let about = |credential: &&Value| claims::subject(credential) == Some(did);
        let own: Vec<Value> = prepared.credentials.iter().filter(about).cloned().collect();
        match exchange::matching(&request.definition, &own, Some(did), contexts) {
            Ok(selection) => {
                let pick = |index: usize| own.get(index).cloned();
                let credentials: Vec<Value> =
                    selection.credentials().into_iter().filter_map(pick).collect();
                let suite = suite(&request, &credentials);
                let presentation = Presentation {
                    submission: Some(selection.submission(&job.submission_id)),
                    holder: None,
                    challenge: request.challenge.as_deref().unwrap_or(&job.challenge),
                    domain: request.domain.as_deref(),
                    credentials,
                };
                let signer = Signer { key, verification_method: key_url(did) };
                let signed = sign(presentation, suite, &signer, &now_rfc3339(now), contexts);
                return signed.map_err(|error| error.to_string());
            }
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

/// The first suite that the verifier names and we have; else the usual one of the data model.
fn suite(request: &exchange::Request, credentials: &[Value]) -> Suite {
    let format = request.definition.to_json().get("format");
    let named = [("ldp_vp", "proof_type"), ("di_vp", "cryptosuite"), ("ldp_vc", "proof_type")];
    let named = named.iter().filter_map(|(kind, list)| format?.get(kind)?.get(list)?.as_array());
    let mut suites = named.flatten().filter_map(Value::as_str).filter_map(Suite::from_name);
    suites.next().unwrap_or_else(|| {
        let is_v2 = |credential: &Value| {
            credential.pointer("/@context/0").and_then(Value::as_str) == Some(CREDENTIALS_V2)
        };
        let all_v2 = !credentials.is_empty() && credentials.iter().all(is_v2);
        if all_v2 { Suite::EddsaRdfc2022 } else { Suite::Ed25519Signature2018 }
    })
}
