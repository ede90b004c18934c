//! The receiver: got an invitation, and decides whether to write to its sender.

use picomesh_did_resolver::Did;
use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{Error, Invitation};
use crate::Step;

/// Receiver of an invitation: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Receiver {
    /// Our owner has to accept or decline.
    AwaitingDecision {
        /// What came.
        invitation: Invitation,
    },
    /// We know the sender now and answer what it asked.
    Answered,
    /// Our owner did not want it.
    Declined,
}

/// What can happen to the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Our owner accepts.
    Accept,
    /// Our owner declines.
    Decline,
}

/// What the agent has to do for the receiver.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Keep the sender as a peer, or use the connection with this DID again; our first message
    /// to it carries the `pthid`.
    Connect {
        /// The sender of the invitation.
        did: Did,
        /// The id of the invitation.
        pthid: String,
    },
    /// Hand the first of these that is supported to its protocol; its answers carry the `pthid`.
    Answer {
        /// The requests, best first.
        requests: Vec<Message>,
        /// The id of the invitation.
        pthid: String,
    },
}

impl Receiver {
    /// An invitation came, at `now` seconds since 1970.
    ///
    /// # Errors
    /// Those of [`Invitation::read`]; [`Error::Expired`].
    pub fn receive(message: &Message, now: u64) -> Result<Self, Error> {
        let invitation = Invitation::read(message)?;
        if invitation.is_expired(now) {
            return Err(Error::Expired);
        }
        Ok(Self::AwaitingDecision { invitation })
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`] in a final state.
    pub fn step(self, input: Input) -> Result<Step<Self, Effect>, Error> {
        match (self, input) {
            (Self::AwaitingDecision { invitation }, Input::Accept) => {
                let pthid = invitation.id.clone();
                let requests = invitation.messages();
                let mut effects =
                    vec![Effect::Connect { did: invitation.from, pthid: pthid.clone() }];
                if !requests.is_empty() {
                    effects.push(Effect::Answer { requests, pthid });
                }
                Ok(Step::new(Self::Answered, effects))
            }
            (Self::AwaitingDecision { .. }, Input::Decline) => Ok(Step::quiet(Self::Declined)),
            (state @ (Self::Answered | Self::Declined), Input::Accept) => {
                Err(Error::Unexpected { input: "accept", state: state.rfc_state() })
            }
            (state @ (Self::Answered | Self::Declined), Input::Decline) => {
                Err(Error::Unexpected { input: "decline", state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of DIDComm v2 §Out Of Band Messages.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingDecision { .. } => "prepare-response",
            Self::Answered | Self::Declined => "done",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Self::AwaitingDecision { .. })
    }
}
