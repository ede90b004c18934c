//! Out-of-Band 2.0: an invitation to write to a DID, outside any channel.
//!
//! Source: DIDComm Messaging §Out Of Band Messages. Roles: [`Sender`], [`Receiver`]. Links are in
//! [`crate::link`].
//!
//! Absent on purpose: a handshake. In DIDComm v2 the first message to the DID is the connection;
//! it names the invitation as its `pthid`. Reuse needs no message either: who knows the DID writes.

mod messages;
mod receiver;
mod sender;

pub use crate::out_of_band::Error;
pub use messages::{ATTACHMENTS_MAX, Invitation};
pub use receiver::{Effect, Input, Receiver};
pub use sender::{Sender, SenderInput};

#[cfg(test)]
mod tests;
