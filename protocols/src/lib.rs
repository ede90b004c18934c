//! The DIDComm and Aries protocols, one folder each.
//!
//! Source: Aries RFCs and the DIDComm Messaging specification; each folder names its own.
//! Every role is an enum whose `step` consumes the state and one input and returns a [`Step`]:
//! the next state and the effects that the agent performs.
//!
//! Absent on purpose: clocks, random numbers, keys at rest, storage, resolution of DIDs and every
//! credential format. Times, ids, signed attachments and resolved documents are arguments.

pub mod step;

pub use step::Step;
