//! DIDComm v2 envelopes: encrypted (authcrypt, anoncrypt), signed, and each inside the other.
//!
//! Source: DIDComm v2 §DIDComm Encrypted Messages, §DIDComm Signed Messages, Appendix C;
//! RFC 7516, RFC 7518, draft-madden-jose-ecdh-1pu-04; RFC 7515.
//!
//! Packing goes through the crate `didcomm`, behind [`Pack`]. Opening is our own code: that crate
//! gives no plaintext bytes, only a message that it has read leniently (the last of two equal
//! keys, 2^64 as a float), it checks no low-order points, and it lacks P-384. The tests open what
//! it packs, and let it open what the vectors hold.
//!
//! Absent on purpose: P-521 (optional in the specification), resolution. A DID document that
//! opening lacks is named in [`Error::Unresolved`](crate::Error::Unresolved).

mod agreement;
mod content;
mod encrypted;
mod open;
mod pack;
mod signed;

use picomesh_did_resolver::{DidDocument, VerificationMethod};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use encrypted::{Enc, Envelope};
pub use open::{Opened, open, open_signed};
pub use pack::{DidcommCrate, Pack, forward};
pub use signed::Signed;

/// A private key and the DID URL under which the DID document lists its public half.
#[derive(Clone)]
pub struct Secret {
    /// Absolute DID URL.
    pub kid: String,
    /// The key.
    pub key: SecretKey,
}

/// A private key, raw.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
#[non_exhaustive]
pub enum SecretKey {
    /// Signs.
    Ed25519([u8; 32]),
    /// Agrees.
    X25519([u8; 32]),
    /// Agrees and signs (ES256).
    P256([u8; 32]),
    /// Agrees; the crate `didcomm` cannot pack with it.
    P384([u8; 48]),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The DID of a DID URL.
pub(crate) fn did_of(kid: &str) -> &str {
    kid.split_once('#').map_or(kid, |(did, _)| did)
}

/// Whether two DIDs are one: equal, or the long and the short form of one did:peer:4.
///
/// The long form is `<short>:<document>`; the resolver has checked the hash in the short one.
/// `alsoKnownAs` is no help here, since anyone may claim it.
#[must_use]
pub fn is_same_did(a: &str, b: &str) -> bool {
    let is_long = |long: &str, short: &str| {
        short.starts_with("did:peer:4")
            && long.strip_prefix(short).is_some_and(|rest| rest.starts_with(':'))
    };
    a == b || is_long(a, b) || is_long(b, a)
}

/// Whether two DID URLs name one key, see [`is_same_did`].
#[must_use]
pub fn is_same_kid(a: &str, b: &str) -> bool {
    match (a.split_once('#'), b.split_once('#')) {
        (Some((a_did, a_key)), Some((b_did, b_key))) => a_key == b_key && is_same_did(a_did, b_did),
        _ => false,
    }
}

/// The document of the DID that a key belongs to.
fn document_of<'a>(kid: &str, documents: &[&'a DidDocument]) -> Option<&'a DidDocument> {
    let did = did_of(kid);
    documents.iter().copied().find(|document| is_same_did(document.id.as_str(), did))
}

/// The key with this id, if the document lists it in the given relationship.
fn related<'a>(
    document: &'a DidDocument,
    relationship: &[String],
    kid: &str,
) -> Option<&'a VerificationMethod> {
    let (_, fragment) = kid.split_once('#')?;
    let method = document.method(&format!("#{fragment}"))?;
    let is_listed = relationship.iter().any(|id| document.absolute(id) == method.id);
    is_listed.then_some(method)
}

#[cfg(test)]
mod tests;
