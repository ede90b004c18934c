//! Writes a document in the form of RFC 0160.
//!
//! Source: RFC 0160 §Connection Request; the ids and types that ACA-Py writes itself.
//!
//! Absent on purpose: keys of other kinds than Ed25519, services of other kinds than DIDComm v1; the
//! readers of this form know neither.

use serde_json::{Value, json};

use super::{AUTHENTICATION_KIND, KEY_KIND, SERVICE_KIND};
use crate::{DidDocument, PublicKey, Service, method::key::naked_key};

/// The document in the form of RFC 0160, about `did:sov:<id>` for an unqualified DID.
#[must_use]
pub fn write(document: &DidDocument) -> Value {
    let did = match document.id.is_unqualified() {
        true => format!("did:sov:{}", document.id),
        false => document.id.to_string(),
    };
    let mut keys = Vec::new();
    let mut authentication = Vec::new();
    for method in &document.verification_method {
        if !matches!(method.key, PublicKey::Ed25519(_)) {
            continue;
        }
        let fragment = method.id.rsplit('#').next().unwrap_or("1");
        let id = format!("{did}#{fragment}");
        if document.authentication.contains(&method.id) {
            authentication.push(json!({ "type": AUTHENTICATION_KIND, "publicKey": id }));
        }
        keys.push(json!({
            "id": id,
            "type": KEY_KIND,
            "controller": did,
            "publicKeyBase58": method.key.to_base58(),
        }));
    }
    let services = document.service.iter().filter(|service| service.is_didcomm_v1()).enumerate();
    let services: Vec<Value> =
        services.map(|(index, service)| write_service(document, &did, index, service)).collect();
    json!({
        "@context": "https://w3id.org/did/v1",
        "id": did,
        "publicKey": keys,
        "authentication": authentication,
        "service": services,
    })
}

fn write_service(document: &DidDocument, did: &str, index: usize, service: &Service) -> Value {
    let base58 = |key: [u8; 32]| PublicKey::Ed25519(key).to_base58();
    let recipients = document.recipient_ed25519_keys(service).into_iter();
    let routing = service.routing_keys.iter().filter_map(|key| naked_key(key).ok());
    json!({
        "id": if index == 0 { format!("{did};indy") } else { format!("{did};indy-{index}") },
        "type": SERVICE_KIND,
        "priority": service.priority,
        "recipientKeys": recipients.map(base58).collect::<Vec<_>>(),
        "routingKeys": routing.map(base58).collect::<Vec<_>>(),
        "serviceEndpoint": service.endpoint,
    })
}
