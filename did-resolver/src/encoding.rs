//! Base58, base64url and the multihash of the did:peer methods, each with a limit.
//!
//! Source: Multibase and Multihash drafts; RFC 4648 §5.
//!
//! Absent on purpose: other multibase alphabets than base58btc; no method here uses them.

mod base58;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Multihash prefix of SHA2-256: code `0x12`, length `0x20`.
const MULTIHASH_SHA256: [u8; 2] = [0x12, 0x20];

/// Decodes base58 of at most `chars_max` characters; base58 costs the square of its length.
pub(crate) fn base58(text: &str, chars_max: usize) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > chars_max {
        return None;
    }
    base58::decode(text)
}

/// Decodes multibase text in base58btc, the only alphabet that is in use here.
pub(crate) fn multibase(text: &str, chars_max: usize) -> Option<Vec<u8>> {
    base58(text.strip_prefix('z')?, chars_max)
}

/// Encodes as multibase base58btc.
pub(crate) fn to_multibase(bytes: &[u8]) -> String {
    format!("z{}", base58::encode(bytes))
}

/// Encodes as base58.
pub(crate) fn to_base58(bytes: &[u8]) -> String {
    base58::encode(bytes)
}

/// Decodes base64url without padding.
pub(crate) fn base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Encodes as base64url without padding.
pub(crate) fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The multibase of the multihash (SHA2-256) of `bytes`, as did:peer 1, 3 and 4 use it.
pub(crate) fn multihash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    to_multibase(&[&MULTIHASH_SHA256, digest.as_slice()].concat())
}

/// Whether `text` has the form of a SHA2-256 multihash in multibase base58btc.
pub(crate) fn is_multihash(text: &str) -> bool {
    multibase(text, 64)
        .is_some_and(|bytes| bytes.len() == 34 && bytes.starts_with(&MULTIHASH_SHA256))
}
