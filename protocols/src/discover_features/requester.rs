//! The requester: asks, and waits for the disclosure.

use picomesh_didcomm::{Message, Version};
use serde::{Deserialize, Serialize};

use super::messages::{Disclosures, Feature, Queries};
use crate::{Error, Step};

/// Most features that we keep of one answer.
pub const FEATURES_MAX: usize = 1000;

/// Requester of a disclosure: each variant names what it awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Requester {
    /// The query is made.
    AwaitingDisclosure {
        /// The thread, which is the id of the query.
        thid: String,
    },
    /// The peer told something, perhaps nothing.
    Disclosed {
        /// What it told.
        features: Vec<Feature>,
    },
}

/// What can happen to the requester.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// An authenticated `disclose` or `disclosures` came.
    Disclosed(&'a Message),
}

/// What the agent has to do for the requester.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this to the peer.
    Send(Message),
}

impl Requester {
    /// Asks in version 2.0, over the generation of the channel.
    pub fn ask(version: Version, id: &str, queries: &Queries) -> Step<Self, Effect> {
        let message = queries.to_message(version, id);
        Step::new(Self::AwaitingDisclosure { thid: id.to_owned() }, [Effect::Send(message)])
    }

    /// Takes a disclosure that nobody asked for (RFC 0557 §Roles allows it).
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is none, or above [`FEATURES_MAX`].
    pub fn told(message: &Message) -> Result<Step<Self, Effect>, Error> {
        let features = Disclosures::read(message)?.disclosures;
        if features.len() > FEATURES_MAX {
            let reason = format!("more than {FEATURES_MAX} features");
            return Err(Error::Malformed { message: "disclosures", reason });
        }
        Ok(Step::quiet(Self::Disclosed { features }))
    }

    /// Takes one input.
    ///
    /// # Errors
    /// [`Error::Unexpected`] in the final state, [`Error::OtherThread`], [`Error::Malformed`].
    pub fn step(self, input: Input<'_>) -> Result<Step<Self, Effect>, Error> {
        match (self, input) {
            (Self::AwaitingDisclosure { thid }, Input::Disclosed(message)) => {
                if message.thread_id() != thid {
                    return Err(Error::OtherThread("disclosures"));
                }
                Self::told(message)
            }
            (state @ Self::Disclosed { .. }, Input::Disclosed(_)) => {
                Err(Error::Unexpected { input: "disclosures", state: state.rfc_state() })
            }
        }
    }

    /// The state in the words of RFC 0031 §States.
    #[must_use]
    pub fn rfc_state(&self) -> &'static str {
        match self {
            Self::AwaitingDisclosure { .. } => "awaiting-response",
            Self::Disclosed { .. } => "done",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Disclosed { .. })
    }
}
