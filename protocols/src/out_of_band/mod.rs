//! Out-of-Band 1.0 and 1.1: an invitation that travels outside any channel, and the reuse of a
//! connection that is already there.
//!
//! Source: Aries RFC 0434. Roles: [`Sender`], [`Receiver`]. Links are in [`crate::link`].
//!
//! Absent on purpose: the handshake itself and the protocols of attached requests; they are
//! effects, told apart by [`Handshake`] and by the type of the request. Resolving a service DID
//! is left to who performs the effect.

mod error;
mod handshake;
mod messages;
mod receiver;
mod sender;
mod service;

pub use error::Error;
pub use handshake::Handshake;
pub use messages::{Invitation, REQUESTS_MAX, Reuse, SERVICES_MAX};
pub use receiver::{Effect, Input, Over, Receiver};
pub use sender::{Sender, SenderEffect, SenderInput};
pub(crate) use service::is_endpoint;
pub use service::{InlineService, KEYS_MAX, Service};

#[cfg(test)]
mod tests;
