//! The body of a message as a typed struct, and back.
//!
//! Source: RFC 0003 §Semver Rules (unknown fields are ignored, the lower minor version is spoken).
//! Absent on purpose: types and threads; each protocol checks its own.

use picomesh_didcomm::{Attachment, Message};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The body as `T`; the reason of a refusal is text for our log.
pub(crate) fn read<T: DeserializeOwned>(message: &Message) -> Result<T, String> {
    serde_json::from_value(Value::Object(message.body.clone())).map_err(|error| error.to_string())
}

/// The message with `body` in it.
pub(crate) fn write<T: Serialize>(mut message: Message, body: &T) -> Message {
    // A struct with named fields is always written as an object.
    message.body = match serde_json::to_value(body).ok() {
        Some(Value::Object(fields)) => fields,
        Some(_) | None => Map::new(),
    };
    message
}

/// The minor version to answer in: the peer's where it is lower than ours.
pub(crate) fn answer_minor(peer: u16, ours: u16) -> u16 {
    peer.min(ours)
}

/// The one attachment of a v1 field such as `did_doc~attach`; some peers write a list of one.
pub(crate) fn attachment(field: &Value) -> Result<Attachment, String> {
    let value = match field.as_array().map(Vec::as_slice) {
        None => field,
        Some([one]) => one,
        Some(_) => return Err("not exactly one attachment".to_owned()),
    };
    Attachment::from_v1(value).map_err(|error| error.to_string())
}
