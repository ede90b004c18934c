//! Why a message of Connections is refused, and what the peer hears about it.

use picomesh_didcomm::Version;

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
    /// The DID, its document or a signature does not prove what it has to.
    #[error("{message} not accepted: {reason}")]
    Untrusted {
        /// The message that brought it.
        message: &'static str,
        /// What is wrong, for our log.
        reason: String,
    },
    /// The peer sent a legal message on another thread or about another invitation.
    #[error("{0} belongs to another thread")]
    OtherThread(&'static str),
    /// The peer sent a legal message at the wrong time.
    #[error("{input} is not allowed in state {state}")]
    Unexpected {
        /// What came.
        input: &'static str,
        /// What we were in, in the words of RFC 0160.
        state: &'static str,
    },
}

impl Error {
    /// Code for the peer; RFC 0160 §Errors names it by the message that is refused.
    ///
    /// `None` when there is nothing to answer: RFC 0160 has no errors in the invitation phase, a
    /// report is never answered by a report, and the inputs of our own owner are no messages.
    #[must_use]
    pub fn problem_code(&self, version: Version) -> Option<&'static str> {
        let (message, v2) = match self {
            Self::Malformed { message, .. } => (message, "e.p.msg"),
            Self::Untrusted { message, .. } => (message, "e.p.trust"),
            Self::OtherThread(message) => (message, "e.m.msg.unexpected"),
            Self::Unexpected { input, .. } => (input, "e.m.msg.unexpected"),
        };
        let v1 = match *message {
            "request" => "request_not_accepted",
            "response" => "response_not_accepted",
            _ => return None,
        };
        Some(match version {
            Version::V1 => v1,
            Version::V2 => v2,
        })
    }
}
