//! Attachments of both generations.
//!
//! Sources: RFC 0017 §The ~attach Decorator (v1), DIDComm v2 §Attachments.
//!
//! Absent on purpose: nothing is ever fetched. A link is kept as text and its content refused;
//! who wants it asks the agent, which knows which addresses are allowed.

mod content;
mod wire;

use serde_json::Value;

use crate::Error;
pub use wire::{serde_v1, serde_v1_option};

/// Largest content of one attachment, decoded.
pub const ATTACHMENT_BYTES_MAX: usize = 1024 * 1024;
/// Most attachments in one message.
pub const ATTACHMENTS_MAX: usize = 100;

/// One attachment of either generation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    /// How the message refers to it (`@id` in v1, `id` in v2).
    pub id: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// A suggested name.
    pub filename: Option<String>,
    /// `mime-type` in v1, `media_type` in v2.
    pub media_type: Option<String>,
    /// The format identifier (v2; v1 keeps it in `formats` of the message).
    pub format: Option<String>,
    /// When the content last changed, as it came: ISO 8601 text in v1, seconds in v2.
    pub lastmod_time: Option<Value>,
    /// The size that the sender states; a hint, never trusted.
    pub byte_count: Option<u64>,
    /// The content, or where it is.
    pub data: AttachmentData,
}

/// The content of an attachment, or where it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttachmentData {
    /// Content, base64 or base64url encoded.
    pub base64: Option<String>,
    /// Content as JSON.
    pub json: Option<Value>,
    /// Detached signature over the content, see [`crate::jws`].
    pub jws: Option<Value>,
    /// Where the content can be fetched.
    pub links: Vec<String>,
    /// SHA-256 of the content in hex (`sha256` in v1).
    pub sha256: Option<String>,
    /// Multihash of the content (`hash` in v2).
    pub hash: Option<String>,
}

impl Attachment {
    /// An attachment with JSON content.
    #[must_use]
    pub fn from_json(id: impl Into<String>, media_type: &str, json: Value) -> Self {
        Self {
            id: Some(id.into()),
            media_type: Some(media_type.to_owned()),
            data: AttachmentData { json: Some(json), ..AttachmentData::default() },
            ..Self::default()
        }
    }

    /// An attachment with inline bytes, written as base64url without padding.
    ///
    /// RFC 0017 §base64url allows it for signed content and every reader that we know takes it.
    #[must_use]
    pub fn from_bytes(id: impl Into<String>, media_type: &str, bytes: &[u8]) -> Self {
        Self {
            id: Some(id.into()),
            media_type: Some(media_type.to_owned()),
            data: AttachmentData {
                base64: Some(crate::base64::encode(bytes)),
                ..AttachmentData::default()
            },
            ..Self::default()
        }
    }

    /// The inline content as bytes, its hash checked.
    ///
    /// # Errors
    /// [`Error::Attachment`]: no content or two, a link (never fetched), not base64, above
    /// [`ATTACHMENT_BYTES_MAX`], or another hash than stated.
    pub fn content(&self) -> Result<Vec<u8>, Error> {
        content::content(&self.data)
    }

    /// The inline content as JSON, whichever way it is written.
    ///
    /// # Errors
    /// As [`Attachment::content`]; those of [`crate::json::parse`] for base64 content.
    pub fn json(&self) -> Result<Value, Error> {
        content::json(&self.data)
    }

    /// Reads the v1 form.
    ///
    /// # Errors
    /// [`Error::Attachment`] when it is not an attachment.
    pub fn from_v1(value: &Value) -> Result<Self, Error> {
        wire::read(value, &wire::V1)
    }

    /// Reads the v2 form.
    ///
    /// # Errors
    /// [`Error::Attachment`] when it is not an attachment.
    pub fn from_v2(value: &Value) -> Result<Self, Error> {
        wire::read(value, &wire::V2)
    }

    /// Writes the v1 form.
    #[must_use]
    pub fn to_v1(&self) -> Value {
        wire::write(self, &wire::V1)
    }

    /// Writes the v2 form.
    #[must_use]
    pub fn to_v2(&self) -> Value {
        wire::write(self, &wire::V2)
    }
}

#[cfg(test)]
mod tests;
