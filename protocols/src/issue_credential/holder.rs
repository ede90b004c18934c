//! The holder of issue credential 2.0.
//!
//! Source: RFC 0453 §States, §Choreography Diagram. Absent on purpose: the check of the credential;
//! it is an effect and comes back as [`HolderInput::Valid`] or [`HolderInput::Invalid`].

use serde::{Deserialize, Serialize};

use super::Error;
use super::messages::{Credential, Message, Offer, Proposal, Request};
use crate::Step;
use crate::ack::Status;
use crate::attached::answers;
use crate::problem::Problem;

/// Holder: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Holder {
    /// Nothing has happened yet; never stored.
    #[default]
    Start,
    /// RFC 0453 `proposal-sent`.
    AwaitingOffer {
        /// What we hope for.
        proposal: Proposal,
    },
    /// `offer-received`: we may request, propose something else or decline.
    AwaitingOurRequest {
        /// What the issuer offers.
        offer: Offer,
    },
    /// `request-sent`.
    AwaitingCredential {
        /// What the issuer offered, unless we began with our request.
        offer: Option<Offer>,
        /// What we asked for.
        request: Request,
    },
    /// `credential-received`: it is being checked.
    AwaitingCheck {
        /// What came.
        credential: Credential,
    },
    /// `done`: checked, stored, acked.
    Stored,
    /// Ended by us before a credential came.
    Declined {
        /// Why.
        problem: Problem,
    },
    /// Ended by us: the credential did not pass the check.
    Rejected {
        /// Why.
        problem: Problem,
    },
    /// Ended by the issuer.
    Abandoned {
        /// Why.
        problem: Problem,
    },
}

/// What moves a holder.
#[derive(Clone, Debug, PartialEq)]
pub enum HolderInput {
    /// A message of the issuer.
    Received(Message),
    /// We propose, as a beginning or as the answer to an offer.
    Propose(Proposal),
    /// We request, as a beginning or as the answer to an offer.
    Request(Request),
    /// The credential passed; the answer to [`HolderEffect::Check`].
    Valid,
    /// The credential did not pass; the answer to [`HolderEffect::Check`].
    Invalid(Problem),
    /// We end the thread before a credential has come.
    Decline(Problem),
}

/// What a holder asks the agent to do.
#[derive(Clone, Debug, PartialEq)]
pub enum HolderEffect {
    /// Send this message on the thread.
    Send(Message),
    /// Check the credential against what was offered and requested; the answer is
    /// [`HolderInput::Valid`] or [`HolderInput::Invalid`].
    Check {
        /// What the issuer offered, unless we began with our request.
        offer: Option<Offer>,
        /// What we asked for.
        request: Request,
        /// What came.
        credential: Credential,
    },
    /// Keep the credential.
    Store {
        /// A credential that passed the check.
        credential: Credential,
    },
}

impl Holder {
    /// One step of the holder.
    ///
    /// # Errors
    /// [`Error::Unexpected`] for every pair that is not in the diagram, [`Error::Formats`] for a
    /// credential in a format that we did not request, [`Error::Misuse`] for a request in a format
    /// that was not offered.
    pub fn step(self, input: HolderInput) -> Result<Step<Self, HolderEffect>, Error> {
        match input {
            HolderInput::Received(message) => self.receive(message),
            HolderInput::Propose(_)
            | HolderInput::Request(_)
            | HolderInput::Valid
            | HolderInput::Invalid(_)
            | HolderInput::Decline(_) => self.act(input),
        }
    }

    fn receive(self, message: Message) -> Result<Step<Self, HolderEffect>, Error> {
        Ok(match (self, message) {
            // RFC 0453 §Offer Credential: an offer may also negotiate a request that came first.
            (
                Self::Start
                | Self::AwaitingOffer { .. }
                | Self::AwaitingCredential { offer: None, .. },
                Message::Offer(offer),
            ) => Step::quiet(Self::AwaitingOurRequest { offer }),
            (Self::AwaitingCredential { offer, request }, Message::Issue(credential)) => {
                if !answers(&credential.attached, &request.attached) {
                    return Err(Error::Formats("issue-credential"));
                }
                let check = HolderEffect::Check { offer, request, credential: credential.clone() };
                Step::new(Self::AwaitingCheck { credential }, [check])
            }
            (state, Message::Problem(problem)) if state.is_open() => {
                Step::quiet(Self::Abandoned { problem })
            }
            (state, message) => return Err(state.unexpected(message.name())),
        })
    }

    fn act(self, input: HolderInput) -> Result<Step<Self, HolderEffect>, Error> {
        Ok(match (self, input) {
            (Self::Start | Self::AwaitingOurRequest { .. }, HolderInput::Propose(proposal)) => {
                if proposal.attached.is_empty() {
                    return Err(Error::Misuse("a proposal without attachment"));
                }
                let send = HolderEffect::Send(Message::Propose(proposal.clone()));
                Step::new(Self::AwaitingOffer { proposal }, [send])
            }
            (Self::Start, HolderInput::Request(request)) => Self::requested(None, request)?,
            (Self::AwaitingOurRequest { offer }, HolderInput::Request(request)) => {
                if !answers(&request.attached, &offer.attached) {
                    return Err(Error::Misuse("a request in a format that nobody offered"));
                }
                Self::requested(Some(offer), request)?
            }
            // RFC 0453 §Choreography Diagram: store, then ack, whether or not we were asked to.
            (Self::AwaitingCheck { credential }, HolderInput::Valid) => {
                let ack = HolderEffect::Send(Message::Ack(Status::Ok));
                Step::new(Self::Stored, [HolderEffect::Store { credential }, ack])
            }
            (Self::AwaitingCheck { .. }, HolderInput::Invalid(problem)) => {
                let send = HolderEffect::Send(Message::Problem(problem.clone()));
                Step::new(Self::Rejected { problem }, [send])
            }
            (
                Self::AwaitingOffer { .. }
                | Self::AwaitingOurRequest { .. }
                | Self::AwaitingCredential { .. },
                HolderInput::Decline(problem),
            ) => {
                let send = HolderEffect::Send(Message::Problem(problem.clone()));
                Step::new(Self::Declined { problem }, [send])
            }
            (state, input) => return Err(state.unexpected(input.name())),
        })
    }

    fn requested(
        offer: Option<Offer>,
        request: Request,
    ) -> Result<Step<Self, HolderEffect>, Error> {
        if request.attached.is_empty() {
            return Err(Error::Misuse("a request without attachment"));
        }
        let send = HolderEffect::Send(Message::Request(request.clone()));
        Ok(Step::new(Self::AwaitingCredential { offer, request }, [send]))
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
            Self::AwaitingOffer { .. } => "proposal-sent",
            Self::AwaitingOurRequest { .. } => "offer-received",
            Self::AwaitingCredential { .. } => "request-sent",
            Self::AwaitingCheck { .. } => "credential-received",
            Self::Stored => "done",
            Self::Declined { .. } | Self::Rejected { .. } | Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Stored
            | Self::Declined { .. }
            | Self::Rejected { .. }
            | Self::Abandoned { .. } => true,
            Self::Start
            | Self::AwaitingOffer { .. }
            | Self::AwaitingOurRequest { .. }
            | Self::AwaitingCredential { .. }
            | Self::AwaitingCheck { .. } => false,
        }
    }
}

impl HolderInput {
    /// The name of the input, as errors show it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received(message) => message.name(),
            Self::Propose(_) => "our proposal",
            Self::Request(_) => "our request",
            Self::Valid => "a passed check",
            Self::Invalid(_) => "a failed check",
            Self::Decline(_) => "our problem report",
        }
    }
}
