//! Why this crate refuses, sorted by whose fault it is.

/// The one error type of this crate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // The bytes.
    /// Nothing was sent.
    #[error("empty")]
    Empty,
    /// More bytes than the named limit allows.
    #[error("more than {limit_bytes} bytes")]
    TooLarge {
        /// The limit that was exceeded.
        limit_bytes: usize,
    },
    /// Not JSON that we accept (RFC 8259 with the strictness of [`crate::json`]).
    #[error("malformed json: {0}")]
    Json(&'static str),
    /// Nested deeper than the limit.
    #[error("nested too deep")]
    TooDeep,
    /// The same key twice in one object.
    #[error("duplicate key")]
    DuplicateKey,

    // The envelope.
    /// JSON, but not an envelope that the specification allows.
    #[error("malformed envelope: {0}")]
    Envelope(&'static str),
    /// An algorithm, media type or critical header that we do not take.
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// More recipients or signatures than the limit.
    #[error("too many recipients")]
    TooManyRecipients,
    /// Envelopes inside envelopes beyond the limit.
    #[error("too many layers")]
    TooManyLayers,
    /// Wrong key, wrong tag, wrong point: one error for all, so that it tells nothing.
    #[error("undecryptable")]
    Undecryptable,
    /// A signature does not hold, or not for this key.
    #[error("bad signature: {0}")]
    Signature(&'static str),
    /// Opening needs the document of this DID. Not a refusal: resolve it and open again.
    #[error("the document of {0} is needed")]
    Unresolved(String),

    // The message.
    /// `id`, `thid` or `pthid` missing, empty, too long, not a string, or with a control character.
    #[error("bad id in `{0}`")]
    Id(&'static str),
    /// The message type is not a message type URI.
    #[error("bad message type")]
    Type,
    /// A time that is not a count of seconds.
    #[error("bad time in `{0}`")]
    Time(&'static str),
    /// The peer sent bytes that are not this message.
    #[error("malformed {message}: {reason}")]
    Malformed {
        /// Which message or part.
        message: String,
        /// What is wrong with it, for the log.
        reason: String,
    },
    /// An attachment whose content cannot be had or is not what it says.
    #[error("attachment: {0}")]
    Attachment(&'static str),

    // Our caller.
    /// Our own caller broke the contract; a bug, never shown to the peer.
    #[error("misuse: {0}")]
    Misuse(&'static str),
}

impl Error {
    /// Code for the peer (DIDComm v2 §Problem Codes); `None` when the fault is ours.
    ///
    /// Send it only to a sender who is authenticated, and never in answer to a problem report.
    #[must_use]
    pub fn problem_code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Empty
            | Self::Json(_)
            | Self::TooDeep
            | Self::DuplicateKey
            | Self::Malformed { .. }
            | Self::Time(_) => "e.p.msg",
            Self::TooLarge { .. } => "e.p.me.res.storage.message_too_big",
            Self::Envelope(_)
            | Self::Unsupported(_)
            | Self::TooManyRecipients
            | Self::TooManyLayers
            | Self::Undecryptable
            | Self::Unresolved(_) => "e.p.trust.crypto",
            Self::Signature(_) => "e.p.trust",
            Self::Id(_) => "e.p.msg.bad-id",
            Self::Type => "e.p.msg.unsupported-type",
            Self::Attachment(_) => "e.p.msg.attachment",
            Self::Misuse(_) => return None,
        })
    }

    /// Code for the peer in a v1 problem report (RFC 0035); `None` when the fault is ours.
    #[must_use]
    pub fn report_code(&self) -> Option<&'static str> {
        self.problem_code().map(|_| "message-parse-failure")
    }
}
