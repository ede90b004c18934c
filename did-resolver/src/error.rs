//! Why a DID, a key or a document is refused.
//!
//! Sorted by blame: the bytes, the document's content, the pairing of DID and document, our caller,
//! the world. Absent on purpose: HTTP status codes.

use crate::{address, resolve::FetchError};

/// Why a DID does not lead to a usable DID document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is not a DID.
    #[error("not a DID: {0}")]
    MalformedDid(&'static str),
    /// The text is not a DID URL.
    #[error("not a DID URL: {0}")]
    MalformedDidUrl(&'static str),
    /// A public key is not what it says it is.
    #[error("malformed key: {0}")]
    MalformedKey(&'static str),
    /// The key is well formed, of a kind that we do not use.
    #[error("unsupported kind of key")]
    UnsupportedKey,
    /// The document is not a DID document.
    #[error("malformed DID document: {0}")]
    MalformedDocument(&'static str),
    /// A named limit is exceeded; nothing behind it was looked at.
    #[error("{what} above the limit of {max}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in the unit of `what`.
        max: usize,
    },
    /// A key that acts for this DID is controlled by another one.
    #[error("a key of the document is controlled by another DID")]
    ForeignController,
    /// The document is about another DID than the one asked for.
    #[error("the document is about another DID")]
    WrongSubject,
    /// The hash in the DID is not the hash of the document.
    #[error("the hash in the DID does not fit the document")]
    HashMismatch,
    /// We do not know this DID method.
    #[error("unsupported DID method")]
    UnsupportedMethod,
    /// The DID does not carry its document: whoever met it before has stored it.
    #[error("the document of this DID is not in the DID and cannot be fetched")]
    NotSelfContained,
    /// The address behind the DID is one that we do not talk to.
    #[error("address refused: {0}")]
    Refused(#[from] address::Refused),
    /// The document could not be fetched.
    #[error("not fetched: {0}")]
    Fetch(#[from] FetchError),
}

impl Error {
    /// Code for the peer (DIDComm v2 §Problem Codes), for either generation of DIDComm.
    ///
    /// `e.p.did` when the DID itself is bad, `e.p.did.not-resolvable` when its document is.
    #[must_use]
    pub fn problem_code(&self) -> &'static str {
        match self {
            Self::MalformedDid(_)
            | Self::MalformedDidUrl(_)
            | Self::MalformedKey(_)
            | Self::UnsupportedKey
            | Self::TooLarge { .. }
            | Self::HashMismatch => "e.p.did",
            Self::MalformedDocument(_)
            | Self::ForeignController
            | Self::WrongSubject
            | Self::UnsupportedMethod
            | Self::NotSelfContained
            | Self::Refused(_)
            | Self::Fetch(_) => "e.p.did.not-resolvable",
        }
    }

    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Fetch(error) if error.is_transient())
    }
}
