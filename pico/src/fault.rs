//! Why a rule, a function or a query did not finish, sorted by blame.

use crate::state::Key;

/// Why a rule, a function or a query did not finish.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The state under this key is not loaded yet: load it and run the turn again.
    #[error("state is not loaded: {0:?}")]
    Missing(Key),
    /// The caller or the peer asked for what is not possible now. `code` is a short stable
    /// name (for a message from a peer, the problem code), `reason` a sentence.
    #[error("{reason}")]
    Refused {
        /// Short stable name of the refusal.
        code: String,
        /// What a person needs to know.
        reason: String,
    },
    /// A limit with a name was reached.
    #[error("limit {name} reached")]
    Limit {
        /// Name of the limit.
        name: &'static str,
    },
    /// Stored state does not decode, or code broke its own contract: our fault.
    #[error("internal: {0}")]
    Broken(String),
}

impl Fault {
    /// A refusal with its short name and a sentence.
    pub fn refused(code: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Refused { code: code.into(), reason: reason.into() }
    }

    /// The refusal of a request for something that does not exist.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::refused("not-found", format!("{what} not found"))
    }
}
