//! The document that goes with a peer's DID during a handshake, and who may speak for it.
//!
//! Source: RFC 0023 §Request Message Attributes and §Request processing; RFC 0160 §Request
//! processing; RFC 0627 for did:peer.
//!
//! An attached document is believed only for DIDs that nothing else describes: unqualified ones,
//! `did:sov:` of a pairwise relation, and did:peer:1. A DID that carries its document is read from the DID, a
//! DID that is published somewhere must be resolved there, whatever is attached.
//!
//! Absent on purpose: resolution over the network and storage of documents. What is learned here
//! is the word of one peer: keep it with the connection, never for everybody.

use picomesh_did_resolver::{
    DOCUMENT_BYTES_MAX, Did, DidDocument, Error,
    legacy::{self, unqualified},
    method::{key, peer},
    resolve_local,
};
use picomesh_didcomm::json::{self, JSON_DEPTH_MAX};
use serde_json::Value;

/// What is known about a DID without asking the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its document.
    Document(Box<DidDocument>),
    /// Nothing: it is published somewhere.
    Elsewhere,
}

/// The document of `did`, which may have come as `attached` JSON; the reason is for our log.
pub(crate) fn document(did: &Did, attached: Option<&[u8]>) -> Result<Known, String> {
    match resolve_local(did) {
        None => Ok(Known::Elsewhere),
        Some(Ok(document)) => Ok(Known::Document(Box::new(document))),
        Some(Err(Error::NotSelfContained)) => {
            let bytes = attached.ok_or("no document is attached and the DID carries none")?;
            attached_document(did, bytes).map(|document| Known::Document(Box::new(document)))
        }
        Some(Err(error)) => Err(error.to_string()),
    }
}

fn attached_document(did: &Did, bytes: &[u8]) -> Result<DidDocument, String> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(format!("a document above {DOCUMENT_BYTES_MAX} bytes"));
    }
    let value = json::parse(bytes, JSON_DEPTH_MAX).map_err(|error| error.to_string())?;
    if did.as_str().starts_with("did:peer:1") && value.get("id").is_none() {
        return peer::check_1(did, bytes).map_err(|error| error.to_string());
    }
    let is_described_by_its_user =
        did.is_unqualified() || did.method() == "sov" || did.as_str().starts_with("did:peer:1");
    if !is_described_by_its_user {
        return Err("a short form without its long form".to_owned());
    }
    let document = read_document(&value)?;
    // RFC 0023 shows the DID unqualified beside a document about `did:sov:`.
    if unqualified(&document.id) != unqualified(did) {
        return Err("the attached document is about another DID".to_owned());
    }
    Ok(document)
}

fn read_document(value: &Value) -> Result<DidDocument, String> {
    let document =
        if legacy::is_legacy(value) { legacy::read(value) } else { DidDocument::from_value(value) };
    document.map_err(|error| error.to_string())
}

/// The did:key of a raw Ed25519 key: how keys stand in stored states.
pub(crate) fn key_text(key: &[u8; 32]) -> String {
    key::from_ed25519(key).to_string()
}

/// Whether the document's subject has this Ed25519 key, given as did:key.
pub(crate) fn has_key(document: &DidDocument, key: &str) -> bool {
    key::naked_key(key).is_ok_and(|key| document.has_ed25519(&key))
}
