//! did:peer: the document is in the DID, or was exchanged between the peers.
//!
//! Source: Peer DID Method Specification, §Generation Method.
//!
//! | numalgo | the DID is | self-contained |
//! |---|---|---|
//! | 0 | a key, as in did:key | yes |
//! | 1 | the hash of a stored document | no: [`check_1`] |
//! | 2 | keys and services | yes |
//! | 3 | the hash of a did:peer:2 | no: [`short_form`] |
//! | 4 | hash and document (long), or the hash alone (short) | the long form |
//!
//! Absent on purpose: the updates (deltas) of did:peer:1, which no agent in use exchanges.

mod four;
mod one;
mod two;

pub use four::{Peer4, check_4, create_4};
pub use one::{check_1, create_1};
pub use two::{Purpose, create_2};

use super::key;
use crate::{Did, DidDocument, Error, PublicKey, encoding};

/// The document of a did:peer that carries it.
///
/// # Errors
/// [`Error::NotSelfContained`] for 1, 3 and the short form of 4; otherwise what is wrong with it.
pub fn document(did: &Did) -> Result<DidDocument, Error> {
    if did.method() != "peer" {
        return Err(Error::UnsupportedMethod);
    }
    let id = did.method_specific_id();
    let (numalgo, rest) = id.split_at_checked(1).ok_or(Error::MalformedDid("no numalgo"))?;
    match numalgo {
        "0" => Ok(key::expand(did, rest, PublicKey::from_multibase(rest)?)),
        "1" | "3" if encoding::is_multihash(rest) => Err(Error::NotSelfContained),
        "1" | "3" => Err(Error::MalformedDid("not a SHA2-256 multihash")),
        "2" => two::document(did, rest),
        "4" => four::document(did, rest),
        _ => Err(Error::UnsupportedMethod),
    }
}

/// The short form: did:peer:3 for a did:peer:2, the form without document for a long did:peer:4.
///
/// `None` for every other DID. The long form's hash is not checked here: [`document`] does that.
#[must_use]
pub fn short_form(did: &Did) -> Option<Did> {
    let id = did.method_specific_id();
    if did.method() != "peer" {
        return None;
    }
    if let Some(elements) = id.strip_prefix('2') {
        return format!("did:peer:3{}", encoding::multihash(elements.as_bytes())).parse().ok();
    }
    let (short, _) = id.strip_prefix('4')?.split_once(':')?;
    format!("did:peer:4{short}").parse().ok()
}

#[cfg(test)]
mod tests;
