//! The credential that the tests issue and ask for: a W3C citizenship credential.
//!
//! Its context is built into ACA-Py and into us, so nobody fetches anything.

use serde_json::{Value, json};

/// The proof type that ACA-Py issues and verifies without plugins.
pub const SIGNATURE: &str = "Ed25519Signature2018";

/// A permanent resident's credential, unsigned.
#[must_use]
pub fn credential(issuer: &str, holder: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://w3id.org/citizenship/v1",
        ],
        "type": ["VerifiableCredential", "PermanentResident"],
        "issuer": issuer,
        "issuanceDate": "2024-01-01T00:00:00Z",
        "credentialSubject": {
            "id": holder,
            "type": ["PermanentResident"],
            "givenName": "Ada",
            "familyName": "Lovelace",
        },
    })
}

/// Asks for the given name in such a credential (DIF presentation exchange, as ACA-Py reads it).
#[must_use]
pub fn presentation_definition() -> Value {
    json!({
        "id": "32f54163-7166-48f1-93d8-ff217bdb0654",
        "format": { "ldp_vp": { "proof_type": [SIGNATURE] } },
        "input_descriptors": [{
            "id": "resident",
            "name": "A permanent resident",
            "schema": [
                { "uri": "https://www.w3.org/2018/credentials#VerifiableCredential" },
                { "uri": "https://w3id.org/citizenship#PermanentResident" },
            ],
            "constraints": {
                "fields": [{ "id": "given", "path": ["$.credentialSubject.givenName"] }],
            },
        }],
    })
}

/// The same as the content of a `dif/presentation-exchange` attachment (RFC 0510).
///
/// ACA-Py demands a UUID as the challenge, and leaves a `domain` out of its proof even when it is
/// asked for one.
#[must_use]
pub fn request() -> Value {
    json!({
        "options": { "challenge": "3fa85f64-5717-4562-b3fc-2c963f66afa7" },
        "presentation_definition": presentation_definition(),
    })
}
