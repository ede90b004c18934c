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

use picomesh_did_resolver::{Did, DidDocument};
use picomesh_didcomm::Message;

pub use crate::did_exchange::{Code, To};

const PROTOCOL: &str = "connections";

/// What the agent has to do for either role.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "lives for one turn, and `Send` is the usual one"
)]
pub enum Effect {
    /// Keep this about the peer, with this connection alone; what follows is sent there.
    Learn {
        /// The DID that the peer uses with us.
        did: Did,
        /// Its document.
        document: Box<DidDocument>,
    },
    /// Resolve this DID and come back with `Resolved` or `Unresolvable`.
    Resolve {
        /// The DID.
        did: Did,
    },
    /// Send this.
    Send {
        /// Where to.
        to: To,
        /// What.
        message: Message,
    },
}

#[cfg(test)]
mod tests;
