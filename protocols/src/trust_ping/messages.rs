//! Wire messages of Trust Ping; the two generations spell the protocol's name differently.

use picomesh_didcomm::{Message, MessageType, Version};
use serde::{Deserialize, Serialize};

use crate::{Error, body, error::expect_kind};

/// `ping`: are you there?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ping {
    /// For people (v1 only in the specification, harmless in v2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the receiver may answer; yes when it is absent.
    #[serde(default = "yes")]
    pub response_requested: bool,
}

/// `ping_response` (1.0), `ping-response` (2.0): yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingResponse {
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Ping {
    /// Reads a `ping` of either generation.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message or its body is not a ping.
    pub fn read(message: &Message) -> Result<Self, Error> {
        expect_kind(message, protocol(message.version), major(message.version), "ping")?;
        body::read(message).map_err(|reason| Error::Malformed { message: "ping", reason })
    }

    /// The message that carries this ping.
    #[must_use]
    pub fn to_message(&self, version: Version, id: impl Into<String>) -> Message {
        let kind = MessageType::new(protocol(version), (major(version), 0), "ping");
        body::write(Message::new(version, id, kind), self)
    }
}

impl PingResponse {
    /// Reads a response of either generation.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message or its body is not a response.
    pub fn read(message: &Message) -> Result<Self, Error> {
        let name = response_name(message.version);
        expect_kind(message, protocol(message.version), major(message.version), name)?;
        body::read(message).map_err(|reason| Error::Malformed { message: name, reason })
    }

    /// The answer to `ping` on its thread.
    #[must_use]
    pub fn reply_to(&self, ping: &Message, id: impl Into<String>) -> Message {
        let version = ping.version;
        let kind = MessageType::new(protocol(version), (major(version), 0), response_name(version));
        body::write(ping.reply(id, kind), self)
    }
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::V1 => "trust_ping",
        Version::V2 => "trust-ping",
    }
}

fn major(version: Version) -> u16 {
    match version {
        Version::V1 => 1,
        Version::V2 => 2,
    }
}

fn response_name(version: Version) -> &'static str {
    match version {
        Version::V1 => "ping_response",
        Version::V2 => "ping-response",
    }
}

fn yes() -> bool {
    true
}
