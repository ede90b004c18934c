//! Why a call to another server failed.

use picomesh_did_resolver::FetchError;
use picomesh_did_resolver::address::Refused;

/// Why a call failed: ours to refuse, or the world's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL, or where a redirect leads, is not one that we call.
    #[error("URL refused: {0}")]
    Url(#[from] Refused),
    /// The name leads only to addresses that we do not call.
    #[error("the name leads to no address that may be called")]
    Address,
    /// More redirects than we follow.
    #[error("too many redirects")]
    TooManyRedirects,
    /// A redirect without a usable target, or from https to http.
    #[error("redirect refused")]
    Redirect,
    /// The answer is larger than we take.
    #[error("answer too large")]
    TooLarge,
    /// The answer was not complete in time.
    #[error("deadline passed")]
    Timeout,
    /// No such name, no connection, or it broke.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// The client cannot be made: no TLS.
    #[error("TLS: {0}")]
    Tls(String),
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable(_) => true,
            Self::Url(_)
            | Self::Address
            | Self::TooManyRedirects
            | Self::Redirect
            | Self::TooLarge
            | Self::Tls(_) => false,
        }
    }
}

impl From<Error> for FetchError {
    fn from(error: Error) -> Self {
        match error {
            Error::Url(_) | Error::Address | Error::Redirect => Self::Refused,
            Error::TooManyRedirects => Self::TooManyRedirects,
            Error::TooLarge => Self::TooLarge,
            Error::Timeout => Self::Timeout,
            Error::Unreachable(reason) | Error::Tls(reason) => Self::Unreachable(reason),
        }
    }
}
