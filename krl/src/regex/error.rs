//! Why a pattern is refused.

use crate::fault::Fault;

/// Why a pattern is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is not a pattern; the reason in V8's words.
    Syntax(&'static str),
    /// It is larger than a named limit.
    Limit(&'static str),
}

impl Refusal {
    /// As the program sees it: `SyntaxError: Invalid regular expression: /(/: Unterminated group`.
    pub(super) fn into_fault(self, pattern: &str, flags: &str) -> Fault {
        match self {
            Self::Syntax(reason) => Fault::Thrown(
                format!("SyntaxError: Invalid regular expression: /{pattern}/{flags}: {reason}")
                    .into(),
            ),
            Self::Limit(name) => Fault::Limit(name),
        }
    }
}
