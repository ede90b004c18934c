//! Sending: packs a message and posts it to where its recipient listens.

use super::documents::document;
use super::keys::{Keys, own_kid};
use super::message::carried;
use super::query::{self, Asked};
use super::send::Parcel;
use super::{ANSWER, open, seal};
use crate::engine::{Answered, Engine, JobOutcome, Outward, Worker};
use crate::krl::http::{self, HttpRequest};
use crate::net::Client;
use crate::store::LeasedJob;
use picomesh_did_resolver::DidDocument;
use picomesh_didcomm::envelope::v2::{Secret, SecretKey};
use picomesh_didcomm::envelope::{self, Envelope};
use picomesh_pico::{Pico, PicoId, SecretKind};
use quick_cache::sync::Cache;
use serde_json::{Map, Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Documents of peers kept in memory.
const PEERS_MAX: usize = 10_000;

/// The documents that DIDs carry, remembered.
#[derive(Clone)]
pub(super) struct Peers {
    /// With the key ids that pico-engine knows: for packing.
    named: Arc<Cache<String, Arc<DidDocument>>>,
    /// With every key id: for opening.
    carried: Arc<Cache<String, Arc<DidDocument>>>,
}

impl Peers {
    pub(super) fn new() -> Self {
        Self { named: Arc::new(Cache::new(PEERS_MAX)), carried: Arc::new(Cache::new(PEERS_MAX)) }
    }

    /// The document for packing to a DID.
    pub(super) fn named(&self, did: &str) -> Option<Arc<DidDocument>> {
        remember(&self.named, did, document)
    }

    /// The document for opening what a DID sent.
    pub(super) fn carried(&self, did: &str) -> Option<Arc<DidDocument>> {
        remember(&self.carried, did, carried)
    }
}

fn remember(
    cache: &Cache<String, Arc<DidDocument>>,
    did: &str,
    make: fn(&str) -> Option<DidDocument>,
) -> Option<Arc<DidDocument>> {
    if let Some(known) = cache.get(did) {
        return Some(known);
    }
    let made = Arc::new(make(did)?);
    cache.insert(did.to_owned(), made.clone());
    Some(made)
}

/// The outward calls of `dido`, and the worker of its jobs.
#[derive(Clone)]
pub struct DidoOutward {
    client: Client,
    peers: Peers,
}

impl DidoOutward {
    /// Sends through this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, peers: Peers::new() }
    }

    /// Packs a message and posts it; the other server's answer as `http:post` would give it.
    async fn post(
        &self,
        engine: &Engine,
        pico: &PicoId,
        parcel: &Parcel,
    ) -> Result<Map<String, Value>, Failure> {
        let broken = |reason: String| Failure::Impossible(reason);
        let keys = Keys::find(engine, pico, &parcel.from).await;
        let keys = keys.map_err(|error| Failure::Away(error.to_string()))?;
        let keys = keys.ok_or_else(|| broken("the sending key is gone".into()))?;
        let to = match &parcel.document {
            Some(stored) => DidDocument::from_value(stored).ok().map(Arc::new),
            None => self.peers.named(&parcel.to),
        };
        let to = to.ok_or_else(|| broken("the recipient has no usable document".into()))?;
        let packed = seal::seal(&parcel.message, &keys, &to);
        let packed = packed.map_err(|error| broken(error.to_string()))?;
        let body = String::from_utf8_lossy(&packed);
        // What pico-engine reads; ours reads every media type there.
        let headers = json!({ "content-type": "application/json" });
        let args = json!({ "url": parcel.endpoint, "headers": headers, "body": body });
        let Value::Object(args) = args else { return Err(broken("arguments".into())) };
        let request = HttpRequest::from_args("post", &args).map_err(Failure::Impossible)?;
        let answer = http::perform(&self.client, request).await;
        answer.map(http::HttpResponse::into_map).map_err(Failure::Away)
    }

    async fn send_query(&self, engine: &Engine, pico: &PicoId, mut parcel: Parcel) -> Value {
        // Says that the answer may come as a message; pico-engine does not look at it.
        parcel.message.insert("return_route".into(), "all".into());
        let answer = match self.post(engine, pico, &parcel).await {
            Ok(answer) => answer,
            Err(Failure::Away(reason)) => {
                tracing::info!(%pico, reason, "a query was not answered");
                return "Query timed out".into();
            }
            Err(Failure::Impossible(reason)) => {
                tracing::info!(%pico, reason, "a query could not be sent");
                return Value::Null;
            }
        };
        if answer.get("status_code") != Some(&json!(200)) {
            return Value::Object(answer);
        }
        let content = answer.get("content").and_then(Value::as_str).unwrap_or_default();
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        match content {
            Value::Object(packed) if packed.contains_key("ciphertext") => {
                let answer = self.open_answer(engine, pico, &parcel, &packed).await;
                answer.unwrap_or_else(|| {
                    tracing::info!(%pico, "the answer to a query does not open");
                    Value::Null
                })
            }
            content @ Value::Null
            | content @ Value::Bool(_)
            | content @ Value::Number(_)
            | content @ Value::String(_)
            | content @ Value::Array(_)
            | content @ Value::Object(_) => {
                let first = content.get("directives").and_then(|all| all.get(0));
                first.and_then(|first| first.get("options")).cloned().unwrap_or_default()
            }
        }
    }

    /// What an encrypted answer says, if it is from whom we asked and about what we asked.
    async fn open_answer(
        &self,
        engine: &Engine,
        pico: &PicoId,
        parcel: &Parcel,
        packed: &Map<String, Value>,
    ) -> Option<Value> {
        let bytes = Value::Object(packed.clone()).to_string();
        let Ok(Envelope::V2(envelope)) = envelope::parse(bytes.as_bytes()) else { return None };
        let opened = self.peers.open(engine, pico, &envelope, packed).await?;
        let thread = parcel.message.get("id").and_then(Value::as_str)?;
        let is_answer = opened.sender.as_deref() == Some(&parcel.to)
            && opened.kind() == ANSWER
            && opened.text("thid") == Some(thread);
        is_answer.then(|| opened.body("result").clone())
    }

    async fn call(&self, engine: &Engine, pico: &Pico, body: Value) -> Result<Value, String> {
        let Value::Object(mut body) = body else { return Err("Error: not a call".into()) };
        let function = body.get("function").and_then(Value::as_str).unwrap_or_default().to_owned();
        if function == "ask" {
            let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
            let (rid, name) = (text("rid").unwrap_or_default(), text("name").unwrap_or_default());
            let args = match body.remove("args") {
                Some(Value::Object(args)) => args,
                _ => Map::new(),
            };
            return Ok(query::answer(engine, &pico.id, Asked { rid, name, args }).await);
        }
        let parcel = body.remove("parcel").unwrap_or_default();
        let parcel: Parcel = serde_json::from_value(parcel).map_err(|e| format!("Error: {e}"))?;
        match function.as_str() {
            "sendQuery" => Ok(self.send_query(engine, &pico.id, parcel).await),
            "send" => {
                if let Err(failure) = self.post(engine, &pico.id, &parcel).await {
                    tracing::info!(pico = %pico.id, reason = failure.reason(), "not sent");
                }
                Ok(Value::Null)
            }
            _ => Err("Error: not a call".into()),
        }
    }

    async fn deliver(&self, engine: &Engine, leased: &LeasedJob) -> JobOutcome {
        let parcel: Parcel = match serde_json::from_value(leased.job.body.clone()) {
            Ok(parcel) => parcel,
            Err(error) => return JobOutcome::Impossible(error.to_string()),
        };
        match self.post(engine, &leased.pico, &parcel).await {
            Ok(answer) => {
                let status = answer.get("status_code").and_then(Value::as_u64).unwrap_or(0);
                match status {
                    429 | 500.. => JobOutcome::Unreachable(format!("peer answered {status}")),
                    _ => JobOutcome::Done(answer),
                }
            }
            Err(Failure::Away(reason)) => JobOutcome::Unreachable(reason),
            Err(Failure::Impossible(reason)) => JobOutcome::Impossible(reason),
        }
    }
}

