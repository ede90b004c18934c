//! The verifier of present proof 2.0.
//!
//! Source: RFC 0454 §States. Absent on purpose: the check; it is an effect and comes back as
//! [`VerifierInput::Valid`] or [`VerifierInput::Invalid`].

use serde::{Deserialize, Serialize};

use super::Error;
use super::messages::{Message, Presentation, Proposal, Request};
use crate::Step;
use crate::ack::Status;
use crate::attached::answers;
use crate::problem::Problem;

/// Verifier: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Verifier {
    /// Nothing has happened yet; never stored.
    #[default]
    Start,
    /// RFC 0454 `proposal-received`: we may request or decline.
    AwaitingOurRequest {
        /// What the prover would rather show.
        proposal: Proposal,
    },
    /// `request-sent`.
    AwaitingPresentation {
        /// What we asked for.
        request: Request,
    },
    /// `presentation-received`: it is being checked.
    AwaitingCheck {
        /// What we asked for.
        request: Request,
        /// Whether a good outcome is acked.
        wants_ack: bool,
    },
    /// `done`: the presentation passed every check.
    Verified,
    /// Ended by us: the presentation did not pass.
    Rejected {
        /// Why.
        problem: Problem,
    },
    /// Ended by us before a presentation came.
    Declined {
        /// Why.
        problem: Problem,
    },
    /// Ended by the prover.
    Abandoned {
        /// Why.
        problem: Problem,
    },
}

/// What moves a verifier.
#[derive(Clone, Debug, PartialEq)]
pub enum VerifierInput {
    /// A message of the prover.
    Received(Message),
    /// We request, as a beginning, as the answer to a proposal or instead of our last request.
    Request(Request),
    /// The presentation passed; the answer to [`VerifierEffect::Check`].
    Valid,
    /// The presentation did not pass; the answer to [`VerifierEffect::Check`].
    Invalid(Problem),
    /// We end the thread before a presentation has come.
    Decline(Problem),
}

/// What a verifier asks the agent to do.
#[derive(Clone, Debug, PartialEq)]
pub enum VerifierEffect {
    /// Send this message on the thread.
    Send(Message),
    /// Check the presentation against the request; the answer is [`VerifierInput::Valid`] or
    /// [`VerifierInput::Invalid`].
    Check {
        /// What we asked for.
        request: Request,
        /// What came.
        presentation: Presentation,
    },
}

impl Verifier {
    /// One step of the verifier.
    ///
    /// # Errors
    /// [`Error::Unexpected`] for every pair that is not in the diagram, [`Error::Formats`] for a
    /// presentation in a format that we did not request.
    pub fn step(self, input: VerifierInput) -> Result<Step<Self, VerifierEffect>, Error> {
        match input {
            VerifierInput::Received(message) => self.receive(message),
            VerifierInput::Request(_)
            | VerifierInput::Valid
            | VerifierInput::Invalid(_)
            | VerifierInput::Decline(_) => self.act(input),
        }
    }

    fn receive(self, message: Message) -> Result<Step<Self, VerifierEffect>, Error> {
        Ok(match (self, message) {
            (Self::Start | Self::AwaitingPresentation { .. }, Message::Propose(proposal)) => {
                Step::quiet(Self::AwaitingOurRequest { proposal })
            }
            (Self::AwaitingPresentation { request }, Message::Presentation(presentation)) => {
                if !answers(&presentation.attached, &request.attached) {
                    return Err(Error::Formats("presentation"));
                }
                // RFC 0454 §States: `will_confirm` decides whether an ack follows; the prover may
                // ask for one (§Presentation).
                let wants_ack = request.will_confirm || presentation.please_ack;
                let check = VerifierEffect::Check { request: request.clone(), presentation };
                Step::new(Self::AwaitingCheck { request, wants_ack }, [check])
            }
            (state, Message::Problem(problem)) if state.is_open() => {
                Step::quiet(Self::Abandoned { problem })
            }
            (state, message) => return Err(state.unexpected(message.name())),
        })
    }

    fn act(self, input: VerifierInput) -> Result<Step<Self, VerifierEffect>, Error> {
        Ok(match (self, input) {
            (
                Self::Start | Self::AwaitingOurRequest { .. } | Self::AwaitingPresentation { .. },
                VerifierInput::Request(request),
            ) => {
                if request.attached.is_empty() {
                    return Err(Error::Misuse("a request without attachment"));
                }
                let send = VerifierEffect::Send(Message::Request(request.clone()));
                Step::new(Self::AwaitingPresentation { request }, [send])
            }
            (Self::AwaitingCheck { wants_ack, .. }, VerifierInput::Valid) => {
                let ack = VerifierEffect::Send(Message::Ack(Status::Ok));
                Step::new(Self::Verified, wants_ack.then_some(ack))
            }
            // RFC 0454 §Problem Report: the prover is told, both sides are done.
            (Self::AwaitingCheck { .. }, VerifierInput::Invalid(problem)) => {
                let send = VerifierEffect::Send(Message::Problem(problem.clone()));
                Step::new(Self::Rejected { problem }, [send])
            }
            (
                Self::AwaitingOurRequest { .. } | Self::AwaitingPresentation { .. },
                VerifierInput::Decline(problem),
            ) => {
                let send = VerifierEffect::Send(Message::Problem(problem.clone()));
                Step::new(Self::Declined { problem }, [send])
            }
            (state, input) => return Err(state.unexpected(input.name())),
        })
    }

    fn unexpected(&self, input: &'static str) -> Error {
        Error::Unexpected { input, state: self.rfc_state() }
    }

    fn is_open(&self) -> bool {
        !matches!(self, Self::Start) && !self.is_terminal()
    }

    /// The state in the words of RFC 0454.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::AwaitingOurRequest { .. } => "proposal-received",
            Self::AwaitingPresentation { .. } => "request-sent",
            Self::AwaitingCheck { .. } => "presentation-received",
            Self::Verified => "done",
            Self::Rejected { .. } | Self::Declined { .. } | Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Verified
            | Self::Rejected { .. }
            | Self::Declined { .. }
            | Self::Abandoned { .. } => true,
            Self::Start
            | Self::AwaitingOurRequest { .. }
            | Self::AwaitingPresentation { .. }
            | Self::AwaitingCheck { .. } => false,
        }
    }
}

impl VerifierInput {
    /// The name of the input, as errors show it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received(message) => message.name(),
            Self::Request(_) => "our request",
            Self::Valid => "a passed check",
            Self::Invalid(_) => "a failed check",
            Self::Decline(_) => "our problem report",
        }
    }
}
