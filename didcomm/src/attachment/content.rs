//! The content of an attachment: inline only, bounded, hash checked.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{ATTACHMENT_BYTES_MAX, AttachmentData};
use crate::json::{self, JSON_DEPTH_MAX};
use crate::{Error, base64};

/// Multihash prefix of SHA-256: code 0x12, 32 bytes.
const MULTIHASH_SHA256: [u8; 2] = [0x12, 0x20];

pub(super) fn content(data: &AttachmentData) -> Result<Vec<u8>, Error> {
    match (&data.base64, &data.json) {
        (Some(text), None) => {
            let bytes = decode(text)?;
            check_hash(data, &bytes)?;
            Ok(bytes)
        }
        (None, Some(value)) => {
            check_json(data)?;
            let bytes = value.to_string().into_bytes();
            if bytes.len() > ATTACHMENT_BYTES_MAX {
                return Err(Error::Attachment("too large"));
            }
            Ok(bytes)
        }
        (None, None) => Err(missing(data)),
        (Some(_), Some(_)) => Err(Error::Attachment("both `base64` and `json`")),
    }
}

pub(super) fn json(data: &AttachmentData) -> Result<Value, Error> {
    match (&data.base64, &data.json) {
        (None, Some(value)) => {
            check_json(data)?;
            Ok(value.clone())
        }
        (Some(_), None) | (Some(_), Some(_)) | (None, None) => {
            json::parse(&content(data)?, JSON_DEPTH_MAX)
        }
    }
}

fn missing(data: &AttachmentData) -> Error {
    if data.links.is_empty() {
        Error::Attachment("no content")
    } else {
        Error::Attachment("content behind a link is not fetched")
    }
}

/// No RFC says which bytes of inline JSON a hash would cover, so none can be checked.
fn check_json(data: &AttachmentData) -> Result<(), Error> {
    if data.sha256.is_some() || data.hash.is_some() {
        return Err(Error::Attachment("a hash over `json` cannot be checked"));
    }
    Ok(())
}

/// RFC 0017 asks for base64, for base64url where it is signed; peers mix both.
fn decode(text: &str) -> Result<Vec<u8>, Error> {
    // Four characters make three bytes; refuse before decoding.
    if text.len() / 4 * 3 > ATTACHMENT_BYTES_MAX + 3 {
        return Err(Error::Attachment("too large"));
    }
    let bytes = base64::decode_any(text).ok_or(Error::Attachment("not base64"))?;
    if bytes.len() > ATTACHMENT_BYTES_MAX {
        return Err(Error::Attachment("too large"));
    }
    Ok(bytes)
}

fn check_hash(data: &AttachmentData, bytes: &[u8]) -> Result<(), Error> {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    if let Some(stated) = &data.sha256
        && from_hex(stated).as_deref() != Some(&digest[..])
    {
        return Err(Error::Attachment("another `sha256`"));
    }
    if let Some(stated) = &data.hash {
        let expected = [&MULTIHASH_SHA256[..], &digest[..]].concat();
        if !multihash_spellings(stated).any(|bytes| bytes == expected) {
            return Err(Error::Attachment("another `hash`, or not SHA-256"));
        }
    }
    Ok(())
}

/// The specification names no encoding of the multihash: multibase, base58 and hex are in use.
fn multihash_spellings(text: &str) -> impl Iterator<Item = Vec<u8>> {
    // A multihash of SHA-256 has at most 70 characters; longer text is not decoded.
    let text = if text.len() <= 128 { text } else { "" };
    let base58 = |text: &str| bs58::decode(text).into_vec().ok();
    let multibase = match text.split_at_checked(1) {
        Some(("z", rest)) => base58(rest),
        Some(("f", rest)) => from_hex(rest),
        Some(("u", rest)) => base64::decode_any(rest),
        Some(_) | None => None,
    };
    [multibase, base58(text), from_hex(text)].into_iter().flatten()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let byte = |pair: &[u8]| Some(digit(pair.first()?)? * 16 + digit(pair.get(1)?)?);
    text.as_bytes().chunks(2).map(byte).collect()
}
