//! The wire message of Ack.

use picomesh_didcomm::{Message, MessageType, Version};
use serde::{Deserialize, Serialize};

use crate::{Error, body};

/// `ack` of `notification/1.0` or of a protocol that adopted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// How far it got.
    pub status: Status,
}

/// RFC 0015 §ack status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The outcome is there and it is positive.
    #[serde(rename = "OK", alias = "ok")]
    Ok,
    /// No outcome is known yet.
    #[serde(rename = "PENDING", alias = "pending")]
    Pending,
    /// Not in today's RFC: early agents wrote it where a problem report belongs.
    #[serde(rename = "FAIL", alias = "fail")]
    Fail,
}

impl Ack {
    /// A final, positive ack.
    #[must_use]
    pub fn ok() -> Self {
        Self { status: Status::Ok }
    }

    /// Reads an ack of `notification/1.x`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message or its status is unknown.
    pub fn read(message: &Message) -> Result<Self, Error> {
        Self::read_adopted(message, "notification", 1)
    }

    /// Reads an ack that `protocol` adopted.
    ///
    /// # Errors
    /// As [`Ack::read`].
    pub fn read_adopted(message: &Message, protocol: &str, major: u16) -> Result<Self, Error> {
        crate::error::expect_kind(message, protocol, major, "ack")?;
        body::read(message).map_err(|reason| Error::Malformed { message: "ack", reason })
    }

    /// The ack of `acked` under `notification/1.0`, on its thread.
    #[must_use]
    pub fn reply_to(&self, acked: &Message, id: impl Into<String>) -> Message {
        self.reply_adopted(acked, id, "notification", (1, 0))
    }

    /// An ack under `notification/1.0` on a DIDComm v1 thread whose last message is not at hand.
    #[must_use]
    pub fn on_thread(&self, id: impl Into<String>, thid: &str) -> Message {
        let kind = MessageType::new("notification", (1, 0), "ack");
        let mut message = Message::new(Version::V1, id, kind);
        message.thid = Some(thid.to_owned());
        body::write(message, self)
    }

    /// The ack of `acked` under the type of the protocol that adopted it.
    #[must_use]
    pub fn reply_adopted(
        &self,
        acked: &Message,
        id: impl Into<String>,
        protocol: &str,
        version: (u16, u16),
    ) -> Message {
        body::write(acked.reply(id, MessageType::new(protocol, version, "ack")), self)
    }
}
