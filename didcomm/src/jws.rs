//! The detached signature over an attachment of v1.
//!
//! Source: RFC 0017 §Signing Attachments, RFC 0023 §DIDDoc Attachment; RFC 7515 Appendix F, RFC 8037.
//!
//! [`verify`] answers which keys really signed. Whether one of them may speak for somebody is the
//! question of the protocol, and an attachment without a signature is its refusal.
//!
//! Absent on purpose: other algorithms than EdDSA over Ed25519, which is all that the RFCs use.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use picomesh_did_resolver::PublicKey;
use picomesh_did_resolver::method::key::naked_key;
use serde_json::{Map, Value, json};

use crate::base64::{decode_any, decode_url_lenient, encode};
use crate::json::{self, JSON_DEPTH_MAX};
use crate::{Attachment, Error};

/// Most signatures on one attachment.
pub const SIGNATURES_MAX: usize = 10;

/// The JWS over a payload that is already base64url without padding, in the flattened form.
///
/// `kid` is the signer's did:key (RFC 0017 asks for that form).
#[must_use]
pub fn sign(payload_base64url: &str, key: &SigningKey, kid: &str) -> Value {
    let x = encode(key.verifying_key().as_bytes());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid});
    let header = json!({"alg": "EdDSA", "kid": kid, "jwk": jwk});
    let protected = encode(header.to_string().as_bytes());
    let signature = key.sign(format!("{protected}.{payload_base64url}").as_bytes());
    json!({
        "header": {"kid": kid},
        "protected": protected,
        "signature": encode(&signature.to_bytes()),
    })
}

/// Signs the inline base64 content of an attachment in place.
///
/// # Errors
/// [`Error::Misuse`] when the attachment has no base64 content.
pub fn sign_attachment(attachment: &mut Attachment, key: &SigningKey) -> Result<(), Error> {
    let payload = payload(attachment).map_err(|_| Error::Misuse("no base64 content to sign"))?;
    let multibase = PublicKey::Ed25519(key.verifying_key().to_bytes()).to_multibase();
    attachment.data.jws = Some(sign(&payload, key, &format!("did:key:{multibase}")));
    attachment.data.base64 = Some(payload);
    Ok(())
}

/// The Ed25519 keys that signed the attachment: at least one, and every signature holds.
///
/// # Errors
/// [`Error::Signature`]; [`Error::Attachment`] without content.
pub fn verify(attachment: &Attachment) -> Result<Vec<[u8; 32]>, Error> {
    let jws = attachment.data.jws.as_ref().ok_or(Error::Signature("none"))?;
    let payload = payload(attachment)?;
    let jws = jws.as_object().ok_or(Error::Signature("not an object"))?;
    let Some(signatures) = jws.get("signatures") else {
        return Ok(vec![verify_one(jws, &payload)?]);
    };
    let signatures = signatures.as_array().ok_or(Error::Signature("not a list"))?;
    if signatures.is_empty() || signatures.len() > SIGNATURES_MAX {
        return Err(Error::Signature("none, or too many"));
    }
    let verify = |entry: &Value| {
        let entry = entry.as_object().ok_or(Error::Signature("not an object"))?;
        verify_one(entry, &payload)
    };
    signatures.iter().map(verify).collect()
}

/// The content as it is signed. Agents put padding or the other alphabet into `base64` and sign
/// the RFC's form all the same.
fn payload(attachment: &Attachment) -> Result<String, Error> {
    let base64 = attachment.data.base64.as_deref();
    attachment.content()?;
    let bytes = base64.and_then(decode_any);
    bytes.map(|bytes| encode(&bytes)).ok_or(Error::Signature("not over base64 content"))
}

fn verify_one(entry: &Map<String, Value>, payload: &str) -> Result<[u8; 32], Error> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let protected = text("protected").ok_or(Error::Signature("no protected header"))?;
    let header = decode_url_lenient(protected).ok_or(Error::Signature("not base64url"))?;
    let header = json::parse_object(&header, JSON_DEPTH_MAX)?;
    if header.get("alg").and_then(Value::as_str) != Some("EdDSA") {
        return Err(Error::Signature("not EdDSA"));
    }
    if ["crit", "b64"].iter().any(|key| header.contains_key(*key)) {
        return Err(Error::Unsupported("crit"));
    }
    let key = signer(&header, entry.get("header"))?;
    let signature = text("signature").and_then(decode_url_lenient);
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or(Error::Signature("malformed"))?;
    let verifying = VerifyingKey::from_bytes(&key).map_err(|_| Error::Signature("no key"))?;
    verifying
        .verify_strict(format!("{protected}.{payload}").as_bytes(), &signature)
        .map_err(|_| Error::Signature("it does not hold"))?;
    Ok(key)
}

/// The one key that the headers name; two names for two keys are refused.
///
/// A kid that is a DID URL names no key by itself; then the `jwk` must be there.
fn signer(header: &Map<String, Value>, unprotected: Option<&Value>) -> Result<[u8; 32], Error> {
    let jwk = header.get("jwk").filter(|jwk| !jwk.is_null());
    let named = match jwk.map(PublicKey::from_jwk) {
        None => None,
        Some(Ok(PublicKey::Ed25519(key))) => Some(key),
        Some(_) => return Err(Error::Signature("`jwk` is not an Ed25519 key")),
    };
    let kids = [
        header.get("kid"),
        unprotected.and_then(|header| header.get("kid")),
        jwk.and_then(|jwk| jwk.get("kid")),
    ];
    let kids = kids.into_iter().flatten().filter_map(Value::as_str);
    let keys = kids.filter(|kid| kid.starts_with("did:key:")).map(naked_key);
    let mut key = named;
    for other in keys {
        let other = other.map_err(|_| Error::Signature("`kid` is not an Ed25519 key"))?;
        if key.is_some_and(|key| key != other) {
            return Err(Error::Signature("two keys for one signature"));
        }
        key = Some(other);
    }
    key.ok_or(Error::Signature("no key is named"))
}

#[cfg(test)]
mod tests;
