//! DID documents in the form that programs see.
//!
//! Source: pico-engine 1.4, `resolvePeer2Did`; Peer DID Method Specification §Method 2.
//!
//! Key ids are the keys themselves (`#6LS…`), as in the first iteration of the method. Our own
//! resolver calls the same keys `#key-1`; opening understands both.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use picomesh_did_resolver::{Did, DidDocument, PublicKey, resolve_local};
use serde_json::{Map, Value, json};

/// Most elements of a DID that are read.
const ELEMENTS_MAX: usize = 16;

/// Base64url, padded or not, as DIDs of peers have it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The document of a DID that carries it; `None` for any other.
#[must_use]
pub fn document_json(did: &str) -> Option<Value> {
    let parsed: Did = did.parse().ok()?;
    match did.strip_prefix("did:peer:2.") {
        Some(elements) => peer_2(did, elements),
        None => resolve_local(&parsed)?.ok().map(|document| document.to_json()),
    }
}

/// The same for our own use.
pub(super) fn document(did: &str) -> Option<DidDocument> {
    DidDocument::from_value(&document_json(did)?).ok()
}

/// The address where a document says that its subject listens.
pub(super) fn endpoint(document: &Value) -> Option<&str> {
    document.get("service")?.get(0)?.get("serviceEndpoint")?.get("uri")?.as_str()
}

fn peer_2(did: &str, elements: &str) -> Option<Value> {
    let (mut agreement, mut authentication) = (vec![], vec![]);
    let (mut methods, mut services) = (vec![], vec![]);
    for element in elements.split('.').take(ELEMENTS_MAX) {
        let (code, rest) = element.split_at_checked(1)?;
        match code {
            "E" | "V" => {
                let key = PublicKey::from_multibase(rest).ok()?;
                let id = format!("{did}#{}", rest.strip_prefix('z')?);
                let (related, crv) = match (code, &key) {
                    ("E", PublicKey::X25519(_)) => (&mut agreement, "X25519"),
                    ("V", PublicKey::Ed25519(_)) => (&mut authentication, "Ed25519"),
                    _ => return None,
                };
                related.push(id.clone());
                let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key.as_bytes());
                methods.push(json!({
                    "id": id,
                    "type": "JsonWebKey2020",
                    "controller": did,
                    "publicKeyJwk": { "crv": crv, "x": x, "kty": "OKP" },
                }));
            }
            "S" => services.push(service(did, rest)?),
            "A" | "I" | "D" => {}
            _ => return None,
        }
    }
    Some(json!({
        "id": did,
        "keyAgreement": agreement,
        "authentication": authentication,
        "verificationMethod": methods,
        "service": services,
    }))
}

fn service(did: &str, text: &str) -> Option<Value> {
    let bytes = LENIENT.decode(text).ok()?;
    let service: Map<String, Value> = serde_json::from_slice(&bytes).ok()?;
    // The endpoint is a text with `r` and `a` beside it, or an object with all three.
    let nested = service.get("s").and_then(Value::as_object);
    let found = |short: &str, long: &str| {
        let inside = nested.and_then(|nested| nested.get(short).or_else(|| nested.get(long)));
        inside.or_else(|| service.get(short)).cloned()
    };
    let uri = match nested {
        Some(nested) => nested.get("uri").cloned(),
        None => service.get("s").cloned(),
    };
    let mut endpoint = Map::new();
    let parts = [("uri", uri), ("routingKeys", found("r", "routingKeys"))];
    let parts = parts.into_iter().chain([("accept", found("a", "accept"))]);
    endpoint.extend(parts.filter_map(|(name, part)| Some((name.to_owned(), part?))));
    Some(json!({
        "id": format!("{did}#didcommmessaging-0"),
        "type": "DIDCommMessaging",
        "serviceEndpoint": endpoint,
    }))
}
