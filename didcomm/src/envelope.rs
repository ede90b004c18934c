//! Envelopes of both generations, read strictly.
//!
//! Sources: RFC 0019 (v1), DIDComm v2 §Message Formats, RFC 7516, RFC 7515.
//!
//! [`parse`] spends no cryptography: it checks sizes, depth, equal keys, the table of algorithms
//! and every length, and names the keys that opening needs. Whoever has them calls
//! [`v1::open`] or [`v2::open`]. From there on every failure is [`Error::Undecryptable`].

mod fields;
pub(crate) mod low_order;
pub mod v1;
pub mod v2;

use crate::json::{self, JSON_DEPTH_MAX};
use crate::{Error, base64};
use fields::Fields;

/// Largest envelope, publish it as `max_receive_bytes`.
pub const ENVELOPE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most recipients of an envelope and most signatures of a signed message.
pub const RECIPIENTS_MAX: usize = 50;
/// Most layers (signed, authenticated, anonymous) around one plaintext.
pub const LAYERS_MAX: usize = 3;
/// Longest key id: a long did:peer with its fragment.
pub const KID_BYTES_MAX: usize = picomesh_did_resolver::DID_URL_BYTES_MAX;

/// What arrived at the door, told apart by its protected header.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Envelope {
    /// RFC 0019.
    V1(v1::Envelope),
    /// DIDComm v2, encrypted.
    V2(v2::Envelope),
    /// DIDComm v2, signed and readable by anyone: proves who wrote it, not who sent it.
    Signed(v2::Signed),
    /// No envelope at all: proves nothing, so it never acts.
    Plain(Vec<u8>),
}

impl Envelope {
    /// The keys of which one opens it: base58 verkeys (v1) or DID URLs (v2).
    #[must_use]
    pub fn recipients(&self) -> &[String] {
        match self {
            Self::V1(envelope) => envelope.recipients(),
            Self::V2(envelope) => envelope.recipients(),
            Self::Signed(_) | Self::Plain(_) => &[],
        }
    }

    /// The sender's key as a DID URL, where the outermost header names it (v2 authcrypt): resolve
    /// its DID before opening.
    #[must_use]
    pub fn sender_kid(&self) -> Option<&str> {
        match self {
            Self::V2(envelope) => envelope.sender_kid(),
            Self::V1(_) | Self::Signed(_) | Self::Plain(_) => None,
        }
    }
}

/// Reads what arrived, without any cryptography.
///
/// # Errors
/// [`Error::TooLarge`], those of [`json::parse`], [`Error::Envelope`], [`Error::Unsupported`],
/// [`Error::TooManyRecipients`]; [`Error::Undecryptable`] for lengths that no key could open.
pub fn parse(bytes: &[u8]) -> Result<Envelope, Error> {
    if bytes.len() > ENVELOPE_BYTES_MAX {
        return Err(Error::TooLarge { limit_bytes: ENVELOPE_BYTES_MAX });
    }
    let outer = Fields(json::parse_object(bytes, JSON_DEPTH_MAX)?);
    if outer.has("ciphertext") {
        let protected = outer.text("protected")?;
        let header = base64::decode_url_lenient(protected)
            .ok_or(Error::Envelope("`protected` is not base64url"))?;
        let header = Fields(json::parse_object(&header, JSON_DEPTH_MAX)?);
        return if v1::is_v1(&header) {
            v1::Envelope::read(&outer, &header).map(Envelope::V1)
        } else {
            v2::Envelope::read(&outer, &header).map(Envelope::V2)
        };
    }
    if outer.has("payload") {
        return v2::Signed::read(&outer).map(Envelope::Signed);
    }
    if outer.has("type") || outer.has("@type") {
        return Ok(Envelope::Plain(bytes.to_vec()));
    }
    Err(Error::Envelope("neither encrypted, signed nor plain"))
}

#[cfg(test)]
mod tests;
