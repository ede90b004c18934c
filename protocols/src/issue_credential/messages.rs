//! What the messages of issue credential 2.0 say, without how they are written.
//!
//! Source: RFC 0453 §Messages; formats RFC 0593. Absent on purpose: ids and threads, which the
//! agent gives to a message when it sends it.

use serde::{Deserialize, Serialize};

use crate::ack::Status;
use crate::attached::Attached;
use crate::problem::Problem;

/// Format of a proposed, offered or requested JSON-LD credential (RFC 0593).
pub const LD_PROOF_VC_DETAIL: &str = "aries/ld-proof-vc-detail@v1.0";
/// Format of an issued JSON-LD credential (RFC 0593).
pub const LD_PROOF_VC: &str = "aries/ld-proof-vc@v1.0";

/// One message of the protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `propose-credential`, holder to issuer.
    Propose(Proposal),
    /// `offer-credential`, issuer to holder.
    Offer(Offer),
    /// `request-credential`, holder to issuer.
    Request(Request),
    /// `issue-credential`, issuer to holder.
    Issue(Credential),
    /// `ack`, holder to issuer.
    Ack(Status),
    /// `problem-report`, both ways.
    Problem(Problem),
}

/// What a holder hopes to receive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// The data of the wished credential.
    pub preview: Option<Preview>,
    /// What further defines the wished credential, once per format.
    pub attached: Vec<Attached>,
}

/// What an issuer intends to issue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// The data of the offered credential.
    pub preview: Option<Preview>,
    /// Unique to the issuer; a credential with the same one may replace the earlier.
    pub replacement_id: Option<String>,
    /// The offer, once per format.
    pub attached: Vec<Attached>,
}

/// What a holder asks for, with no more negotiation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// The request, once per format.
    pub attached: Vec<Attached>,
}

/// An issued credential.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What the sender wants to reach.
    pub goal_code: Option<String>,
    /// For people.
    pub comment: Option<String>,
    /// As in [`Offer::replacement_id`]; never part of a presentation.
    pub replacement_id: Option<String>,
    /// Whether the issuer asks for an ack (RFC 0317). A holder acks in any case.
    pub please_ack: bool,
    /// The credential, once per format.
    pub attached: Vec<Attached>,
}

/// The data of a credential for people to look at (RFC 0453 §Preview Credential).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// The attributes in the order of the sender.
    pub attributes: Vec<Attribute>,
}

/// One attribute of a [`Preview`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// When there is one, `value` is base64url and this tells what the bytes are.
    pub mime_type: Option<String>,
    /// Its value.
    pub value: String,
}

impl Message {
    /// The message's name in its type.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Propose(_) => "propose-credential",
            Self::Offer(_) => "offer-credential",
            Self::Request(_) => "request-credential",
            Self::Issue(_) => "issue-credential",
            Self::Ack(_) => "ack",
            Self::Problem(_) => "problem-report",
        }
    }
}
