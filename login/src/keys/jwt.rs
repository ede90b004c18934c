//! Compact JWTs: writing our own, and reading back what claims to be ours.
//!
//! Source: RFC 7515 §3.1, 7519; RFC 8725 (the algorithm is that of the key, never that of the
//! header).
//!
//! Absent on purpose: header members that name a key (`jwk`, `jku`, `x5c`, `x5u`) or change the
//! meaning (`crit`, `b64`). We never write them, so their presence is a refusal; nothing is
//! ever fetched. Whether a token is expired is for the caller to judge.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Algorithm, KeySet};
use crate::limits::JWT_BYTES_MAX;
use crate::secret::{base64url, from_base64url};

/// Why a token is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not three parts of base64url, too long, or not the members that we write.
    #[error("the token is malformed")]
    Malformed,
    /// No key of ours has this `kid`.
    #[error("the token names an unknown key")]
    UnknownKey,
    /// The header's algorithm is not the key's; `none` among others.
    #[error("the token names the wrong algorithm")]
    WrongAlgorithm,
    /// The signature does not fit.
    #[error("the signature of the token is wrong")]
    WrongSignature,
}

/// A derived struct, as it refuses repeated members where `Value` would take the last.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    #[serde(rename = "typ")]
    _typ: Option<String>,
}

pub(super) fn signing_input(algorithm: Algorithm, kid: &str, claims: &Value) -> String {
    let header = json!({ "alg": algorithm.as_str(), "kid": kid, "typ": "JWT" });
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}", part(&header), part(claims))
}

pub(super) fn attach(mut input: String, signature: &[u8]) -> String {
    input.push('.');
    input.push_str(&base64url(signature));
    input
}

/// The claims of a token that one of `keys` signed.
pub fn open<T: DeserializeOwned>(keys: &KeySet, token: &str) -> Result<T, Error> {
    if token.len() > JWT_BYTES_MAX {
        return Err(Error::Malformed);
    }
    let (input, signature) = token.rsplit_once('.').ok_or(Error::Malformed)?;
    let (header, claims) = input.split_once('.').ok_or(Error::Malformed)?;
    let header: Header = part(header)?;
    let key = keys.find(&header.kid).ok_or(Error::UnknownKey)?;
    if header.alg != key.algorithm().as_str() {
        return Err(Error::WrongAlgorithm);
    }
    let signature = from_base64url(signature).ok_or(Error::Malformed)?;
    if !key.verifies(input.as_bytes(), &signature) {
        return Err(Error::WrongSignature);
    }
    part(claims)
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let bytes = from_base64url(text).ok_or(Error::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Error::Malformed)
}
