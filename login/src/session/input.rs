//! What happens to a session.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::{Proof, Reason};
use crate::secret::{Entropy, Fingerprint};

/// What happens to a session.
#[derive(Clone)]
#[non_exhaustive]
pub enum Input {
    /// The invitation was opened.
    Scanned(Scanner),
    /// A presentation came in an authenticated message.
    Presented {
        /// The thread that it names.
        thid: String,
        /// The key that sent it.
        wallet: String,
        /// As it came.
        presentation: Value,
    },
    /// The wallet declined, or reported a problem.
    Declined {
        /// The thread that it names.
        thid: String,
        /// The key that sent it.
        wallet: String,
    },
    /// The check passed, and the policy accepted.
    Verified(Box<Proof>),
    /// The check or the policy said no.
    Failed(Reason),
    /// The browser moves on to the relying party.
    Continued {
        /// The value of its cookie; empty if there is none.
        cookie: String,
        /// For the code.
        entropy: Entropy,
    },
    /// The user gave up, on the page.
    Cancelled {
        /// The value of its cookie; empty if there is none.
        cookie: String,
    },
    /// The deadline has passed.
    TimedOut,
}

/// Who opened the invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scanner {
    /// A device that fetched the invitation by its short URL: all that is known is the
    /// fingerprint of what the door saw of it.
    Device(Fingerprint),
    /// A wallet, by the key that it authenticated with.
    Wallet(String),
}

impl Input {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Scanned(_) => "scanned",
            Self::Presented { .. } => "presented",
            Self::Declined { .. } => "declined",
            Self::Verified(_) => "verified",
            Self::Failed(_) => "failed",
            Self::Continued { .. } => "continued",
            Self::Cancelled { .. } => "cancelled",
            Self::TimedOut => "timed out",
        }
    }
}
