//! The issuer of issue credential 2.0.
//!
//! Source: RFC 0453 §States, §Choreography Diagram. Absent on purpose: the signature; it is an
//! effect and comes back as [`IssuerInput::Signed`].

use serde::{Deserialize, Serialize};

use super::Error;
use super::messages::{Credential, Message, Offer, Proposal, Request};
use crate::Step;
use crate::ack::Status;
use crate::attached::{Attached, answers};
use crate::problem::Problem;

/// Issuer: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Issuer {
    /// Nothing has happened yet; never stored.
    #[default]
    Start,
    /// RFC 0453 `proposal-received`: we may offer or decline.
    AwaitingOurOffer {
        /// What the holder hopes for.
        proposal: Proposal,
    },
    /// `offer-sent`.
    AwaitingRequest {
        /// What we offered.
        offer: Offer,
    },
    /// `request-received`: we may issue or decline.
    AwaitingApproval {
        /// What we offered, unless the holder began with its request.
        offer: Option<Offer>,
        /// What the holder asks for.
        request: Request,
    },
    /// `request-received`, and approved.
    AwaitingSignature {
        /// The [`Offer::replacement_id`] that goes into the credential.
        replacement_id: Option<String>,
        /// What the holder asks for.
        request: Request,
    },
    /// `credential-issued`.
    AwaitingAck,
    /// `done`.
    Acked,
    /// Ended by us.
    Declined {
        /// Why.
        problem: Problem,
    },
    /// Ended by the holder.
    Abandoned {
        /// Why.
        problem: Problem,
    },
}

/// What moves an issuer.
#[derive(Clone, Debug, PartialEq)]
pub enum IssuerInput {
    /// A message of the holder.
    Received(Message),
    /// We make an offer.
    Offer(Offer),
    /// We agree to issue what is requested.
    Approve,
    /// The credential, signed, once per format; the answer to [`IssuerEffect::Sign`].
    Signed(Vec<Attached>),
    /// We end the thread.
    Decline(Problem),
}

/// What an issuer asks the agent to do.
#[derive(Clone, Debug, PartialEq)]
pub enum IssuerEffect {
    /// Send this message on the thread.
    Send(Message),
    /// Make and sign the credential; the answer is [`IssuerInput::Signed`] or a decline.
    Sign {
        /// What we offered, unless the holder began with its request.
        offer: Option<Offer>,
        /// What the holder asks for.
        request: Request,
    },
}

impl Issuer {
    /// One step of the issuer.
    ///
    /// # Errors
    /// [`Error::Unexpected`] for every pair that is not in the diagram, [`Error::Formats`] for a
    /// request in a format that was not offered, [`Error::Misuse`] for a credential in a format
    /// that was not requested.
    pub fn step(self, input: IssuerInput) -> Result<Step<Self, IssuerEffect>, Error> {
        match input {
            IssuerInput::Received(message) => self.receive(message),
            IssuerInput::Offer(_)
            | IssuerInput::Approve
            | IssuerInput::Signed(_)
            | IssuerInput::Decline(_) => self.act(input),
        }
    }

    fn receive(self, message: Message) -> Result<Step<Self, IssuerEffect>, Error> {
        Ok(match (self, message) {
            // RFC 0453 §Negotiation and Preview: a proposal opens the thread or answers an offer.
            (Self::Start | Self::AwaitingRequest { .. }, Message::Propose(proposal)) => {
                Step::quiet(Self::AwaitingOurOffer { proposal })
            }
            // RFC 0453 §Request Credential: it may begin the thread.
            (Self::Start, Message::Request(request)) => {
                Step::quiet(Self::AwaitingApproval { offer: None, request })
            }
            (Self::AwaitingRequest { offer }, Message::Request(request)) => {
                if !answers(&request.attached, &offer.attached) {
                    return Err(Error::Formats("request-credential"));
                }
                Step::quiet(Self::AwaitingApproval { offer: Some(offer), request })
            }
            (Self::AwaitingAck, Message::Ack(Status::Ok)) => Step::quiet(Self::Acked),
            // RFC 0015 §ack status: not the outcome yet.
            (Self::AwaitingAck, Message::Ack(Status::Pending)) => Step::quiet(Self::AwaitingAck),
            // Not in today's RFC 0015, but early agents said so that they refused.
            (Self::AwaitingAck, Message::Ack(Status::Fail)) => {
                let problem = Problem::new(super::ISSUANCE_ABANDONED, "the ack said FAIL");
                Step::quiet(Self::Abandoned { problem })
            }
            (state, Message::Problem(problem)) if state.is_open() => {
                Step::quiet(Self::Abandoned { problem })
            }
            (state, message) => return Err(state.unexpected(message.name())),
        })
    }

