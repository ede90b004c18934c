//! did:peer:1: the hash of a stored document.
//!
//! Source: Peer DID Method Specification §Method 1: genesis doc.
//!
//! Absent on purpose: deltas. The stored variant is what was hashed, byte for byte.

use serde_json::Value;

use crate::{DOCUMENT_BYTES_MAX, Did, DidDocument, Error, encoding};

/// The did:peer:1 of a stored document, which must not have an `id`.
///
/// # Errors
/// [`Error::MalformedDocument`] when it is not an object or has an `id`; [`Error::TooLarge`].
pub fn create_1(stored: &[u8]) -> Result<Did, Error> {
    parse(stored)?;
    format!("did:peer:1{}", encoding::multihash(stored)).parse()
}

/// Checks a stored document against its did:peer:1 and gives the resolved document.
///
/// # Errors
/// [`Error::HashMismatch`]; otherwise as [`create_1`] and [`DidDocument::from_json`].
pub fn check_1(did: &Did, stored: &[u8]) -> Result<DidDocument, Error> {
    let mut document = parse(stored)?;
    if did.as_str().strip_prefix("did:peer:1") != Some(&encoding::multihash(stored)) {
        return Err(Error::HashMismatch);
    }
    document["id"] = did.as_str().into();
    DidDocument::from_value(&document)
}

fn parse(stored: &[u8]) -> Result<Value, Error> {
    if stored.len() > DOCUMENT_BYTES_MAX {
        return Err(Error::TooLarge { what: "bytes of a document", max: DOCUMENT_BYTES_MAX });
    }
    let document: Value =
        serde_json::from_slice(stored).map_err(|_| Error::MalformedDocument("not JSON"))?;
    let object = document.as_object().ok_or(Error::MalformedDocument("not an object"))?;
    if object.contains_key("id") {
        return Err(Error::MalformedDocument("a stored document with an `id`"));
    }
    Ok(document)
}
