//! did:peer:4: the document and its hash (long form), or the hash alone (short form).
//!
//! Source: Peer DID Method Specification §Method 4.
//!
//! Absent on purpose: keeping the long form. Whoever meets a short form needs the long form that
//! was exchanged before, and gives both to [`check_4`].

use serde_json::Value;

use crate::{DID_BYTES_MAX, Did, DidDocument, Error, encoding, method::peer::short_form};

/// Multicodec of JSON, `0x0200` as a varint.
const CODEC_JSON: [u8; 2] = [0x80, 0x04];

/// A did:peer:4 in both forms, with the document of the long form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer4 {
    /// `did:peer:4<hash>:<document>`, for the first contact.
    pub long: Did,
    /// `did:peer:4<hash>`.
    pub short: Did,
    /// The resolved document of the long form.
    pub document: DidDocument,
}

/// Makes a did:peer:4 of an input document: no `id`, relative references, no own `controller`.
///
/// # Errors
/// [`Error::MalformedDocument`] for an input document with an `id`, [`Error::TooLarge`] when the DID
/// would exceed [`DID_BYTES_MAX`]; otherwise as [`DidDocument::from_json`].
pub fn create_4(input_document: &Value) -> Result<Peer4, Error> {
    let object = input_document.as_object().ok_or(Error::MalformedDocument("not an object"))?;
    if object.contains_key("id") {
        return Err(Error::MalformedDocument("an input document with an `id`"));
    }
    let json = input_document.to_string();
    if json.len() > DID_BYTES_MAX {
        return Err(Error::TooLarge { what: "bytes of a DID", max: DID_BYTES_MAX });
    }
    let encoded = encoding::to_multibase(&[&CODEC_JSON, json.as_bytes()].concat());
    let short: Did = format!("did:peer:4{}", encoding::multihash(encoded.as_bytes())).parse()?;
    let long: Did = format!("{short}:{encoded}").parse()?;
    let document = contextualize(input_document.clone(), &long, &short)?;
    Ok(Peer4 { long, short, document })
}

/// The document of a short form, from the long form that was exchanged before.
///
/// # Errors
/// [`Error::HashMismatch`] when they are not two forms of one DID; otherwise what is wrong with the
/// long form.
pub fn check_4(short: &Did, long: &Did) -> Result<DidDocument, Error> {
    if short_form(long).as_ref() != Some(short) {
        return Err(Error::HashMismatch);
    }
    let rest = long.as_str().strip_prefix("did:peer:4").ok_or(Error::HashMismatch)?;
    contextualize(decode(rest)?, short, long)
}

/// The document of `did:peer:4` followed by `rest`.
pub(super) fn document(did: &Did, rest: &str) -> Result<DidDocument, Error> {
    match short_form(did) {
        Some(short) => contextualize(decode(rest)?, did, &short),
        None if encoding::is_multihash(rest) => Err(Error::NotSelfContained),
        None => Err(Error::MalformedDid("not a SHA2-256 multihash")),
    }
}

/// Checks the hash and decodes the input document of `<hash>:<document>`.
fn decode(rest: &str) -> Result<Value, Error> {
    let (hash, encoded) = rest.split_once(':').ok_or(Error::MalformedDid("no document"))?;
    if encoding::multihash(encoded.as_bytes()) != hash {
        return Err(Error::HashMismatch);
    }
    let bytes = encoding::multibase(encoded, DID_BYTES_MAX)
        .ok_or(Error::MalformedDid("the document is not base58btc"))?;
    let json =
        bytes.strip_prefix(&CODEC_JSON).ok_or(Error::MalformedDid("the document is not JSON"))?;
    serde_json::from_slice(json).map_err(|_| Error::MalformedDocument("not JSON"))
}

/// §Contextualize: sets `id` and `alsoKnownAs`; a missing `controller` is the DID by our reader.
fn contextualize(mut input: Value, did: &Did, other: &Did) -> Result<DidDocument, Error> {
    let object = input.as_object_mut().ok_or(Error::MalformedDocument("not an object"))?;
    if object.insert("id".into(), did.as_str().into()).is_some() {
        return Err(Error::MalformedDocument("an input document with an `id`"));
    }
    let mut document = DidDocument::from_value(&input)?;
    let other = other.to_string();
    if !document.also_known_as.contains(&other) {
        document.also_known_as.push(other);
    }
    Ok(document)
}
