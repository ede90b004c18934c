//! How an invitation can be answered: a DID to resolve, or a service written out.

use picomesh_did_resolver::{Did, method::key::naked_key};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Most recipient keys, and most routing keys, of one service.
pub const KEYS_MAX: usize = 16;

/// One entry of `services`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Service {
    /// A DID whose document holds the service.
    Did(Did),
    /// The service itself.
    Inline(InlineService),
}

/// A service written out (RFC 0434 §The `services` Item).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InlineService {
    /// Usually `#inline`.
    #[serde(default = "inline_id")]
    pub id: String,
    /// `did-communication`; absent means the same.
    #[serde(rename = "type", default = "did_communication")]
    pub kind: String,
    /// did:key references; the first is the invitation key.
    pub recipient_keys: Vec<String>,
    /// did:key references, outermost last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routing_keys: Vec<String>,
    /// Where the answer goes.
    pub service_endpoint: String,
}

impl InlineService {
    /// A `did-communication` service without mediators.
    #[must_use]
    pub fn new(recipient_key: &str, service_endpoint: &str) -> Self {
        Self {
            id: inline_id(),
            kind: did_communication(),
            recipient_keys: vec![recipient_key.to_owned()],
            routing_keys: Vec::new(),
            service_endpoint: service_endpoint.to_owned(),
        }
    }

    /// The recipient keys as bytes; base58 keys are taken too, as older agents write them.
    #[must_use]
    pub fn recipient_ed25519_keys(&self) -> Vec<[u8; 32]> {
        self.recipient_keys.iter().filter_map(|key| naked_key(key).ok()).collect()
    }
}

impl Service {
    /// Reads one entry; `None` is a kind of service that we must skip (RFC 0434 processing rules).
    pub(super) fn read(entry: &Value) -> Result<Option<Self>, String> {
        if let Some(did) = entry.as_str() {
            let did = Did::try_from(did).map_err(|error| error.to_string())?;
            return Ok(Some(Self::Did(did)));
        }
        let kind = entry.get("type").and_then(Value::as_str).unwrap_or("did-communication");
        if kind != "did-communication" {
            return Ok(None);
        }
        let service = InlineService::deserialize(entry).map_err(|error| error.to_string())?;
        service.check()?;
        Ok(Some(Self::Inline(service)))
    }
}

impl InlineService {
    fn check(&self) -> Result<(), String> {
        if self.recipient_keys.is_empty() || self.recipient_keys.len() > KEYS_MAX {
            return Err(format!("a service has 1 to {KEYS_MAX} recipient keys"));
        }
        if self.routing_keys.len() > KEYS_MAX {
            return Err(format!("a service has at most {KEYS_MAX} routing keys"));
        }
        let mut keys = self.recipient_keys.iter().chain(&self.routing_keys);
        if keys.any(|key| naked_key(key).is_err()) {
            return Err("a key of a service is not an Ed25519 did:key".to_owned());
        }
        if !is_endpoint(&self.service_endpoint) {
            return Err("the service endpoint is neither a web address nor a DID".to_owned());
        }
        Ok(())
    }
}

/// Whether this can be an endpoint at all; which addresses may be called is the agent's decision.
///
/// RFC 0434 §Service Endpoint allows a DID (of a mediator); `didcomm:transport/queue` is how
/// agents without an endpoint say so.
pub(crate) fn is_endpoint(endpoint: &str) -> bool {
    if endpoint == "didcomm:transport/queue" {
        return true;
    }
    if endpoint.starts_with("did:") {
        let did = endpoint.split(['#', '?', ';', '/']).next().unwrap_or_default();
        return Did::try_from(did).is_ok();
    }
    Url::parse(endpoint)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss") && url.has_host())
}

fn inline_id() -> String {
    "#inline".to_owned()
}

fn did_communication() -> String {
    "did-communication".to_owned()
}