    fn act(self, input: IssuerInput) -> Result<Step<Self, IssuerEffect>, Error> {
        Ok(match (self, input) {
            (Self::Start | Self::AwaitingOurOffer { .. }, IssuerInput::Offer(offer)) => {
                Self::offered(offer)?
            }
            // RFC 0453 §Offer Credential: an offer may negotiate a request that came first.
            (Self::AwaitingApproval { offer: None, .. }, IssuerInput::Offer(offer)) => {
                Self::offered(offer)?
            }
            (Self::AwaitingApproval { offer, request }, IssuerInput::Approve) => {
                let replacement_id = offer.as_ref().and_then(|one| one.replacement_id.clone());
                let sign = IssuerEffect::Sign { offer, request: request.clone() };
                Step::new(Self::AwaitingSignature { replacement_id, request }, [sign])
            }
            (
                Self::AwaitingSignature { replacement_id, request },
                IssuerInput::Signed(attached),
            ) => {
                if !answers(&attached, &request.attached) {
                    return Err(Error::Misuse("a credential in a format that nobody requested"));
                }
                let credential = Credential {
                    replacement_id,
                    please_ack: true,
                    attached,
                    ..Credential::default()
                };
                let send = IssuerEffect::Send(Message::Issue(credential));
                Step::new(Self::AwaitingAck, [send])
            }
            (
                Self::AwaitingOurOffer { .. }
                | Self::AwaitingRequest { .. }
                | Self::AwaitingApproval { .. }
                | Self::AwaitingSignature { .. },
                IssuerInput::Decline(problem),
            ) => {
                let send = IssuerEffect::Send(Message::Problem(problem.clone()));
                Step::new(Self::Declined { problem }, [send])
            }
            (state, input) => return Err(state.unexpected(input.name())),
        })
    }

    fn offered(offer: Offer) -> Result<Step<Self, IssuerEffect>, Error> {
        if offer.attached.is_empty() {
            return Err(Error::Misuse("an offer without attachment"));
        }
        let send = IssuerEffect::Send(Message::Offer(offer.clone()));
        Ok(Step::new(Self::AwaitingRequest { offer }, [send]))
    }

    fn unexpected(&self, input: &'static str) -> Error {
        Error::Unexpected { input, state: self.rfc_state() }
    }

    fn is_open(&self) -> bool {
        !matches!(self, Self::Start) && !self.is_terminal()
    }

    /// The state in the words of RFC 0453; `abandoned` where it says `null`.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::AwaitingOurOffer { .. } => "proposal-received",
            Self::AwaitingRequest { .. } => "offer-sent",
            Self::AwaitingApproval { .. } | Self::AwaitingSignature { .. } => "request-received",
            Self::AwaitingAck => "credential-issued",
            Self::Acked => "done",
            Self::Declined { .. } | Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Acked | Self::Declined { .. } | Self::Abandoned { .. })
    }
}

impl IssuerInput {
    /// The name of the input, as errors show it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received(message) => message.name(),
            Self::Offer(_) => "our offer",
            Self::Approve => "our approval",
            Self::Signed(_) => "our signature",
            Self::Decline(_) => "our problem report",
        }
    }
}
