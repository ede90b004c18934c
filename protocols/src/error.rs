//! Why a message of one of the small protocols is refused.
//!
//! Source: house style §7; codes from DIDComm v2 §Problem Codes and RFC 0035.
//! Protocols with codes of their own (connections, DID exchange) have an `error` beside them.

use picomesh_didcomm::{Message, Version};

/// A refused message or step, sorted by whose fault it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer sent bytes that are not this message.
    #[error("malformed {message}: {reason}")]
    Malformed {
        /// The message that was expected.
        message: &'static str,
        /// What is wrong, for our log.
        reason: String,
    },
    /// The peer sent a legal message at the wrong time.
    #[error("{input} is not allowed in state {state}")]
    Unexpected {
        /// What came.
        input: &'static str,
        /// What we were in, in the words of the specification.
        state: &'static str,
    },
    /// The peer sent a legal message on a thread that is not the one it answers.
    #[error("{0} belongs to another thread")]
    OtherThread(&'static str),
}

impl Error {
    /// Code for the peer in the generation of its message.
    #[must_use]
    pub fn problem_code(&self, version: Version) -> Option<&'static str> {
        Some(match (version, self) {
            // RFC 0035 fixes no codes; ACA-Py uses this one for what it cannot read.
            (Version::V1, Self::Malformed { .. }) => "message-parse-failure",
            (Version::V1, Self::Unexpected { .. } | Self::OtherThread(_)) => "unexpected-message",
            (Version::V2, Self::Malformed { .. }) => "e.p.msg",
            (Version::V2, Self::Unexpected { .. } | Self::OtherThread(_)) => "e.m.msg.unexpected",
        })
    }
}

/// Refuses a message that is not `protocol/major/name`.
pub(crate) fn expect_kind(
    message: &Message,
    protocol: &str,
    major: u16,
    name: &'static str,
) -> Result<(), Error> {
    if message.kind.is(protocol, major) && message.kind.name == name {
        return Ok(());
    }
    Err(Error::Malformed { message: name, reason: format!("type is {}", message.kind) })
}