impl Peers {
    /// Opens a message for a DID of a pico, from somebody whose DID carries its document.
    pub(super) async fn open(
        &self,
        engine: &Engine,
        pico: &PicoId,
        envelope: &envelope::v2::Envelope,
        packed: &Map<String, Value>,
    ) -> Option<open::Opened> {
        let mut found = None;
        for kid in envelope.recipients() {
            if let Ok(Some((owner, own))) = engine.secret_by_kid(&own_kid(kid)).await
                && owner == *pico
                && own.kind == SecretKind::X25519
            {
                found = Some(Secret { kid: kid.clone(), key: SecretKey::X25519(*own.bytes) });
                break;
            }
        }
        let secret = found?;
        let sender = envelope.sender_kid()?.split('#').next()?;
        let sender = self.carried(sender)?;
        let now = u64::try_from(engine.clock().now() / 1000).unwrap_or_default();
        open::open(envelope, packed, &secret, &[&sender], now).ok()
    }
}

/// Why a message did not go out.
enum Failure {
    /// Nobody answered.
    Away(String),
    /// It cannot be sent at all.
    Impossible(String),
}

impl Failure {
    fn reason(&self) -> &str {
        match self {
            Self::Away(reason) | Self::Impossible(reason) => reason,
        }
    }
}

impl Outward for DidoOutward {
    fn perform<'a>(&'a self, engine: &'a Engine, pico: &'a Pico, body: Value) -> Answered<'a> {
        Box::pin(self.call(engine, pico, body))
    }
}

impl Worker for DidoOutward {
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.deliver(engine, job))
    }
}
