//! The worker of `resolve` jobs: a DID whose document somebody publishes.

use crate::engine::{Engine, JobOutcome, Worker};
use crate::resolver::Resolver;
use crate::store::LeasedJob;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::future::Future;
use std::pin::Pin;

/// Tries before a DID that cannot be reached counts as unresolvable: a handshake does not wait
/// for days.
const ATTEMPTS_MAX: i64 = 8;

/// What a `resolve` job does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// The DID.
    pub did: String,
    /// The connection that waits for it.
    pub connection: String,
}

/// What comes back: exactly one of `document` and `error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    /// The DID.
    pub did: String,
    /// The connection that waits for it.
    pub connection: String,
    /// Its document.
    pub document: Option<Value>,
    /// Why there is none.
    pub error: Option<String>,
}

/// Resolves DIDs.
pub struct ResolveWorker {
    resolver: Resolver,
}

impl ResolveWorker {
    /// A worker that resolves with this.
    pub fn new(resolver: Resolver) -> Self {
        Self { resolver }
    }

    async fn resolve(&self, leased: &LeasedJob) -> JobOutcome {
        let Resolve { did, connection } = match serde_json::from_value(leased.job.body.clone()) {
            Ok(body) => body,
            Err(error) => return JobOutcome::Impossible(format!("not a resolve job: {error}")),
        };
        let (document, error) = match self.resolver.resolve(&did).await {
            Ok(document) => (Some(document.to_json()), None),
            Err(error) if error.is_transient() && leased.attempts < ATTEMPTS_MAX => {
                return JobOutcome::Unreachable(error.to_string());
            }
            Err(error) => (None, Some(error.to_string())),
        };
        let resolved = json!(Resolved { did, connection, document, error });
        JobOutcome::Done(resolved.as_object().cloned().unwrap_or_else(Map::new))
    }
}

impl Worker for ResolveWorker {
    fn perform<'a>(
        &'a self,
        _engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.resolve(job))
    }
}
