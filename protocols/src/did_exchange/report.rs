//! The problem report that DID Exchange adopts.
//!
//! Source: RFC 0023 §Errors. The RFC's example says `problem-code` and `explain`; ACA-Py and
//! Credo read `description.code` as in RFC 0035. We write both and read both.

use picomesh_didcomm::{Message, MessageType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::PROTOCOL;

/// Why a message is refused (RFC 0023 §Errors).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The invitation is not wanted.
    InvitationNotAccepted,
    /// The request is not wanted, or not as it is.
    RequestNotAccepted,
    /// The request may be sent again as it is.
    RequestProcessingError,
    /// The response is not wanted, or not as it is.
    ResponseNotAccepted,
    /// The response may be sent again as it is.
    ResponseProcessingError,
    /// The complete is not wanted (ACA-Py).
    CompleteNotAccepted,
}

impl Code {
    /// The code as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvitationNotAccepted => "invitation_not_accepted",
            Self::RequestNotAccepted => "request_not_accepted",
            Self::RequestProcessingError => "request_processing_error",
            Self::ResponseNotAccepted => "response_not_accepted",
            Self::ResponseProcessingError => "response_processing_error",
            Self::CompleteNotAccepted => "complete_not_accepted",
        }
    }
}

/// The report about `refused`, in its minor version where that is lower than ours.
///
/// `explain` is read by the peer: nothing in it may be secret.
#[must_use]
pub fn problem_report(refused: &Message, id: &str, code: Code, explain: &str) -> Message {
    let minor = crate::body::answer_minor(refused.kind.minor, super::MINOR);
    report(refused.thread_id(), id, minor, code, explain)
}

pub(super) fn report(thid: &str, id: &str, minor: u16, code: Code, explain: &str) -> Message {
    let kind = MessageType::new(PROTOCOL, (1, minor), "problem_report");
    let mut message = Message::new(picomesh_didcomm::Version::V1, id, kind);
    message.thid = Some(thid.to_owned());
    let code = code.as_str();
    let fields = [
        ("description", json!({ "code": code, "en": explain })),
        ("problem-code", json!(code)),
        ("explain", json!(explain)),
    ];
    message.body = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    message
}
