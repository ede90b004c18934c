//! DID Exchange 1.0 and 1.1: two agents tell each other the DIDs that they will use together.
//!
//! Source: Aries RFC 0023. Roles: [`Requester`], [`Responder`]. The invitation before it, explicit
//! or a public DID, is an [`Origin`].
//!
//! Who is who is proved three times. The request's document is signed by a key of the very DID
//! that it describes, the response (document or rotation) by a key of the invitation; and the key that
//! sent the envelope must belong to the DID that the message names.
//!
//! Absent on purpose: making DIDs and keys (the new DID and its signed attachment are arguments),
//! resolution ([`Effect::Resolve`]), and `did_rotate` as a protocol of its own (RFC 0794).

mod attach;
mod error;
mod messages;
mod origin;
mod report;
mod requester;
mod responder;

pub use attach::{sign_document, sign_rotation};
pub use error::Error;
pub use messages::{Complete, Proof, Request, Response};
pub use origin::Origin;
pub use report::{Code, problem_report};
pub use requester::{Requester, RequesterInput};
pub use responder::{Requested, Responder, ResponderInput};

use picomesh_did_resolver::{Did, DidDocument};
use picomesh_didcomm::Message;

/// The highest minor version that we speak.
pub const MINOR: u16 = 1;
pub(crate) const PROTOCOL: &str = "didexchange";

/// What the agent has to do for either role.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "lives for one turn, and `Send` is the usual one")]
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

/// Where a message of the handshake goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The service of the invitation.
    Invitation,
    /// The service of the peer's DID, as learned last.
    Peer,
}

#[cfg(test)]
mod tests;
