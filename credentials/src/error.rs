//! Why something was refused, sorted by whose fault it is.
//!
//! A check that fails during verification is not an error: it is a [`crate::Check`] of the report.

/// Why a document could not be read, signed or matched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes: the document is not what it claims to be.
    #[error("malformed {what}: {reason}")]
    Malformed {
        /// Which part of the document.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes: the document exceeds a named limit; the work was not begun or was stopped.
    #[error("above the limit {0}")]
    TooLarge(&'static str),
    /// The peer: a context that is not compiled in and was not registered. Nothing is fetched.
    #[error("unknown context {0}")]
    UnknownContext(String),
    /// The peer: a term that no context defines would not be covered by the signature.
    #[error("undefined term {0}")]
    UndefinedTerm(String),
    /// The peer: a legal feature that we do not carry out, refused rather than guessed.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// The peer: what arrived is not what was agreed on before.
    #[error("{what} differs from what was agreed")]
    Differs {
        /// The JSON path of the difference.
        what: String,
    },
    /// The pairing: no selection of the credentials satisfies the definition.
    #[error("no credentials satisfy {0}")]
    NoMatch(String),
    /// Our caller: the signing key, its verification method and the document do not fit together.
    #[error("misuse: {0}")]
    Misuse(String),
}

impl Error {
    pub(crate) fn malformed(what: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed { what, reason: reason.into() }
    }

    /// A short stable name for reports and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::TooLarge(_) => "too-large",
            Self::UnknownContext(_) => "unknown-context",
            Self::UndefinedTerm(_) => "undefined-term",
            Self::Unsupported(_) => "unsupported",
            Self::Differs { .. } => "differs",
            Self::NoMatch(_) => "no-match",
            Self::Misuse(_) => "misuse",
        }
    }
}
