//! The DIDComm and Aries protocols, one folder each.
//!
//! Source: Aries RFCs and the DIDComm Messaging specification; each folder names its own.
//! Every role is an enum whose `step` consumes the state and one input and returns a [`Step`]:
//! the next state and the effects that the agent performs. Where a role has nothing to remember
//! (the answer to a ping), it is a function from message to message.
//!
//! Absent on purpose: clocks, random numbers, keys at rest, storage, resolution of DIDs and every
//! credential format. Times, ids, signed attachments and resolved documents are arguments.

pub mod ack;
pub mod attached;
pub mod basic_message;
mod body;
pub mod bound;
pub mod connections;
pub mod did_exchange;
pub mod discover_features;
pub mod empty;
pub mod error;
pub mod issue_credential;
pub mod link;
pub mod out_of_band;
pub mod out_of_band_v2;
mod peer;
pub mod present_proof;
pub mod problem;
pub mod report_problem;
pub mod step;
mod time;
pub mod trust_ping;

pub use error::Error;
pub use step::Step;

#[cfg(test)]
mod hostile;
