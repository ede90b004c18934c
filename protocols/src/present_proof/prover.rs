//! The prover of present proof 2.0.
//!
//! Source: RFC 0454 §States. Absent on purpose: the making of the presentation; it is an effect
//! and comes back as [`ProverInput::Presented`] or [`ProverInput::Unable`].

use serde::{Deserialize, Serialize};

use super::Error;
use super::messages::{Message, Presentation, Proposal, Request};
use crate::Step;
use crate::ack::Status;
use crate::attached::answers;
use crate::problem::Problem;

/// Prover: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Prover {
    /// Nothing has happened yet; never stored.
    #[default]
    Start,
    /// RFC 0454 `proposal-sent`.
    AwaitingRequest {
        /// What we would rather show.
        proposal: Proposal,
    },
    /// `request-received`: we may present, propose something else or decline.
    AwaitingConsent {
        /// What the verifier wants to see.
        request: Request,
    },
    /// `request-received`, and agreed to: the presentation is being made.
    AwaitingProof {
        /// What the verifier wants to see.
        request: Request,
    },
    /// `presentation-sent`: the verifier promised an ack, or we asked for one.
    AwaitingAck,
    /// `done` without an ack: we know that we presented, not what came of it.
    Presented,
    /// `done`: the verifier accepted the presentation.
    Accepted,
    /// The verifier did not accept the presentation.
    Rejected {
        /// Why.
        problem: Problem,
    },
    /// Ended by us.
    Declined {
        /// Why.
        problem: Problem,
    },
    /// Ended by the verifier before we presented.
    Abandoned {
        /// Why.
        problem: Problem,
    },
}

/// What moves a prover.
#[derive(Clone, Debug, PartialEq)]
pub enum ProverInput {
    /// A message of the verifier.
    Received(Message),
    /// We propose, as a beginning or as the answer to a request.
    Propose(Proposal),
    /// We agree to present.
    Consent {
        /// The credentials to show, as the agent names them; empty lets it choose.
        credentials: Vec<String>,
    },
    /// The presentation is made; the answer to [`ProverEffect::Present`].
    Presented(Presentation),
    /// No presentation can be made now; we are asked again. The answer to
    /// [`ProverEffect::Present`].
    Unable,
    /// We end the thread before we have presented.
    Decline(Problem),
}

/// What a prover asks the agent to do.
#[derive(Clone, Debug, PartialEq)]
pub enum ProverEffect {
    /// Send this message on the thread.
    Send(Message),
    /// Make a presentation that answers the request; the answer is [`ProverInput::Presented`] or
    /// [`ProverInput::Unable`].
    Present {
        /// What the verifier wants to see.
        request: Request,
        /// As in [`ProverInput::Consent`].
        credentials: Vec<String>,
    },
}

impl Prover {
    /// One step of the prover.
    ///
    /// # Errors
    /// [`Error::Unexpected`] for every pair that is not in the diagram, [`Error::Misuse`] for a
    /// presentation in a format that was not requested.
    pub fn step(self, input: ProverInput) -> Result<Step<Self, ProverEffect>, Error> {
        match input {
            ProverInput::Received(message) => self.receive(message),
            ProverInput::Propose(_)
            | ProverInput::Consent { .. }
            | ProverInput::Presented(_)
            | ProverInput::Unable
            | ProverInput::Decline(_) => self.act(input),
        }
    }

    fn receive(self, message: Message) -> Result<Step<Self, ProverEffect>, Error> {
        Ok(match (self, message) {
            // Not in `request-received`: nobody may change what we are about to agree to.
            (Self::Start | Self::AwaitingRequest { .. }, Message::Request(request)) => {
                Step::quiet(Self::AwaitingConsent { request })
            }
            (Self::AwaitingAck, Message::Ack(Status::Ok)) => Step::quiet(Self::Accepted),
            // RFC 0015 §ack status: not the outcome yet.
            (Self::AwaitingAck, Message::Ack(Status::Pending)) => Step::quiet(Self::AwaitingAck),
            (Self::AwaitingAck, Message::Ack(Status::Fail)) => {
                let problem = Problem::new(super::ABANDONED, "the ack said: not verified");
                Step::quiet(Self::Rejected { problem })
            }
            // RFC 0454 §Problem Report: after a presentation it says that it was not accepted.
            (Self::AwaitingAck, Message::Problem(problem)) => {
                Step::quiet(Self::Rejected { problem })
            }
            (
                Self::AwaitingRequest { .. }
                | Self::AwaitingConsent { .. }
                | Self::AwaitingProof { .. },
                Message::Problem(problem),
            ) => Step::quiet(Self::Abandoned { problem }),
            (state, message) => return Err(state.unexpected(message.name())),
        })
    }

    fn act(self, input: ProverInput) -> Result<Step<Self, ProverEffect>, Error> {
        Ok(match (self, input) {
            (Self::Start | Self::AwaitingConsent { .. }, ProverInput::Propose(proposal)) => {
                if proposal.attached.is_empty() {
                    return Err(Error::Misuse("a proposal without format"));
                }
                let send = ProverEffect::Send(Message::Propose(proposal.clone()));
                Step::new(Self::AwaitingRequest { proposal }, [send])
            }
            (Self::AwaitingConsent { request }, ProverInput::Consent { credentials }) => {
                let present = ProverEffect::Present { request: request.clone(), credentials };
                Step::new(Self::AwaitingProof { request }, [present])
            }
            (Self::AwaitingProof { request }, ProverInput::Presented(presentation)) => {
                if !answers(&presentation.attached, &request.attached) {
                    return Err(Error::Misuse("a presentation that nobody requested"));
                }
                // RFC 0454 §States: without an ack to come, presenting is the end.
                let next = if request.will_confirm || presentation.please_ack {
                    Self::AwaitingAck
                } else {
                    Self::Presented
                };
                Step::new(next, [ProverEffect::Send(Message::Presentation(presentation))])
            }
            (Self::AwaitingProof { request }, ProverInput::Unable) => {
                Step::quiet(Self::AwaitingConsent { request })
            }
            (
                Self::AwaitingRequest { .. }
                | Self::AwaitingConsent { .. }
                | Self::AwaitingProof { .. },
                ProverInput::Decline(problem),
            ) => {
                let send = ProverEffect::Send(Message::Problem(problem.clone()));
                Step::new(Self::Declined { problem }, [send])
            }
            (state, input) => return Err(state.unexpected(input.name())),
        })
    }

    fn unexpected(&self, input: &'static str) -> Error {
        Error::Unexpected { input, state: self.rfc_state() }
    }

    /// The state in the words of RFC 0454.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::AwaitingRequest { .. } => "proposal-sent",
            Self::AwaitingConsent { .. } | Self::AwaitingProof { .. } => "request-received",
            Self::AwaitingAck => "presentation-sent",
            Self::Presented | Self::Accepted => "done",
            Self::Rejected { .. } | Self::Declined { .. } | Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Presented
            | Self::Accepted
            | Self::Rejected { .. }
            | Self::Declined { .. }
            | Self::Abandoned { .. } => true,
            Self::Start
            | Self::AwaitingRequest { .. }
            | Self::AwaitingConsent { .. }
            | Self::AwaitingProof { .. }
            | Self::AwaitingAck => false,
        }
    }
}

impl ProverInput {
    /// The name of the input, as errors show it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received(message) => message.name(),
            Self::Propose(_) => "our proposal",
            Self::Consent { .. } => "our consent",
            Self::Presented(_) => "our presentation",
            Self::Unable => "no presentation",
            Self::Decline(_) => "our problem report",
        }
    }
}
