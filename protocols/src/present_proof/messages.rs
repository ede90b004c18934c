//! What the messages of present proof 2.0 say, without how they are written.
//!
//! Source: RFC 0454 §Messages; formats RFC 0510. Absent on purpose: ids and threads, which the
//! agent gives to a message when it sends it.

use serde::{Deserialize, Serialize};

use crate::ack::Status;
use crate::attached::Attached;
use crate::problem::Problem;

/// Format of a proposed or requested DIF presentation definition (RFC 0510).
pub const DIF_DEFINITIONS: &str = "dif/presentation-exchange/definitions@v1.0";
/// Format of a presentation with its DIF submission (RFC 0510).
pub const DIF_SUBMISSION: &str = "dif/presentation-exchange/submission@v1.0";

/// One message of the protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `propose-presentation`, prover to verifier.
    Propose(Proposal),
    /// `request-presentation`, verifier to prover.
    Request(Request),
    /// `presentation`, prover to verifier.
    Presentation(Presentation),
    /// `ack`, verifier to prover; [`Status::Fail`] when it says that nothing was verified.
    Ack(Status),
    /// `problem-report`, both ways.
    Problem(Problem),
}

/// What a prover would rather show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// The proposed request, once per format; content `null` where only formats are named.
    pub attached: Vec<Attached>,
}

/// What a verifier wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// Whether the verifier acks a presentation that it accepts.
    pub will_confirm: bool,
    /// The request, once per acceptable format.
    pub attached: Vec<Attached>,
}

/// What a prover shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presentation {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// Whether the prover asks for an ack that the request did not promise (RFC 0317).
    pub please_ack: bool,
    /// The presentation, once per format.
    pub attached: Vec<Attached>,
}

impl Message {
    /// The message's name in its type.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Propose(_) => "propose-presentation",
            Self::Request(_) => "request-presentation",
            Self::Presentation(_) => "presentation",
            Self::Ack(_) => "ack",
            Self::Problem(_) => "problem-report",
        }
    }
}
