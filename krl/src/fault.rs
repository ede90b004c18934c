//! Why a program did not finish.

use std::sync::Arc;

/// Why a program did not finish.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The program did what the language refuses. The text is what the reference prints, its
    /// kind included: `TypeError: two cannot be multiplied by 1`.
    #[error("{0}")]
    Thrown(Arc<str>),
    /// Calls went too deep; the text is the one that programs written for the reference expect.
    #[error("RangeError: Maximum call stack size exceeded")]
    Depth,
    /// A limit with a name was reached: `FUEL_MAX`, `HEAP_BYTES_MAX`, `REGEX_STEPS_MAX`, …
    #[error("Error: limit {0} reached")]
    Limit(&'static str),
    /// The program broke a rule of the machine: a bug of ours.
    #[error("Error: internal: {0}")]
    Broken(Arc<str>),
}

impl Fault {
    /// `TypeError: …`
    pub fn type_error(text: impl std::fmt::Display) -> Self {
        Self::Thrown(format!("TypeError: {text}").into())
    }

    /// `Error: …`
    pub fn error(text: impl std::fmt::Display) -> Self {
        Self::Thrown(format!("Error: {text}").into())
    }
}
