//! One message of either generation, its decorators taken out of the body.
//!
//! Sources: RFC 0008 (ids and threads), RFC 0011 (decorators), RFC 0092 (return route);
//! DIDComm v2 §Message Headers, §Threading, extension return_route.
//!
//! Absent on purpose: `~timing` of v1 is kept as it is and not interpreted (its times are free
//! ISO 8601 text); attachments of v1 stay in the body, where each protocol names them.

mod v1;
mod v2;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::json::{self, JSON_DEPTH_MAX};
use crate::{Attachment, Error, MessageType};

/// Longest `id` and `thid`.
pub const ID_BYTES_MAX: usize = 255;
/// Longest `pthid`: an implicit invitation names a whole DID there (RFC 0023 §Implicit).
pub const PTHID_BYTES_MAX: usize = 4096;
/// Most DIDs in `to`.
pub const TO_MAX: usize = 50;

/// The generation of a message: Aries RFCs, or DIDComm Messaging v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// Aries: `@type`, `@id`, decorators.
    V1,
    /// DIDComm v2: `type`, `id`, headers and `body`.
    V2,
}

/// What a sender allows us to send back on its own connection (RFC 0092).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReturnRoute {
    /// Nothing; also what an unknown word means.
    None,
    /// Any message.
    All,
    /// Messages of one thread; `None` means the thread of this very message.
    Thread(Option<String>),
}

/// One message of either generation, decorators taken out of the body.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Which generation; decides how it is written.
    pub version: Version,
    /// Unique for its sender.
    pub id: String,
    /// The message type.
    pub kind: MessageType,
    /// The thread, when this is not its first message.
    pub thid: Option<String>,
    /// The thread out of which this one came.
    pub pthid: Option<String>,
    /// Who claims to have written it (v2); worth nothing before [`crate::bind`].
    pub from: Option<String>,
    /// To whom it is addressed (v2).
    pub to: Vec<String>,
    /// When it was made, seconds since 1970 (v2).
    pub created_time: Option<u64>,
    /// When it is no longer valid, seconds since 1970 (v2).
    pub expires_time: Option<u64>,
    /// A JWT that rotates the sender's DID (v2 §DID Rotation), not checked here.
    pub from_prior: Option<String>,
    /// Whether the answer may travel on the same connection.
    pub return_route: Option<ReturnRoute>,
    /// v1: every field without `@` and `~` in front; v2: `body`.
    pub body: Map<String, Value>,
    /// v2 only; in v1 attachments stay in the body (`offers~attach`).
    pub attachments: Vec<Attachment>,
    /// Other decorators (v1, with their `~`) and other headers (v2), kept as they came.
    pub decorators: Map<String, Value>,
}

impl Message {
    /// A message without body.
    #[must_use]
    pub fn new(version: Version, id: impl Into<String>, kind: MessageType) -> Self {
        Self {
            version,
            id: id.into(),
            kind,
            thid: None,
            pthid: None,
            from: None,
            to: Vec::new(),
            created_time: None,
            expires_time: None,
            from_prior: None,
            return_route: None,
            body: Map::new(),
            attachments: Vec::new(),
            decorators: Map::new(),
        }
    }

    /// An answer on the same thread in the same generation.
    ///
    /// `from` and `to` stay empty: the agent knows both from the connection.
    #[must_use]
    pub fn reply(&self, id: impl Into<String>, kind: MessageType) -> Self {
        let mut reply = Self::new(self.version, id, kind);
        reply.thid = Some(self.thread_id().to_owned());
        reply
    }

    /// The thread: `thid`, or the id of the message that opens it (RFC 0008 §Thread object).
    #[must_use]
    pub fn thread_id(&self) -> &str {
        self.thid.as_deref().unwrap_or(&self.id)
    }

    /// Reads a plaintext message of either generation.
    ///
    /// # Errors
    /// Those of [`json::parse`]; [`Error::Id`], [`Error::Type`], [`Error::Time`],
    /// [`Error::Malformed`]; [`Error::Attachment`] for v2.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let fields = json::parse_object(bytes, JSON_DEPTH_MAX)?;
        Self::from_fields(fields)
    }

    /// As [`Message::parse`], from a JSON object that came inside another message.
    ///
    /// # Errors
    /// As [`Message::parse`], without those of the JSON reader.
    pub fn from_fields(fields: Map<String, Value>) -> Result<Self, Error> {
        // RFC 0044 and DIDComm v2 leave it to the field: v1 has `@type`, v2 has `type`.
        if fields.contains_key("@type") { v1::read(fields) } else { v2::read(fields) }
    }

    /// The message as a JSON object.
    #[must_use]
    pub fn to_fields(&self) -> Map<String, Value> {
        match self.version {
            Version::V1 => v1::write(self),
            Version::V2 => v2::write(self),
        }
    }

    /// The message as it is packed: JSON without spaces.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Value::Object(self.to_fields()).to_string().into_bytes()
    }

    /// The body as a message of a protocol.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the body is something else.
    pub fn body_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_value(Value::Object(self.body.clone())).map_err(|error| Error::Malformed {
            message: self.kind.to_string(),
            reason: error.to_string(),
        })
    }

    /// The same message with this body.
    ///
    /// # Errors
    /// [`Error::Misuse`] when `body` is not written as a JSON object.
    pub fn with_body<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self, Error> {
        match serde_json::to_value(body) {
            Ok(Value::Object(map)) => self.body = map,
            Ok(_) | Err(_) => return Err(Error::Misuse("a body is a JSON object")),
        }
        Ok(self)
    }
}

/// Takes a string field out of `fields`; absent and `null` are `None`.
fn take_string(
    fields: &mut Map<String, Value>,
    key: &'static str,
) -> Result<Option<String>, Error> {
    match fields.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(format!("`{key}` is not a string"))),
    }
}

/// Takes an id out of `fields`: text without control characters, 1 to `bytes_max` bytes.
fn take_id(
    fields: &mut Map<String, Value>,
    key: &'static str,
    bytes_max: usize,
) -> Result<Option<String>, Error> {
    let Some(id) = take_string(fields, key).map_err(|_| Error::Id(key))? else {
        return Ok(None);
    };
    if id.is_empty() || id.len() > bytes_max || id.chars().any(char::is_control) {
        return Err(Error::Id(key));
    }
    Ok(Some(id))
}

fn take_type(fields: &mut Map<String, Value>, key: &'static str) -> Result<MessageType, Error> {
    take_string(fields, key).ok().flatten().ok_or(Error::Type)?.parse()
}

fn malformed(reason: String) -> Error {
    Error::Malformed { message: "message".to_owned(), reason }
}

#[cfg(test)]
mod tests;
