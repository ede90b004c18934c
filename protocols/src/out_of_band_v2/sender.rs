//! The sender: made an invitation, and counts who answers it.

use serde::{Deserialize, Serialize};

use super::{Error, Invitation};
use crate::Step;

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
    /// An authenticated message names the invitation as its parent thread.
    Responded {
        /// The parent thread that it names.
        pthid: &'a str,
        /// Seconds since 1970.
        now: u64,
    },
    /// Our owner takes the invitation back.
    Withdraw,
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

    /// Takes one input. `Ok` on a response means that the new peer may be let in.
    ///
    /// # Errors
    /// [`Error::AlreadyUsed`], [`Error::Expired`], [`Error::OtherThread`], [`Error::Unexpected`].
    pub fn step(
        self,
        input: SenderInput<'_>,
    ) -> Result<Step<Self, std::convert::Infallible>, Error> {
        match (self, input) {
            (
                Self::AwaitingResponse { id, multi_use, expires_time },
                SenderInput::Responded { pthid, now },
            ) => {
                if id != pthid {
                    return Err(Error::OtherThread("response"));
                }
                if expires_time.is_some_and(|expires| expires <= now) {
                    return Err(Error::Expired);
                }
                Ok(Step::quiet(if multi_use {
                    Self::AwaitingResponse { id, multi_use, expires_time }
                } else {
                    Self::Used
                }))
            }
            (Self::AwaitingResponse { .. }, SenderInput::Withdraw) => {
                Ok(Step::quiet(Self::Withdrawn))
            }
            (Self::Used | Self::Withdrawn, SenderInput::Responded { .. }) => {
                Err(Error::AlreadyUsed)
            }
            (state @ (Self::Used | Self::Withdrawn), SenderInput::Withdraw) => {
                Err(Error::Unexpected { input: "withdraw", state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of DIDComm v2 §Out Of Band Messages.
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
