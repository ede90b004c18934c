//! The invitee: answers an invitation.

use picomesh_did_resolver::{Did, DidDocument};
use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{Code, Connection, Effect, Error, Request, To, messages::Response, problem_report};
use crate::{
    Step,
    ack::Ack,
    peer::{self, Known, key_text},
    problem::Problem,
};

/// Invitee of a connection: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Invitee {
    /// Our owner has to accept the invitation.
    AwaitingDecision {
        /// The id of an Out-of-Band invitation.
        pthid: Option<String>,
        /// The keys of the invitation as did:key: the response has to be signed by one of them.
        keys: Vec<String>,
    },
    /// The inviter has to answer.
    AwaitingResponse {
        /// The thread, which is the id of our request.
        thid: String,
        /// The keys of the invitation.
        keys: Vec<String>,
    },
    /// The inviter's DID has to be resolved.
    AwaitingDocument {
        /// The thread.
        thid: String,
        /// The inviter's DID.
        did: Did,
        /// The key that sent the response, as did:key, unless it is one of the invitation.
        sender_key: Option<String>,
    },
    /// Both know each other.
    Connected {
        /// The inviter's DID.
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

/// What can happen to the invitee.
#[derive(Clone, Copy, Debug)]
pub enum InviteeInput<'a> {
    /// Our owner accepts the invitation.
    Accept {
        /// The id of our request.
        id: &'a str,
        /// The request.
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
        /// The id for our ack.
        id: &'a str,
    },
    /// The inviter's DID was resolved.
    Resolved {
        /// The document.
        document: &'a DidDocument,
        /// The id for our ack.
        id: &'a str,
    },
    /// The inviter's DID cannot be resolved.
    Unresolvable {
        /// The id for our problem report.
        id: &'a str,
    },
    /// A problem report came on this thread.
    Reported(&'a Message),
}

type Stepped = Result<Step<Invitee, Effect>, Error>;

impl Invitee {
    /// An invitation came; `pthid` is its id if it is of Out-of-Band.
    #[must_use]
    pub fn invited(pthid: Option<&str>, keys: &[[u8; 32]]) -> Self {
        let keys = keys.iter().map(key_text).collect();
        Self::AwaitingDecision { pthid: pthid.map(str::to_owned), keys }
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`], [`Error::OtherThread`], [`Error::Malformed`], [`Error::Untrusted`].
    pub fn step(self, input: InviteeInput<'_>) -> Stepped {
        match (self, input) {
            (Self::AwaitingDecision { pthid, keys }, InviteeInput::Accept { id, request }) => {
                let message = request.to_message(id, pthid.as_deref());
                let send = Effect::Send { to: To::Invitation, message };
                Ok(Step::new(Self::AwaitingResponse { thid: id.to_owned(), keys }, [send]))
            }
            (Self::AwaitingDecision { .. }, InviteeInput::Decline) => {
                Ok(Step::quiet(Self::Declined))
            }
            (
                Self::AwaitingResponse { thid, keys },
                InviteeInput::Responded { message, sender_key, id },
            ) => responded(thid, &keys, message, sender_key, id),
            (
                Self::AwaitingDocument { thid, did, sender_key },
                InviteeInput::Resolved { document, id },
            ) => {
                if document.id != did {
                    return Err(untrusted("the resolved document is about another DID"));
                }
                connected(&thid, did, document, sender_key.as_deref(), id)
            }
            (Self::AwaitingDocument { thid, .. }, InviteeInput::Unresolvable { id }) => {
                let code = Code::ResponseNotAccepted;
                let message = problem_report(&thid, id, code, UNRESOLVABLE);
                let problem = Problem::new(code.as_str(), UNRESOLVABLE);
                let send = Effect::Send { to: To::Invitation, message };
                Ok(Step::new(Self::Abandoned { problem }, [send]))
            }
            // RFC 0160 lets a refused request be sent again; that is a new request of ours.
            (
                Self::AwaitingResponse { .. } | Self::AwaitingDocument { .. },
                InviteeInput::Reported(message),
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
            Self::AwaitingDecision { .. } => "invited",
            Self::AwaitingResponse { .. } => "requested",
            Self::AwaitingDocument { .. } => "responded",
            Self::Connected { .. } => "complete",
            // RFC 0160 has no word for the end without connection: it is as if nothing had been.
            Self::Declined | Self::Abandoned { .. } => "null",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Connected { .. } | Self::Declined | Self::Abandoned { .. })
    }
}

const UNRESOLVABLE: &str = "The DID cannot be resolved.";

impl InviteeInput<'_> {
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

fn untrusted(reason: impl Into<String>) -> Error {
    Error::Untrusted { message: "response", reason: reason.into() }
}

fn responded(
    thid: String,
    keys: &[String],
    message: &Message,
    sender_key: &[u8; 32],
    id: &str,
) -> Stepped {
    let response = Response::read(message)?;
    if message.thread_id() != thid {
        return Err(Error::OtherThread("response"));
    }
    let (value, signer) = response.signature.open().map_err(untrusted)?;
    // RFC 0160 §Response: verified against the invitation's recipientKeys for continuity.
    if !keys.contains(&key_text(&signer)) {
        return Err(untrusted("not signed by a key of the invitation"));
    }
    let connection: Connection = serde_json::from_value(value)
        .map_err(|error| Error::Malformed { message: "response", reason: error.to_string() })?;
    let attached = connection.document.map(|document| document.to_string());
    let did = connection.did;
    // The invitation key may still send: it has just vouched for the DID.
    let sender_key = Some(key_text(sender_key)).filter(|key| !keys.contains(key));
    match peer::document(&did, attached.as_deref().map(str::as_bytes)).map_err(untrusted)? {
        Known::Document(document) => connected(&thid, did, &document, sender_key.as_deref(), id),
        Known::Elsewhere => {
            let effect = Effect::Resolve { did: did.clone() };
            Ok(Step::new(Invitee::AwaitingDocument { thid, did, sender_key }, [effect]))
        }
    }
}

fn connected(
    thid: &str,
    did: Did,
    document: &DidDocument,
    sender_key: Option<&str>,
    id: &str,
) -> Stepped {
    if sender_key.is_some_and(|key| !peer::has_key(document, key)) {
        return Err(untrusted("the envelope was sent by a key that the DID does not have"));
    }
    let ack = Ack::ok().on_thread(id, thid);
    let learn = Effect::Learn { did: did.clone(), document: Box::new(document.clone()) };
    let send = Effect::Send { to: To::Peer, message: ack };
    Ok(Step::new(Invitee::Connected { did }, [learn, send]))
}
