//! Why a peer could not be used.

use std::fmt;

use serde_json::Value;

/// What every helper here answers with.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a peer could not be used. `Debug` prints the same text, as tests end with `unwrap`.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The peer is not on this machine.
    #[error("{0} is not set or names nothing: run `./test`, or `./test setup` once")]
    Absent(&'static str),
    /// The peer's process ended on its own.
    #[error("{peer} ended with {status}; the end of its log:\n{log}")]
    Ended {
        /// The name of the peer.
        peer: String,
        /// The exit status as the system words it.
        status: String,
        /// The last lines that it wrote.
        log: String,
    },
    /// Something did not happen within its time.
    #[error("{what} did not happen within {seconds} s; last seen: {last}")]
    Late {
        /// What was waited for.
        what: String,
        /// How long, in seconds.
        seconds: u64,
        /// What was there instead.
        last: String,
    },
    /// A peer answered a request with an error.
    #[error("{method} {url} answered {status}: {body}")]
    Refused {
        /// The HTTP method.
        method: String,
        /// The whole URL.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The body as text.
        body: String,
    },
    /// A peer answered something that makes no sense here.
    #[error("unexpected: {0}")]
    Unexpected(String),
    /// A peer could not be reached.
    #[error("{url} cannot be reached: {source}")]
    Unreachable {
        /// The whole URL.
        url: String,
        /// What the HTTP client says.
        source: reqwest::Error,
    },
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Error {
    /// An answer in which `wanted` is missing.
    #[must_use]
    pub fn missing(wanted: &str, answer: &Value) -> Self {
        Self::Unexpected(format!("no {wanted} in {answer}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
