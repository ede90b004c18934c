//! Connections 1.0: the older handshake, still spoken by many wallets.
//!
//! Source: Aries RFC 0160; RFC 0234 for the signature of the response. Roles: [`Invitee`],
//! [`Inviter`]. It may begin with an invitation of its own or with Out-of-Band 1.x.
//!
//! Absent on purpose: making DIDs and keys (documents are arguments), resolution
//! ([`Effect::Resolve`]); new invitations of this kind, which RFC 0160 deprecates in favour of
//! Out-of-Band, are only read.

mod error;
mod invitee;
mod inviter;
mod messages;
mod signature;

pub use error::Error;
pub use invitee::{Invitee, InviteeInput};
pub use inviter::{Inviter, InviterInput, Requested};
pub use messages::{Connection, Invitation, Request, problem_report};
pub use signature::{Signature, sign};

pub use crate::did_exchange::{Code, Effect, To};

const PROTOCOL: &str = "connections";

#[cfg(test)]
mod tests;
