//! The requester: answers an invitation.

use picomesh_did_resolver::{Did, DidDocument};
use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{
    Code, Complete, Effect, Error, Origin, Request, Response, To,
    attach::{check_response, check_sender, check_subject},
    report::report,
};
use crate::{
    Step, body,
    peer::{Known, key_text},
    problem::Problem,
};

/// Requester of a DID exchange: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Requester {
    /// Our owner has to accept the invitation.
    AwaitingDecision {
        /// What it answers.
        origin: Origin,
    },
    /// The responder has to answer.
    AwaitingResponse {
        /// What it answers.
        origin: Origin,
        /// The thread, which is the id of our request.
        thid: String,
    },
    /// The responder's DID has to be resolved.
    AwaitingDocument {
        /// What it answers.
        origin: Origin,
        /// The thread.
        thid: String,
        /// The minor version of the response.
        minor: u16,
        /// The responder's DID.
        did: Did,
        /// The key that sent the response, as did:key.
        sender_key: String,
    },
    /// Both know each other.
    Completed {
        /// The responder's DID.
        did: Did,
    },
    /// Our owner did not want the invitation.
    Declined,
    /// One side gave up.
    Abandoned {
        /// Why.
        problem: Problem,
    },
}

/// What can happen to the requester.
#[derive(Clone, Copy, Debug)]
pub enum RequesterInput<'a> {
    /// Our owner accepts the invitation.
    Accept {
        /// The id of our request.
        id: &'a str,
        /// The request; 1.0 wants a signed document for a DID that nobody can resolve.
        request: &'a Request,
    },
    /// Our owner declines the invitation.
    Decline,
    /// A `response` came.
    Responded {
        /// The message.
        message: &'a Message,
        /// The Ed25519 key that sent its envelope.
        sender_key: &'a [u8; 32],
        /// The id for our `complete`.
        id: &'a str,
    },
    /// The responder's DID was resolved.
    Resolved {
        /// The document.
        document: &'a DidDocument,
        /// The id for our `complete`.
        id: &'a str,
    },
    /// The responder's DID cannot be resolved.
    Unresolvable {
        /// The id for our problem report.
        id: &'a str,
    },
    /// A problem report came on this thread.
    Reported(&'a Message),
}

type Stepped = Result<Step<Requester, Effect>, Error>;

impl Requester {
    /// An invitation came, explicit or implicit.
    #[must_use]
    pub fn invited(origin: Origin) -> Self {
        Self::AwaitingDecision { origin }
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`], [`Error::OtherThread`], [`Error::Malformed`], [`Error::Untrusted`].
    pub fn step(self, input: RequesterInput<'_>) -> Stepped {
        match (self, input) {
            (Self::AwaitingDecision { origin }, RequesterInput::Accept { id, request }) => {
                let message = request.to_message(id, &origin.pthid, origin.minor);
                let send = Effect::Send { to: To::Invitation, message };
                Ok(Step::new(Self::AwaitingResponse { origin, thid: id.to_owned() }, [send]))
            }
            (Self::AwaitingDecision { .. }, RequesterInput::Decline) => {
                Ok(Step::quiet(Self::Declined))
            }
            (
                Self::AwaitingResponse { origin, thid },
                RequesterInput::Responded { message, sender_key, id },
            ) => responded(origin, thid, message, sender_key, id),
            (state @ Self::AwaitingDocument { .. }, RequesterInput::Resolved { document, id }) => {
                state.resolved(document, id)
            }
            (Self::AwaitingDocument { thid, minor, .. }, RequesterInput::Unresolvable { id }) => {
                let code = Code::ResponseNotAccepted;
                let message = report(&thid, id, minor, code, UNRESOLVABLE);
                let problem = Problem::new(code.as_str(), UNRESOLVABLE);
                let send = Effect::Send { to: To::Invitation, message };
                Ok(Step::new(Self::Abandoned { problem }, [send]))
            }
            // RFC 0023 says that a report does not abandon; ACA-Py and Credo abandon, and a request
            // made again is a new thread. We do as they do.
            (
                Self::AwaitingResponse { .. } | Self::AwaitingDocument { .. },
                RequesterInput::Reported(message),
            ) => Ok(Step::quiet(Self::Abandoned { problem: Problem::read(message) })),
            (state, input) => {
                Err(Error::Unexpected { input: input.name(), state: state.rfc_state() })
            }
        }
    }

    fn resolved(self, document: &DidDocument, id: &str) -> Stepped {
        let Self::AwaitingDocument { origin, thid, minor, did, sender_key } = self else {
            return Err(Error::Unexpected { input: "resolved", state: self.rfc_state() });
        };
        check_subject(document, &did, "response")?;
        complete(
            &Heard { origin: &origin, thid: &thid, minor, did: &did },
            document,
            &sender_key,
            id,
        )
    }

    /// The state in the words of RFC 0023 §States.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingDecision { .. } => "invitation-received",
            Self::AwaitingResponse { .. } => "request-sent",
            Self::AwaitingDocument { .. } => "response-received",
            Self::Completed { .. } => "completed",
            Self::Declined | Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Declined | Self::Abandoned { .. })
    }
}

const UNRESOLVABLE: &str = "The DID cannot be resolved.";

impl RequesterInput<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::Decline => "decline",
            Self::Responded { .. } => "response",
            Self::Resolved { .. } => "resolved",
            Self::Unresolvable { .. } => "unresolvable",
            Self::Reported(_) => "problem report",
        }
    }
}

fn responded(
    origin: Origin,
    thid: String,
    message: &Message,
    sender_key: &[u8; 32],
    id: &str,
) -> Stepped {
    let response = Response::read(message)?;
    let is_ours = message.thread_id() == thid
        && message.pthid.as_ref().is_none_or(|pthid| *pthid == origin.pthid);
    if !is_ours {
        return Err(Error::OtherThread("response"));
    }
    let minor = body::answer_minor(message.kind.minor, origin.minor);
    let sender_key = key_text(sender_key);
    let known = check_response(&response, &origin)?;
    let did = response.did;
    match known {
        Known::Document(document) => {
            let heard = Heard { origin: &origin, thid: &thid, minor, did: &did };
            complete(&heard, &document, &sender_key, id)
        }
        Known::Elsewhere => {
            let effect = Effect::Resolve { did: did.clone() };
            let state = Requester::AwaitingDocument { origin, thid, minor, did, sender_key };
            Ok(Step::new(state, [effect]))
        }
    }
}

/// What the response told.
struct Heard<'a> {
    origin: &'a Origin,
    thid: &'a str,
    minor: u16,
    did: &'a Did,
}

fn complete(heard: &Heard<'_>, document: &DidDocument, sender_key: &str, id: &str) -> Stepped {
    // The invitation key may still send: it has just vouched for the DID.
    if !heard.origin.keys.iter().any(|key| key == sender_key) {
        check_sender(document, sender_key, "response")?;
    }
    // RFC 0023 §Complete: the `pthid` is required and the one of the request.
    let message = Complete.to_message(id, heard.thid, &heard.origin.pthid, heard.minor);
    let did = heard.did.clone();
    let learn = Effect::Learn { did: did.clone(), document: Box::new(document.clone()) };
    let send = Effect::Send { to: To::Peer, message };
    Ok(Step::new(Requester::Completed { did }, [learn, send]))
}
