//! Present Proof 2.0: a verifier asks, a prover shows, the verifier says whether it was good.
//!
//! Source: Aries RFC 0454, with the attachment formats of RFC 0510. Roles: [`Verifier`],
//! [`Prover`]. The prover may begin with a proposal; proposal and request may answer each other.
//!
//! A request may be connectionless (RFC 0434): then nobody is known at first, and
//! [`crate::bound::Bound`] gives the thread to the first authenticated sender.
//!
//! Two deviations. A check takes time, so a verifier passes through `presentation-received` even
//! when it will not confirm. A verifier may end a thread in `request-sent`: the text of the RFC
//! says that it may time out and report that, its table says that it may not.
//!
//! Absent on purpose: this module knows no credential format. Attachments pass through as they
//! are; [`VerifierEffect::Check`] and [`ProverEffect::Present`] hand them to the `credentials`
//! crate. Several presentations for one request (versions 2.1 and 2.2, which the RFC withdrew): a
//! request with `present_multiple` gets one presentation, which is the last, and a presentation
//! that says it is not the last is refused.

mod error;
mod messages;
mod prover;
mod verifier;
mod wire;

pub use error::Error;
pub use messages::{DIF_DEFINITIONS, DIF_SUBMISSION, Message, Presentation, Proposal, Request};
pub use prover::{Prover, ProverEffect, ProverInput};
pub use verifier::{Verifier, VerifierEffect, VerifierInput};

/// The protocol's name.
pub const PROTOCOL: &str = "present-proof";
/// The version that we write: major and minor.
pub const VERSION: (u16, u16) = (2, 0);
/// The code of a problem report that ends a presentation, as ACA-Py writes it.
pub const ABANDONED: &str = "abandoned";

#[cfg(test)]
mod tests;
