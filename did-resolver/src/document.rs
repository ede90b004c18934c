//! The DID document: who may act for a DID, with which keys, and where it listens.
//!
//! Source: W3C DID Core 1.0 §5; RFC 0067 and DIDComm v2 §Service Endpoint for the services.
//!
//! A document that was read is flat and safe to use: ids are absolute, every id in a relationship
//! leads to a key of this very document, and every such key is controlled by the DID. Embedded
//! keys are listed once; there is nothing to follow, hence no circle.
//!
//! Absent on purpose: capability delegation and invocation, proofs, anything that no envelope and no
//! credential reads. Unknown kinds of keys and services are left out, not refused.

mod read;
mod service;
mod write;

use crate::{Did, PublicKey, method::key::naked_key};

pub(crate) use service::read as read_service;
pub use service::{KEYS_PER_SERVICE_MAX, Service, didcomm_v1_kinds, didcomm_v2_kind};

/// Largest document that we parse, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// Most verification methods in one document, embedded ones included.
pub const VERIFICATION_METHODS_MAX: usize = 200;
/// Most services in one document; an array of endpoints counts each.
pub const SERVICES_MAX: usize = 200;

/// One key of a DID document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationMethod {
    /// Absolute DID URL.
    pub id: String,
    /// The `type`: `Multikey`, `Ed25519VerificationKey2020`, …
    pub kind: String,
    /// The DID that controls the key; for a key in a relationship, the document's own.
    pub controller: String,
    /// The key, checked.
    pub key: PublicKey,
}

/// A DID document as far as we use it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "serde_json::Value", try_from = "serde_json::Value")]
pub struct DidDocument {
    /// The subject.
    pub id: Did,
    /// Other DIDs or URIs of the subject, as claimed.
    pub also_known_as: Vec<String>,
    /// All keys, embedded ones included.
    pub verification_method: Vec<VerificationMethod>,
    /// Ids of the keys that authenticate.
    pub authentication: Vec<String>,
    /// Ids of the keys that sign credentials.
    pub assertion_method: Vec<String>,
    /// Ids of the keys for key agreement.
    pub key_agreement: Vec<String>,
    /// Where and how the subject can be reached.
    pub service: Vec<Service>,
}

impl DidDocument {
    /// An empty document.
    #[must_use]
    pub fn new(id: Did) -> Self {
        Self {
            id,
            also_known_as: Vec::new(),
            verification_method: Vec::new(),
            authentication: Vec::new(),
            assertion_method: Vec::new(),
            key_agreement: Vec::new(),
            service: Vec::new(),
        }
    }

    /// The absolute form of a DID URL that may be relative to this document (`#key-1`).
    ///
    /// About an unqualified DID, `did:sov:` in front is only the other spelling.
    #[must_use]
    pub fn absolute(&self, id: &str) -> String {
        if id.starts_with('#') {
            return format!("{}{id}", self.id);
        }
        match id.strip_prefix("did:sov:") {
            Some(rest) if rest.split('#').next() == Some(self.id.as_str()) => rest.to_owned(),
            Some(_) | None => id.to_owned(),
        }
    }

    /// The key with this id, relative or absolute.
    ///
    /// Documents of did:peer:2 are also asked by the fragment of the method's first iteration, the
    /// key itself (`#6Mk…`, `#z6Mk…`), which older agents still put into envelopes.
    #[must_use]
    pub fn method(&self, id: &str) -> Option<&VerificationMethod> {
        let absolute = self.absolute(id);
        let exact = self.verification_method.iter().find(|method| method.id == absolute);
        exact.or_else(|| {
            let fragment = absolute.strip_prefix(self.id.as_str())?.strip_prefix('#')?;
            if !self.id.as_str().starts_with("did:peer:2") {
                return None;
            }
            let key = fragment.strip_prefix('z').unwrap_or(fragment);
            self.verification_method
                .iter()
                .find(|method| method.key.to_multibase().strip_prefix('z') == Some(key))
        })
    }

    /// The keys for key agreement.
    pub fn key_agreement_keys(&self) -> impl Iterator<Item = &VerificationMethod> {
        self.related(&self.key_agreement)
    }

    /// The keys that authenticate.
    pub fn authentication_keys(&self) -> impl Iterator<Item = &VerificationMethod> {
        self.related(&self.authentication)
    }

    /// The keys that sign credentials.
    pub fn assertion_keys(&self) -> impl Iterator<Item = &VerificationMethod> {
        self.related(&self.assertion_method)
    }

    fn related(&self, ids: &[String]) -> impl Iterator<Item = &VerificationMethod> {
        ids.iter().filter_map(|id| self.method(id))
    }

    /// Whether this Ed25519 key acts for the DID: it authenticates, or DIDComm v1 reaches the
    /// subject through it.
    #[must_use]
    pub fn has_ed25519(&self, key: &[u8; 32]) -> bool {
        let is_key = |method: &VerificationMethod| method.key == PublicKey::Ed25519(*key);
        self.authentication_keys().any(is_key)
            || self
                .service
                .iter()
                .filter(|service| service.is_didcomm_v1())
                .any(|service| self.recipient_ed25519_keys(service).contains(key))
    }

    /// The service for DIDComm v1 (RFC 0067): the one with the lowest priority number.
    #[must_use]
    pub fn didcomm_service(&self) -> Option<&Service> {
        self.service.iter().filter(|service| service.is_didcomm_v1()).min_by_key(|s| s.priority)
    }

    /// The service for DIDComm v2 (`DIDCommMessaging`): the first, unless priorities say otherwise.
    #[must_use]
    pub fn didcomm_v2_service(&self) -> Option<&Service> {
        self.service.iter().filter(|service| service.is_didcomm_v2()).min_by_key(|s| s.priority)
    }

    /// The recipient keys of a service of this document as raw Ed25519 keys, for DIDComm v1.
    ///
    /// Each may be a DID URL into this document (relative or absolute), a did:key (RFC 0360) or
    /// base58. What is none of these, or no Ed25519 key, is left out. A service without recipient
    /// keys is reached through the keys that authenticate (ACA-Py's `DIDCommMessaging` services
    /// over DIDComm v1 have none).
    #[must_use]
    pub fn recipient_ed25519_keys(&self, service: &Service) -> Vec<[u8; 32]> {
        if service.recipient_keys.is_empty() {
            return self.authentication_keys().filter_map(ed25519).collect();
        }
        service.recipient_keys.iter().filter_map(|key| self.ed25519_key(key)).collect()
    }

    /// The raw Ed25519 key behind a reference: a DID URL into this document, did:key or base58.
    #[must_use]
    pub fn ed25519_key(&self, reference: &str) -> Option<[u8; 32]> {
        self.method(reference).map_or_else(|| naked_key(reference).ok(), ed25519)
    }
}

fn ed25519(method: &VerificationMethod) -> Option<[u8; 32]> {
    match method.key {
        PublicKey::Ed25519(key) => Some(key),
        PublicKey::X25519(_)
        | PublicKey::P256(_)
        | PublicKey::P384(_)
        | PublicKey::Secp256k1(_) => None,
    }
}

#[cfg(test)]
mod tests;
