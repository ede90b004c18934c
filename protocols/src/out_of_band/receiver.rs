//! The receiver: got an invitation, and decides how to answer (RFC 0434 §Responses, the table).

use picomesh_didcomm::Message;
use serde::{Deserialize, Serialize};

use super::{Error, Handshake, Invitation, Reuse, Service};
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
    /// The sender has to agree that a connection is used again.
    AwaitingReuse {
        /// What came.
        invitation: Invitation,
        /// The thread of our `handshake-reuse`.
        thid: String,
        /// The connection to use again.
        connection: String,
    },
    /// A handshake has to end before the attached requests are answered.
    AwaitingConnection {
        /// What came.
        invitation: Invitation,
    },
    /// The invitation is answered.
    Answered,
    /// Our owner did not want it, or no connection came about.
    Declined,
}

/// What can happen to the receiver.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Our owner accepts.
    Accept {
        /// A connection made from an earlier invitation with the same service DID, to use again.
        existing: Option<&'a str>,
        /// The id for a `handshake-reuse`.
        id: &'a str,
    },
    /// Our owner declines.
    Decline,
    /// `handshake-reuse-accepted` came on that connection.
    ReuseAccepted(&'a Message),
    /// The sender reported a problem with the reuse, or said nothing in time.
    ReuseRefused,
    /// The handshake ended well.
    Connected {
        /// The new connection.
        connection: &'a str,
    },
    /// The handshake ended otherwise.
    ConnectionFailed,
}

/// What the agent has to do for the receiver.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "lives for one turn, and `Send` is the usual one")]
pub enum Effect {
    /// Send this over a connection.
    Send {
        /// The connection.
        connection: String,
        /// The message.
        message: Message,
    },
    /// Begin a handshake with the first service that can be reached.
    Handshake {
        /// Which one.
        protocol: Handshake,
        /// The services, best first.
        services: Vec<Service>,
        /// The id of the invitation.
        pthid: String,
    },
    /// Hand the first of these that is supported to its protocol; its answers carry the `pthid`.
    Answer {
        /// The requests, best first.
        requests: Vec<Message>,
        /// The id of the invitation.
        pthid: String,
        /// How to reach the sender.
        over: Over,
    },
}

/// How an answer to an attached request travels.
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// Over a connection.
    Connection(String),
    /// Without a connection: to the first of these that can be reached, from a key of its own,
    /// with a `~service` decorator (RFC 0056).
    Services(Vec<Service>),
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
    /// [`Error::Unexpected`], [`Error::OtherThread`], [`Error::Malformed`],
    /// [`Error::NothingOffered`] when a refused reuse leaves no handshake.
    pub fn step(self, input: Input<'_>) -> Result<Step<Self, Effect>, Error> {
        match (self, input) {
            (Self::AwaitingDecision { invitation }, Input::Accept { existing, id }) => {
                accept(invitation, existing, id)
            }
            (Self::AwaitingDecision { .. }, Input::Decline)
            | (Self::AwaitingConnection { .. }, Input::ConnectionFailed) => {
                Ok(Step::quiet(Self::Declined))
            }
            (Self::AwaitingReuse { invitation, thid, .. }, Input::ReuseAccepted(message)) => {
                let (their_thid, pthid) = Reuse::Accepted.read(message)?;
                if (their_thid, pthid) != (thid.as_str(), invitation.id.as_str()) {
                    return Err(Error::OtherThread("handshake-reuse-accepted"));
                }
                Ok(Step::quiet(Self::Answered))
            }
            // RFC 0434 §Reuse Accepted: without it, the invitee uses the regular process.
            (Self::AwaitingReuse { invitation, .. }, Input::ReuseRefused) => connect(invitation),
            (Self::AwaitingConnection { invitation }, Input::Connected { connection }) => {
                let over = Over::Connection(connection.to_owned());
                let effect = answer(&invitation, over);
                Ok(Step::new(Self::Answered, effect))
            }
            (state, input) => {
                Err(Error::Unexpected { input: input.name(), state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of RFC 0434 §States.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingDecision { .. }
            | Self::AwaitingReuse { .. }
            | Self::AwaitingConnection { .. } => "prepare-response",
            Self::Answered | Self::Declined => "done",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Answered | Self::Declined)
    }
}

impl Input<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::Decline => "decline",
            Self::ReuseAccepted(_) => "handshake-reuse-accepted",
            Self::ReuseRefused => "reuse refused",
            Self::Connected { .. } => "connected",
            Self::ConnectionFailed => "connection failed",
        }
    }
}

/// The table of RFC 0434 §Responses, row by row.
fn accept(
    invitation: Invitation,
    existing: Option<&str>,
    id: &str,
) -> Result<Step<Receiver, Effect>, Error> {
    let has_requests = !invitation.messages().is_empty();
    match (invitation.handshake(), has_requests, existing) {
        (_, true, Some(connection)) => {
            let effect = answer(&invitation, Over::Connection(connection.to_owned()));
            Ok(Step::new(Receiver::Answered, effect))
        }
        (None, true, None) => {
            let effect = answer(&invitation, Over::Services(invitation.services.clone()));
            Ok(Step::new(Receiver::Answered, effect))
        }
        (Some(_), false, Some(connection)) => {
            let message = Reuse::Asked.to_message(id, id, &invitation.id, invitation.minor);
            let connection = connection.to_owned();
            let effect = Effect::Send { connection: connection.clone(), message };
            let thid = id.to_owned();
            Ok(Step::new(Receiver::AwaitingReuse { invitation, thid, connection }, [effect]))
        }
        (Some(_), _, None) => connect(invitation),
        (None, false, _) => Err(Error::NothingOffered),
    }
}

fn connect(invitation: Invitation) -> Result<Step<Receiver, Effect>, Error> {
    let protocol = invitation.handshake().ok_or(Error::NothingOffered)?;
    let services = invitation.services.clone();
    let effect = Effect::Handshake { protocol, services, pthid: invitation.id.clone() };
    Ok(Step::new(Receiver::AwaitingConnection { invitation }, [effect]))
}

/// Nothing when there are no requests: then the connection was all that was wanted.
fn answer(invitation: &Invitation, over: Over) -> Option<Effect> {
    let requests = invitation.messages();
    let pthid = invitation.id.clone();
    (!requests.is_empty()).then_some(Effect::Answer { requests, pthid, over })
}
