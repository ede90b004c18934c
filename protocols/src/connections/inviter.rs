//! The inviter: made the invitation.

use picomesh_did_resolver::{Did, DidDocument};
use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{Code, Effect, Error, Request, Signature, To, messages::Response, problem_report};
use crate::{
    Step,
    peer::{self, Known, key_text},
    problem::Problem,
};

/// Inviter of a connection: each variant names what it awaits or how it ended.
///
/// Each request to a multi-use invitation gets an inviter of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Inviter {
    /// Somebody may answer.
    AwaitingRequest {
        /// The id of an Out-of-Band invitation.
        pthid: Option<String>,
    },
    /// The invitee's DID has to be resolved.
    AwaitingDocument {
        /// What came.
        request: Requested,
        /// The key that sent it, as did:key.
        sender_key: String,
    },
    /// Our owner has to accept or refuse.
    AwaitingDecision {
        /// What came.
        request: Requested,
    },
    /// The invitee has to show that the response arrived.
    AwaitingConfirmation {
        /// What came.
        request: Requested,
    },
    /// Both know each other.
    Connected {
        /// The invitee's DID.
        did: Did,
    },
    /// We did not want it.
    Refused,
    /// The invitee gave up.
    Abandoned {
        /// Why.
        problem: Problem,
    },
}

/// What is kept of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requested {
    /// The thread.
    pub thid: String,
    /// The Out-of-Band invitation that it names.
    pub pthid: Option<String>,
    /// The invitee's DID.
    pub did: Did,
    /// For people, not to be trusted.
    pub label: String,
}

/// What can happen to the inviter.
#[derive(Clone, Copy, Debug)]
pub enum InviterInput<'a> {
    /// A `request` came.
    Requested {
        /// The message.
        message: &'a Message,
        /// The Ed25519 key that sent its envelope.
        sender_key: &'a [u8; 32],
    },
    /// The invitee's DID was resolved.
    Resolved(&'a DidDocument),
    /// The invitee's DID cannot be resolved: there is nobody to answer to.
    Unresolvable,
    /// Our owner accepts.
    Accept {
        /// The id of our response.
        id: &'a str,
        /// Our `Connection`, signed by the invitation key with [`super::sign`].
        connection: &'a Signature,
    },
    /// Our owner refuses.
    Refuse {
        /// The id of our problem report.
        id: &'a str,
        /// For the peer's people; nothing in it may be secret.
        explain: &'a str,
    },
    /// An ack, or any other authenticated message of the invitee (RFC 0160 §Flow Overview).
    Confirmed,
    /// A problem report came on this thread.
    Reported(&'a Message),
}

type Stepped = Result<Step<Inviter, Effect>, Error>;

impl Inviter {
    /// An invitation goes out; `pthid` is its id if it is of Out-of-Band.
    #[must_use]
    pub fn inviting(pthid: Option<&str>) -> Self {
        Self::AwaitingRequest { pthid: pthid.map(str::to_owned) }
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`], [`Error::OtherThread`], [`Error::Malformed`], [`Error::Untrusted`].
    pub fn step(self, input: InviterInput<'_>) -> Stepped {
        match (self, input) {
            (Self::AwaitingRequest { pthid }, InviterInput::Requested { message, sender_key }) => {
                requested(pthid, message, sender_key)
            }
            (Self::AwaitingDocument { request, sender_key }, InviterInput::Resolved(document)) => {
                if document.id != request.did {
                    return Err(untrusted("the resolved document is about another DID"));
                }
                learned(request, document, &sender_key)
            }
            (Self::AwaitingDocument { .. }, InviterInput::Unresolvable) => {
                Ok(Step::quiet(Self::Refused))
            }
            (Self::AwaitingDecision { request }, InviterInput::Accept { id, connection }) => {
                let response = Response { signature: connection.clone() };
                let message = response.to_message(id, &request.thid, request.pthid.as_deref());
                let send = Effect::Send { to: To::Peer, message };
                Ok(Step::new(Self::AwaitingConfirmation { request }, [send]))
            }
            (Self::AwaitingDecision { request }, InviterInput::Refuse { id, explain }) => {
                let message = problem_report(&request.thid, id, Code::RequestNotAccepted, explain);
                Ok(Step::new(Self::Refused, [Effect::Send { to: To::Peer, message }]))
            }
            (Self::AwaitingConfirmation { request }, InviterInput::Confirmed) => {
                Ok(Step::quiet(Self::Connected { did: request.did }))
            }
            (
                Self::AwaitingDocument { .. }
                | Self::AwaitingDecision { .. }
                | Self::AwaitingConfirmation { .. },
                InviterInput::Reported(message),
            ) => Ok(Step::quiet(Self::Abandoned { problem: Problem::read(message) })),
            (state, input) => {
                Err(Error::Unexpected { input: input.name(), state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of RFC 0160 §States.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingRequest { .. } => "invited",
            Self::AwaitingDocument { .. } | Self::AwaitingDecision { .. } => "requested",
            Self::AwaitingConfirmation { .. } => "responded",
            Self::Connected { .. } => "complete",
            // RFC 0160 has no word for the end without connection: it is as if nothing had been.
            Self::Refused | Self::Abandoned { .. } => "null",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Connected { .. } | Self::Refused | Self::Abandoned { .. })
    }
}

impl InviterInput<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Requested { .. } => "request",
            Self::Resolved(_) => "resolved",
            Self::Unresolvable => "unresolvable",
            Self::Accept { .. } => "accept",
            Self::Refuse { .. } => "refuse",
            Self::Confirmed => "ack",
            Self::Reported(_) => "problem report",
        }
    }
}

fn untrusted(reason: impl Into<String>) -> Error {
    Error::Untrusted { message: "request", reason: reason.into() }
}

fn requested(expected: Option<String>, message: &Message, sender_key: &[u8; 32]) -> Stepped {
    let Request { label, connection } = Request::read(message)?;
    // RFC 0160 knows no parent thread; where one is named it has to be ours.
    if message.pthid.is_some() && message.pthid != expected {
        return Err(Error::OtherThread("request"));
    }
    let attached = connection.document.map(|document| document.to_string());
    let did = connection.did;
    let known = peer::document(&did, attached.as_deref().map(str::as_bytes)).map_err(untrusted)?;
    let request = Requested { thid: message.thread_id().to_owned(), pthid: expected, did, label };
    let sender_key = key_text(sender_key);
    match known {
        Known::Document(document) => learned(request, &document, &sender_key),
        Known::Elsewhere => {
            let effect = Effect::Resolve { did: request.did.clone() };
            Ok(Step::new(Inviter::AwaitingDocument { request, sender_key }, [effect]))
        }
    }
}

/// RFC 0160 §Request processing: the keys of the envelope have to match what is presented.
fn learned(request: Requested, document: &DidDocument, sender_key: &str) -> Stepped {
    if !peer::has_key(document, sender_key) {
        return Err(untrusted("the envelope was sent by a key that the DID does not have"));
    }
    let learn = Effect::Learn { did: request.did.clone(), document: Box::new(document.clone()) };
    Ok(Step::new(Inviter::AwaitingDecision { request }, [learn]))
}
