//! Wire messages of Connections 1.0.

use picomesh_did_resolver::{Did, method::key::naked_key};
use picomesh_didcomm::{Message, MessageType, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Code, Error, PROTOCOL, Signature};
use crate::{
    body,
    out_of_band::{KEYS_MAX, is_endpoint},
};

/// `invitation` of the protocol's own, deprecated but still shown in QR codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// To a public DID.
    Did {
        /// The id of the message.
        id: String,
        /// For people, not to be trusted.
        label: String,
        /// The DID.
        did: Did,
    },
    /// To a service written out.
    Service {
        /// The id of the message.
        id: String,
        /// For people, not to be trusted.
        label: String,
        /// Base58 keys; the first is the invitation key.
        recipient_keys: Vec<String>,
        /// Base58 keys of mediators, outermost last.
        routing_keys: Vec<String>,
        /// Where the request goes.
        endpoint: String,
    },
}

/// A DID and its document, as both sides tell them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The DID.
    #[serde(rename = "DID")]
    pub did: Did,
    /// Its document, unless the DID can be resolved.
    #[serde(rename = "DIDDoc", default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
}

/// `request`: the DID that I want to use with you.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// For people, not to be trusted.
    #[serde(default)]
    pub label: String,
    /// The DID and its document.
    pub connection: Connection,
}

/// `response`: the DID that I will use with you, signed by the invitation key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Response {
    #[serde(rename = "connection~sig")]
    pub(super) signature: Signature,
}

impl Invitation {
    /// Reads an invitation of 1.x.
    ///
    /// # Errors
    /// [`Error::Malformed`], also for a service that nobody could answer to.
    pub fn read(message: &Message) -> Result<Self, Error> {
        let malformed =
            |reason: &str| Error::Malformed { message: "invitation", reason: reason.to_owned() };
        expect(message, "invitation")?;
        let body: InvitationBody = body::read(message).map_err(|reason| malformed(&reason))?;
        let (id, label) = (message.id.clone(), body.label.unwrap_or_default());
        if let Some(did) = body.did {
            return Ok(Self::Did { id, label, did });
        }
        let recipient_keys = body.recipient_keys.unwrap_or_default();
        let routing_keys = body.routing_keys.unwrap_or_default();
        let endpoint = body.service_endpoint.unwrap_or_default();
        if recipient_keys.is_empty() || recipient_keys.len().max(routing_keys.len()) > KEYS_MAX {
            return Err(malformed("no keys or too many"));
        }
        if recipient_keys.iter().chain(&routing_keys).any(|key| naked_key(key).is_err()) {
            return Err(malformed("a key is not an Ed25519 key"));
        }
        if !is_endpoint(&endpoint) {
            return Err(malformed("the endpoint is neither a web address nor a DID"));
        }
        Ok(Self::Service { id, label, recipient_keys, routing_keys, endpoint })
    }
}

impl Request {
    /// Reads a request of 1.x.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn read(message: &Message) -> Result<Self, Error> {
        read(message, "request")
    }

    /// The message that carries this request; `pthid` names an Out-of-Band invitation.
    #[must_use]
    pub fn to_message(&self, id: &str, pthid: Option<&str>) -> Message {
        let mut message = Message::new(Version::V1, id, kind("request"));
        if let Some(pthid) = pthid {
            message.thid = Some(id.to_owned());
            message.pthid = Some(pthid.to_owned());
        }
        body::write(message, self)
    }
}

impl Response {
    pub(super) fn read(message: &Message) -> Result<Self, Error> {
        read(message, "response")
    }

    pub(super) fn to_message(&self, id: &str, thid: &str, pthid: Option<&str>) -> Message {
        let mut message = Message::new(Version::V1, id, kind("response"));
        message.thid = Some(thid.to_owned());
        message.pthid = pthid.map(str::to_owned);
        body::write(message, self)
    }
}

/// The report about a message on the thread `thid`; nothing in `explain` may be secret.
#[must_use]
pub fn problem_report(thid: &str, id: &str, code: Code, explain: &str) -> Message {
    let mut message = Message::new(Version::V1, id, kind("problem_report"));
    message.thid = Some(thid.to_owned());
    let code = code.as_str();
    // RFC 0160 §Error Message Attributes, and RFC 0035 as implementations read it.
    let fields = [
        ("problem-code", json!(code)),
        ("explain", json!(explain)),
        ("description", json!({ "code": code, "en": explain })),
    ];
    message.body = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    message
}

fn kind(name: &str) -> MessageType {
    MessageType::new(PROTOCOL, (1, 0), name)
}

fn read<T: serde::de::DeserializeOwned>(message: &Message, name: &'static str) -> Result<T, Error> {
    expect(message, name)?;
    body::read(message).map_err(|reason| Error::Malformed { message: name, reason })
}

fn expect(message: &Message, name: &'static str) -> Result<(), Error> {
    let is_first_generation = message.version == Version::V1;
    if is_first_generation && message.kind.is(PROTOCOL, 1) && message.kind.name == name {
        return Ok(());
    }
    Err(Error::Malformed { message: name, reason: format!("type is {}", message.kind) })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvitationBody {
    label: Option<String>,
    did: Option<Did>,
    recipient_keys: Option<Vec<String>>,
    routing_keys: Option<Vec<String>>,
    service_endpoint: Option<String>,
}
