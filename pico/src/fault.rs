//! Why a rule, a function or a query did not finish, sorted by blame.

use crate::outside::Outside;
use crate::state::Key;

/// Why a rule, a function or a query did not finish.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The state under this key is not loaded yet: load it and go on.
    #[error("state is not loaded: {0:?}")]
    Missing(Key),
    /// The rule waits for something outside: perform it and go on.
    #[error("waits for the outside")]
    Outside(Box<Outside>),
    /// The caller or the peer asked for what is not possible now. `code` is a short stable
    /// name (for a message from a peer, the problem code), `reason` a sentence.
    #[error("{reason}")]
    Refused {
        /// Short stable name of the refusal.
        code: String,
        /// What a person needs to know.
        reason: String,
    },
    /// A program did what its language refuses. The text begins with its kind, as programs
    /// written for pico-engine expect it: `TypeError: …`.
    #[error("{0}")]
    Thrown(String),
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

    /// `Error: …`, as a program would throw it.
    pub fn thrown(text: impl std::fmt::Display) -> Self {
        Self::Thrown(format!("Error: {text}"))
    }

    /// `TypeError: …`, as a program would throw it.
    pub fn type_error(text: impl std::fmt::Display) -> Self {
        Self::Thrown(format!("TypeError: {text}"))
    }

    /// Whether the turn only waits: the rule did not fail.
    pub fn is_wait(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Outside(_))
    }
}
