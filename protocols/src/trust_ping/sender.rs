//! The sender: asks, and waits for the response if it wanted one.

use picomesh_didcomm::{Message, Version};
use serde::{Deserialize, Serialize};

use super::messages::{Ping, PingResponse};
use crate::{Error, Step};

/// Sender of a trust ping: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Sender {
    /// The ping asked for a response.
    AwaitingResponse {
        /// The thread, which is the id of the ping.
        thid: String,
    },
    /// The response came.
    Answered,
    /// The ping asked for none.
    Unanswered,
}

/// What can happen to the sender.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An authenticated `ping_response` came.
    Responded(&'a Message),
}

/// What the agent has to do for the sender.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this to the peer.
    Send(Message),
}

impl Sender {
    /// Begins a ping on a thread of its own.
    pub fn ping(version: Version, id: &str, ping: &Ping) -> Step<Self, Effect> {
        let state = if ping.response_requested {
            Self::AwaitingResponse { thid: id.to_owned() }
        } else {
            Self::Unanswered
        };
        Step::new(state, [Effect::Send(ping.to_message(version, id))])
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`] in a final state, [`Error::OtherThread`], [`Error::Malformed`].
    pub fn step(self, input: Input<'_>) -> Result<Step<Self, Effect>, Error> {
        match (self, input) {
            (Self::AwaitingResponse { thid }, Input::Responded(message)) => {
                PingResponse::read(message)?;
                if message.thread_id() != thid {
                    return Err(Error::OtherThread("ping response"));
                }
                Ok(Step::quiet(Self::Answered))
            }
            (state @ (Self::Answered | Self::Unanswered), Input::Responded(_)) => {
                Err(Error::Unexpected { input: "ping response", state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of RFC 0003 for a request-response protocol.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingResponse { .. } => "awaiting-response",
            Self::Answered | Self::Unanswered => "done",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        !matches!(self, Self::AwaitingResponse { .. })
    }
}
