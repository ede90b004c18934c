//! From a DID to its document: from the DID itself, or through the caller's fetch.
//!
//! Source: W3C DID Resolution; the methods under [`crate::method`].
//!
//! Absent on purpose: an HTTP client, a cache, a deadline. The agent has them, and its `Fetch`
//! follows redirects only to addresses that its policy permits.

use std::future::Future;

use url::Url;

use crate::{Did, DidDocument, Error, address::Policy, method};

/// How the caller fetches a URL.
pub trait Fetch {
    /// Gets the body of a 2xx answer, of at most [`crate::DOCUMENT_BYTES_MAX`] bytes, as sent.
    ///
    /// The implementation checks every address that the name resolves to, and every redirect, with
    /// [`Policy::permits`] and [`crate::address::check_url`], follows few redirects, and gives up
    /// after a deadline.
    fn fetch(&self, url: &Url) -> impl Future<Output = Result<Vec<u8>, FetchError>> + Send;

    /// What addresses may be fetched; public ones unless the implementation says otherwise.
    fn policy(&self) -> Policy {
        Policy::default()
    }
}

/// Why nothing was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The server answered with a status that is not a success.
    #[error("status {0}")]
    Status(u16),
    /// The answer is larger than [`crate::DOCUMENT_BYTES_MAX`].
    #[error("answer too large")]
    TooLarge,
    /// More redirects than the caller follows.
    #[error("too many redirects")]
    TooManyRedirects,
    /// The name, or a redirect, leads to an address that the policy refuses.
    #[error("address refused")]
    Refused,
    /// The deadline passed.
    #[error("deadline passed")]
    Timeout,
    /// No connection, no such name, or the connection broke.
    #[error("unreachable: {0}")]
    Unreachable(String),
}

impl FetchError {
    /// Whether the same fetch may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout | Self::Unreachable(_) => true,
            Self::Status(status) => *status == 429 || (500..=599).contains(status),
            Self::TooLarge | Self::TooManyRedirects | Self::Refused => false,
        }
    }
}

/// Resolves a DID without any network.
///
/// `None` means that the document must be fetched: see [`resolve`]. A DID whose document only its
/// users keep (did:peer:1, did:peer:3, the short form of did:peer:4, did:sov and unqualified DIDs)
/// gives [`Error::NotSelfContained`].
#[must_use]
pub fn resolve_local(did: &Did) -> Option<Result<DidDocument, Error>> {
    Some(match did.method() {
        "key" => method::key::document(did),
        "peer" => method::peer::document(did),
        "jwk" => method::jwk::document(did),
        "web" => return None,
        "" | "sov" => Err(Error::NotSelfContained),
        _ => Err(Error::UnsupportedMethod),
    })
}

/// Resolves a DID, through `fetch` where the method asks for it.
///
/// # Errors
/// What [`resolve_local`] gives; [`Error::Refused`] and [`Error::Fetch`] for the network;
/// [`Error::WrongSubject`] when the document found is about another DID.
pub async fn resolve<F: Fetch + Sync>(did: &Did, fetch: &F) -> Result<DidDocument, Error> {
    if let Some(result) = resolve_local(did) {
        return result;
    }
    let url = method::web::url(did, &fetch.policy())?;
    method::web::document(did, &fetch.fetch(&url).await?)
}

#[cfg(test)]
mod tests;
