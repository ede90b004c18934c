//! did:jwk: the DID is a JSON Web Key.
//!
//! Source: did:jwk §Create and §Read.
//!
//! Absent on purpose: `use` and `key_ops` other than did:jwk's rule that `sig` forbids key agreement
//! and `enc` forbids signatures.

use serde_json::Value;

use super::one_key;
use crate::{Did, DidDocument, Error, PublicKey, encoding};

/// The did:jwk of a public key.
///
/// # Errors
/// [`Error::MalformedKey`] when the variant holds no point of its curve.
pub fn from_key(key: &PublicKey) -> Result<Did, Error> {
    format!("did:jwk:{}", encoding::to_base64url(key.to_jwk()?.to_string().as_bytes())).parse()
}

/// The document of a did:jwk.
///
/// # Errors
/// [`Error::UnsupportedMethod`] for another method, otherwise what is wrong with the key.
pub fn document(did: &Did) -> Result<DidDocument, Error> {
    if did.method() != "jwk" {
        return Err(Error::UnsupportedMethod);
    }
    let json = encoding::base64url(did.method_specific_id())
        .ok_or(Error::MalformedDid("not base64url"))?;
    let jwk: Value = serde_json::from_slice(&json).map_err(|_| Error::MalformedDid("not a JWK"))?;
    let mut document = one_key(did, "0", "JsonWebKey2020", PublicKey::from_jwk(&jwk)?);
    match jwk.get("use").and_then(Value::as_str) {
        Some("sig") => document.key_agreement.clear(),
        Some("enc") => {
            document.authentication.clear();
            document.assertion_method.clear();
        }
        Some(_) | None => {}
    }
    Ok(document)
}

#[cfg(test)]
mod tests;
