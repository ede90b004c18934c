//! Why a step of issue credential is refused, sorted by whose fault it is.

use picomesh_didcomm::Version;

use crate::attached::Unreadable;
use crate::bound::Stranger;

/// Why a message or a step is refused; the state is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // The bytes.
    /// Not a message of this protocol.
    #[error("not a message of issue-credential 2.x")]
    Type,
    /// The peer sent bytes that are not this message.
    #[error("malformed {message}: {reason}")]
    Malformed {
        /// The message's name.
        message: &'static str,
        /// What is wrong, for the log.
        reason: String,
    },
    /// The content of an attachment cannot be had or is not what it says.
    #[error("attachment of {message}: {reason}")]
    Attachment {
        /// The message's name.
        message: &'static str,
        /// What is wrong, for the log.
        reason: String,
    },

    // The peer.
    /// A legal message or decision at the wrong time.
    #[error("{input} is not allowed in state {state}")]
    Unexpected {
        /// The name of the input.
        input: &'static str,
        /// The state of the RFC.
        state: &'static str,
    },

    // The pairing.
    /// The thread belongs to another sender.
    #[error(transparent)]
    Stranger(#[from] Stranger),
    /// An answer in a format that was not asked for.
    #[error("{0} in a format that was not asked for")]
    Formats(&'static str),

    // Our caller.
    /// Our own caller broke the contract; a bug, never shown to the peer.
    #[error("misuse: {0}")]
    Misuse(&'static str),
}

impl Error {
    /// Code for the peer in the generation of its message; `None` when the fault is ours.
    ///
    /// Source: DIDComm v2 §Problem Codes; RFC 0035, which fixes no codes. Never
    /// [`super::ISSUANCE_ABANDONED`]: a refused step ends nothing.
    #[must_use]
    pub fn problem_code(&self, version: Version) -> Option<&'static str> {
        Some(match (version, self) {
            (Version::V1, Self::Type | Self::Malformed { .. } | Self::Attachment { .. }) => {
                "message-parse-failure"
            }
            (Version::V1, Self::Unexpected { .. }) => "unexpected-message",
            (Version::V1, Self::Stranger(_)) => "thread-not-found",
            (Version::V1, Self::Formats(_)) => "unsupported-format",
            (Version::V2, Self::Type) => "e.p.msg.unsupported-type",
            (Version::V2, Self::Malformed { .. }) => "e.p.msg",
            (Version::V2, Self::Attachment { .. }) => "e.p.msg.attachment",
            (Version::V2, Self::Unexpected { .. }) => "e.m.msg.unexpected",
            (Version::V2, Self::Stranger(_)) => "e.p.trust",
            (Version::V2, Self::Formats(_)) => "e.m.msg.formats",
            (_, Self::Misuse(_)) => return None,
        })
    }

    pub(super) fn malformed(message: &'static str, reason: String) -> Self {
        Self::Malformed { message, reason }
    }

    pub(super) fn unreadable(message: &'static str, error: Unreadable) -> Self {
        match error {
            Unreadable::Body(reason) => Self::Malformed { message, reason },
            Unreadable::Attachment(reason) => Self::Attachment { message, reason },
        }
    }
}
