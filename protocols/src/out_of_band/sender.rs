//! The sender: made an invitation, and counts who answers it.

use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{Error, Invitation, Reuse};
use crate::{Step, body};

/// Sender of an invitation: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sender {
    /// The invitation is out.
    AwaitingResponse {
        /// The id of the invitation.
        id: String,
        /// Whether any number of receivers may answer.
        multi_use: bool,
        /// Until when, seconds since 1970.
        expires_time: Option<u64>,
    },
    /// A single-use invitation was answered.
    Used,
    /// We do not want answers any more.
    Withdrawn,
}

/// What can happen to the sender.
#[derive(Clone, Copy, Debug)]
pub enum SenderInput<'a> {
    /// A message of another protocol names the invitation as its parent thread.
    Responded {
        /// The parent thread that it names.
        pthid: &'a str,
        /// Seconds since 1970.
        now: u64,
    },
    /// A `handshake-reuse` came over an existing connection.
    Reused {
        /// The message.
        message: &'a Message,
        /// The id for our answer.
        id: &'a str,
        /// Seconds since 1970.
        now: u64,
    },
    /// Our owner takes the invitation back.
    Withdraw,
}

/// What the agent has to do for the sender.
#[derive(Clone, Debug, PartialEq)]
pub enum SenderEffect {
    /// Send this over the connection that the reuse came on.
    Send(Message),
}

impl Sender {
    /// An invitation goes out.
    #[must_use]
    pub fn invite(invitation: &Invitation, multi_use: bool) -> Self {
        Self::AwaitingResponse {
            id: invitation.id.clone(),
            multi_use,
            expires_time: invitation.expires_time,
        }
    }

    /// Takes one input. `Ok` on a response means that its protocol may go on.
    ///
    /// A protocol that then refuses the response must drop this step too, so that a bad answer
    /// does not use the invitation up.
    ///
    /// # Errors
    /// [`Error::AlreadyUsed`], [`Error::Expired`], [`Error::OtherThread`], [`Error::Malformed`],
    /// [`Error::Unexpected`].
    pub fn step(self, input: SenderInput<'_>) -> Result<Step<Self, SenderEffect>, Error> {
        match (self, input) {
            (state @ Self::AwaitingResponse { .. }, SenderInput::Responded { pthid, now }) => {
                Ok(Step::quiet(state.answered(pthid, now)?))
            }
            (state @ Self::AwaitingResponse { .. }, SenderInput::Reused { message, id, now }) => {
                let (thid, pthid) = Reuse::Asked.read(message)?;
                let next = state.answered(pthid, now)?;
                let minor = body::answer_minor(message.kind.minor, 1);
                // RFC 0434 §Reuse: the inviter MUST answer with `handshake-reuse-accepted`.
                let accepted = Reuse::Accepted.to_message(id, thid, pthid, minor);
                Ok(Step::new(next, [SenderEffect::Send(accepted)]))
            }
            (Self::AwaitingResponse { .. }, SenderInput::Withdraw) => {
                Ok(Step::quiet(Self::Withdrawn))
            }
            (
                Self::Used | Self::Withdrawn,
                SenderInput::Responded { .. } | SenderInput::Reused { .. },
            ) => Err(Error::AlreadyUsed),
            (state @ (Self::Used | Self::Withdrawn), SenderInput::Withdraw) => {
                Err(Error::Unexpected { input: "withdraw", state: state.rfc_state() })
            }
        }
    }

    /// The state after one more answer: the same if it may be used again.
    fn answered(self, pthid: &str, now: u64) -> Result<Self, Error> {
        let Self::AwaitingResponse { id, multi_use, expires_time } = &self else {
            return Err(Error::AlreadyUsed);
        };
        if id != pthid {
            return Err(Error::OtherThread("response"));
        }
        if expires_time.is_some_and(|expires| expires <= now) {
            return Err(Error::Expired);
        }
        Ok(if *multi_use { self } else { Self::Used })
    }

    /// The state in the words of RFC 0434 §States.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingResponse { .. } => "await-response",
            Self::Used | Self::Withdrawn => "done",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Self::AwaitingResponse { .. })
    }
}
