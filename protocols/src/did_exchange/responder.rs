//! The responder: made the invitation, or published the DID that is one.

use picomesh_did_resolver::{Did, DidDocument};
use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{
    Code, Complete, Effect, Error, MINOR, Request, Response, To,
    attach::{check_request, check_sender, check_subject},
    report::report,
};
use crate::{
    Step, body,
    peer::{Known, key_text},
    problem::Problem,
};

/// Responder of a DID exchange: each variant names what it awaits or how it ended.
///
/// Each request to a multi-use invitation or to a public DID gets a responder of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Responder {
    /// Somebody may answer.
    AwaitingRequest {
        /// The id of the invitation; for an implicit one our DID.
        pthid: String,
    },
    /// The requester's DID has to be resolved.
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
    /// The requester has to confirm.
    AwaitingComplete {
        /// What came.
        request: Requested,
    },
    /// Both know each other.
    Completed {
        /// The requester's DID.
        did: Did,
    },
    /// We did not want it.
    Refused,
    /// The requester gave up.
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
    /// The parent thread that it names.
    pub pthid: String,
    /// The minor version that we answer in.
    pub minor: u16,
    /// The requester's DID.
    pub did: Did,
    /// For people, not to be trusted.
    pub label: String,
    /// For programs: what this is about.
    pub goal_code: Option<String>,
    /// For people: what this is about.
    pub goal: Option<String>,
}

/// What can happen to the responder.
#[derive(Clone, Copy, Debug)]
pub enum ResponderInput<'a> {
    /// A `request` came.
    Requested {
        /// The message.
        message: &'a Message,
        /// The Ed25519 key that sent its envelope.
        sender_key: &'a [u8; 32],
    },
    /// The requester's DID was resolved.
    Resolved(&'a DidDocument),
    /// The requester's DID cannot be resolved: there is nobody to answer to.
    Unresolvable,
    /// Our owner accepts.
    Accept {
        /// The id of our response.
        id: &'a str,
        /// The response; 1.0 knows the signed document, 1.1 the signed rotation too.
        response: &'a Response,
    },
    /// Our owner refuses.
    Refuse {
        /// The id of our problem report.
        id: &'a str,
        /// For the peer's people; nothing in it may be secret.
        explain: &'a str,
    },
    /// A `complete` came.
    Completed(&'a Message),
    /// A problem report came on this thread.
    Reported(&'a Message),
}

type Stepped = Result<Step<Responder, Effect>, Error>;

impl Responder {
    /// An invitation goes out; for an implicit one `pthid` is our public DID.
    #[must_use]
    pub fn inviting(pthid: &str) -> Self {
        Self::AwaitingRequest { pthid: pthid.to_owned() }
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`], [`Error::OtherThread`], [`Error::Malformed`], [`Error::Untrusted`].
    pub fn step(self, input: ResponderInput<'_>) -> Stepped {
        match (self, input) {
            (
                Self::AwaitingRequest { pthid },
                ResponderInput::Requested { message, sender_key },
            ) => requested(&pthid, message, sender_key),
            (
                Self::AwaitingDocument { request, sender_key },
                ResponderInput::Resolved(document),
            ) => {
                check_subject(document, &request.did, "request")?;
                learned(request, document, &sender_key)
            }
            (Self::AwaitingDocument { .. }, ResponderInput::Unresolvable) => {
                Ok(Step::quiet(Self::Refused))
            }
            (Self::AwaitingDecision { request }, ResponderInput::Accept { id, response }) => {
                let Requested { thid, pthid, minor, .. } = &request;
                let message = response.to_message(id, thid, pthid, *minor);
                let send = Effect::Send { to: To::Peer, message };
                Ok(Step::new(Self::AwaitingComplete { request }, [send]))
            }
            (Self::AwaitingDecision { request }, ResponderInput::Refuse { id, explain }) => {
                let code = Code::RequestNotAccepted;
                let message = report(&request.thid, id, request.minor, code, explain);
                Ok(Step::new(Self::Refused, [Effect::Send { to: To::Peer, message }]))
            }
            (Self::AwaitingComplete { request }, ResponderInput::Completed(message)) => {
                Complete::read(message)?;
                // RFC 0023 §Complete: the `pthid` must be identical to the one of the request.
                let is_ours = message.thread_id() == request.thid
                    && message.pthid.as_deref() == Some(&request.pthid);
                if !is_ours {
                    return Err(Error::OtherThread("complete"));
                }
                Ok(Step::quiet(Self::Completed { did: request.did }))
            }
            (
                Self::AwaitingDocument { .. }
                | Self::AwaitingDecision { .. }
                | Self::AwaitingComplete { .. },
                ResponderInput::Reported(message),
            ) => Ok(Step::quiet(Self::Abandoned { problem: Problem::read(message) })),
            (state, input) => {
                Err(Error::Unexpected { input: input.name(), state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of RFC 0023 §States.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingRequest { .. } => "invitation-sent",
            Self::AwaitingDocument { .. } | Self::AwaitingDecision { .. } => "request-received",
            Self::AwaitingComplete { .. } => "response-sent",
            Self::Completed { .. } => "completed",
            Self::Refused | Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Refused | Self::Abandoned { .. })
    }
}

impl ResponderInput<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Requested { .. } => "request",
            Self::Resolved(_) => "resolved",
            Self::Unresolvable => "unresolvable",
            Self::Accept { .. } => "accept",
            Self::Refuse { .. } => "refuse",
            Self::Completed(_) => "complete",
            Self::Reported(_) => "problem report",
        }
    }
}

fn requested(expected: &str, message: &Message, sender_key: &[u8; 32]) -> Stepped {
    let Request { label, goal_code, goal, did, document } = Request::read(message)?;
    // RFC 0023 §Request Rejected: "missing reference to invitation" is a reason to refuse.
    let pthid = message.pthid.clone().ok_or_else(|| Error::Untrusted {
        message: "request",
        reason: "no reference to an invitation".to_owned(),
    })?;
    if !answers(&pthid, expected) {
        return Err(Error::OtherThread("request"));
    }
    let request = Requested {
        thid: message.thread_id().to_owned(),
        pthid,
        minor: body::answer_minor(message.kind.minor, MINOR),
        did,
        label,
        goal_code,
        goal,
    };
    let sender_key = key_text(sender_key);
    match check_request(&request.did, document.as_ref())? {
        Known::Document(document) => learned(request, &document, &sender_key),
        Known::Elsewhere => {
            let effect = Effect::Resolve { did: request.did.clone() };
            Ok(Step::new(Responder::AwaitingDocument { request, sender_key }, [effect]))
        }
    }
}

fn learned(request: Requested, document: &DidDocument, sender_key: &str) -> Stepped {
    check_sender(document, sender_key, "request")?;
    let learn = Effect::Learn { did: request.did.clone(), document: Box::new(document.clone()) };
    Ok(Step::new(Responder::AwaitingDecision { request }, [learn]))
}

/// RFC 0023 §Correlating requests to invitations: the id of the invitation, or a DID URL of the
/// service in the DID document that is one.
fn answers(pthid: &str, expected: &str) -> bool {
    let is_service_of = |did: &str| {
        let rest = pthid.strip_prefix(did);
        did.starts_with("did:") && rest.is_some_and(|rest| rest.starts_with(['#', '?', ';']))
    };
    pthid == expected || is_service_of(expected)
}
