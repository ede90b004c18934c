//! `from_prior`: the old DID of a peer says which one comes after it.
//!
//! Source: DIDComm v2 §DID Rotation; a JWT (RFC 7519) signed by a key of the old DID.

use super::documents::document;
use super::keys::Keys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use picomesh_did_resolver::PublicKey;
use picomesh_didcomm::envelope::v2::SecretKey;
use serde_json::{Map, Value, json};

/// Longest token that is looked at: two DIDs and a key id.
const TOKEN_BYTES_MAX: usize = 64 * 1024;

/// A rotation whose signature holds.
#[derive(Clone, Debug)]
pub(super) struct Prior {
    /// The old DID.
    pub(super) issuer: String,
    /// The new one.
    pub(super) subject: String,
    /// The key that signed.
    pub(super) kid: String,
    /// What the token says.
    pub(super) claims: Map<String, Value>,
}

/// The token that says what comes after the DID of `keys`.
pub(super) fn write(claims: &Map<String, Value>, keys: &Keys) -> Option<String> {
    let SecretKey::Ed25519(secret) = &keys.signing.key else { return None };
    let header = json!({ "typ": "JWT", "alg": "EdDSA", "kid": keys.signing.kid });
    let encode = |value: String| URL_SAFE_NO_PAD.encode(value);
    let claims = Value::Object(claims.clone());
    let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let signature = SigningKey::from_bytes(secret).sign(signed.as_bytes());
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
}

/// Reads a token and checks that the old DID signed it. The old DID must carry its document.
pub(super) fn read(token: &str) -> Option<Prior> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    };
    let (header, claims) = (decode(header)?, decode(claims)?);
    if header.get("alg")?.as_str()? != "EdDSA" {
        return None;
    }
    let text = |name: &str| Some(claims.get(name)?.as_str()?.to_owned());
    let (issuer, subject) = (text("iss")?, text("sub")?);
    let kid = header.get("kid")?.as_str()?.to_owned();
    if kid.split('#').next() != Some(issuer.as_str()) {
        return None;
    }
    let document = document(&issuer)?;
    let method = document.method(&kid)?;
    if !document.authentication.contains(&method.id) {
        return None;
    }
    let PublicKey::Ed25519(key) = &method.key else { return None };
    let key = VerifyingKey::from_bytes(key).ok()?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    key.verify_strict(signed.as_bytes(), &signature).ok()?;
    Some(Prior { issuer, subject, kid, claims })
}
