//! Slow work of a pico that is no message: signing, checking, presenting.
//!
//! One file per kind of job. A worker gathers what the job needs (keys, held credentials, DID
//! documents), hands it to a plain function, and the result returns to the pico as an event.
//! A result that says "no" is a result: only what may go better later is a failed job.
//!
//! Absent on purpose: changes of state; those are the rules'.

pub mod check;
pub mod event;
pub mod present;
pub mod resolve;
pub mod sign;

use crate::engine::{Engine, EngineError, JobOutcome};
use chrono::{DateTime, SecondsFormat};
use ed25519_dalek::SigningKey;
use picomesh_did_resolver::PublicKey;
use picomesh_pico::{PicoId, SecretKind};
use serde_json::{Map, Value};

/// The key of a did:key, if it belongs to this very pico.
async fn own_key(
    engine: &Engine,
    pico: &PicoId,
    did: &str,
) -> Result<Option<SigningKey>, EngineError> {
    let Some(verkey) = verkey(did) else {
        return Ok(None);
    };
    let found = engine.secret_by_kid(&verkey).await?;
    let own = found.filter(|(owner, secret)| owner == pico && secret.kind == SecretKind::Ed25519);
    Ok(own.map(|(_, secret)| SigningKey::from_bytes(&secret.bytes)))
}

/// The id under which the secret of a did:key is kept: its Ed25519 key in base58.
pub(crate) fn verkey(did: &str) -> Option<String> {
    match PublicKey::from_multibase(did.strip_prefix("did:key:")?).ok()? {
        key @ PublicKey::Ed25519(_) => Some(key.to_base58()),
        PublicKey::X25519(_)
        | PublicKey::P256(_)
        | PublicKey::P384(_)
        | PublicKey::Secp256k1(_) => None,
    }
}

/// The verification method of a did:key.
pub(crate) fn key_url(did: &str) -> String {
    format!("{did}#{}", did.trim_start_matches("did:key:"))
}

/// A time in unix milliseconds as proofs write it.
pub(crate) fn now_rfc3339(now: i64) -> String {
    let time = DateTime::from_timestamp_millis(now).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Runs work that takes milliseconds of a processor away from the tasks that serve sockets.
async fn perform_on_thread(
    work: impl FnOnce() -> Map<String, Value> + Send + 'static,
) -> JobOutcome {
    match tokio::task::spawn_blocking(work).await {
        Ok(reply) => JobOutcome::Done(reply),
        Err(error) => JobOutcome::Failed(error.to_string()),
    }
}
