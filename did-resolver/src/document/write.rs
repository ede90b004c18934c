//! Writes a DID document as JSON.
//!
//! Source: W3C DID Core 1.0 §6.2; the type of each key says in which form the key is written.
//!
//! Absent on purpose: relative ids. Every reader understands absolute ones.

use serde_json::{Map, Value};

use super::{DidDocument, Service, VerificationMethod};
use crate::PublicKey;

const CONTEXT: &str = "https://www.w3.org/ns/did/v1";

/// The JSON-LD context that defines a type of key.
fn context(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Multikey" => "https://w3id.org/security/multikey/v1",
        "Ed25519VerificationKey2018" => "https://w3id.org/security/suites/ed25519-2018/v1",
        "Ed25519VerificationKey2020" => "https://w3id.org/security/suites/ed25519-2020/v1",
        "X25519KeyAgreementKey2019" => "https://w3id.org/security/suites/x25519-2019/v1",
        "X25519KeyAgreementKey2020" => "https://w3id.org/security/suites/x25519-2020/v1",
        "JsonWebKey2020" => "https://w3id.org/security/suites/jws-2020/v1",
        "JsonWebKey" => "https://w3id.org/security/jwk/v1",
        _ => return None,
    })
}

impl DidDocument {
    /// The document as JSON; reading it again gives an equal document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut contexts: Vec<&str> = vec![CONTEXT];
        for context in self.verification_method.iter().filter_map(|method| context(&method.kind)) {
            if !contexts.contains(&context) {
                contexts.push(context);
            }
        }
        let mut object = Map::new();
        object.insert("@context".into(), contexts.into());
        object.insert("id".into(), self.id.as_str().into());
        let methods: Vec<Value> = self.verification_method.iter().map(method).collect();
        insert(&mut object, "alsoKnownAs", self.also_known_as.clone().into());
        insert(&mut object, "verificationMethod", methods.into());
        insert(&mut object, "authentication", self.authentication.clone().into());
        insert(&mut object, "assertionMethod", self.assertion_method.clone().into());
        insert(&mut object, "keyAgreement", self.key_agreement.clone().into());
        insert(&mut object, "service", services(&self.service).into());
        Value::Object(object)
    }
}

impl From<DidDocument> for Value {
    fn from(document: DidDocument) -> Self {
        document.to_json()
    }
}

fn insert(object: &mut Map<String, Value>, name: &str, list: Value) {
    if list.as_array().is_some_and(|list| !list.is_empty()) {
        object.insert(name.into(), list);
    }
}

fn method(method: &VerificationMethod) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), method.id.as_str().into());
    object.insert("type".into(), method.kind.as_str().into());
    object.insert("controller".into(), method.controller.as_str().into());
    let (name, key) = key(method);
    object.insert(name.into(), key);
    Value::Object(object)
}

fn key(method: &VerificationMethod) -> (&'static str, Value) {
    let is_base58 = matches!(
        (method.kind.as_str(), &method.key),
        ("Ed25519VerificationKey2018", PublicKey::Ed25519(_))
            | ("X25519KeyAgreementKey2019", PublicKey::X25519(_))
    );
    if is_base58 {
        return ("publicKeyBase58", method.key.to_base58().into());
    }
    let multibase = || ("publicKeyMultibase", method.key.to_multibase().into());
    match method.kind.as_str() {
        "JsonWebKey2020" | "JsonWebKey" => {
            method.key.to_jwk().map_or_else(|_| multibase(), |jwk| ("publicKeyJwk", jwk))
        }
        _ => multibase(),
    }
}

/// Services that share an id were one service with an array of endpoints.
fn services(services: &[Service]) -> Vec<Value> {
    let mut written: Vec<Value> = Vec::with_capacity(services.len());
    for (index, service) in services.iter().enumerate() {
        let mut value = service.to_json();
        let is_same = |before: &Service| {
            service.is_didcomm_v2() && before.id == service.id && before.kind == service.kind
        };
        let before = index.checked_sub(1).and_then(|index| services.get(index));
        match (before.filter(|before| is_same(before)), written.last_mut()) {
            (Some(_), Some(last)) => {
                let endpoint = value["serviceEndpoint"].take();
                let endpoints = &mut last["serviceEndpoint"];
                if !endpoints.is_array() {
                    *endpoints = vec![endpoints.take()].into();
                }
                if let Some(endpoints) = endpoints.as_array_mut() {
                    endpoints.push(endpoint);
                }
            }
            _ => written.push(value),
        }
    }
    written
}
