//! Why an invitation or a reuse is refused.

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
    /// The invitation has no service that we could answer to.
    #[error("the invitation has no usable service")]
    NoService,
    /// The invitation asks for nothing that we know: no handshake, no request.
    #[error("the invitation offers neither a handshake nor a request that we know")]
    NothingOffered,
    /// The invitation is no longer valid.
    #[error("the invitation has expired")]
    Expired,
    /// A single-use invitation was answered before, or its sender withdrew it.
    #[error("the invitation was already used or withdrawn")]
    AlreadyUsed,
    /// The peer sent a legal message at the wrong time.
    #[error("{input} is not allowed in state {state}")]
    Unexpected {
        /// What came.
        input: &'static str,
        /// What we were in, in the words of the RFC.
        state: &'static str,
    },
    /// The peer sent a legal message about another invitation.
    #[error("{0} belongs to another invitation")]
    OtherThread(&'static str),
}

impl Error {
    /// Code for the peer in the generation of its message.
    #[must_use]
    pub fn problem_code(&self, version: Version) -> Option<&'static str> {
        Some(match version {
            Version::V1 => match self {
                Self::Malformed { .. } => "message-parse-failure",
                // RFC 0434 names no codes. What is answered is a request of a handshake, so
                // the code is the one of RFC 0023 and RFC 0160.
                Self::NoService | Self::NothingOffered | Self::Expired | Self::AlreadyUsed => {
                    "request_not_accepted"
                }
                // As ACA-Py says it: we have no such thing to reuse.
                Self::Unexpected { .. } | Self::OtherThread(_) => "no_existing_connection",
            },
            Version::V2 => match self {
                Self::Malformed { .. } => "e.p.msg",
                Self::NoService | Self::NothingOffered => "e.p.req.unsupported",
                Self::Expired => "e.p.req.time",
                Self::AlreadyUsed => "e.p.req.already-used",
                Self::Unexpected { .. } | Self::OtherThread(_) => "e.m.msg.unexpected",
            },
        })
    }
}
