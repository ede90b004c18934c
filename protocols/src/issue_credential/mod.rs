//! Issue Credential 2.0: an issuer offers, a holder requests, the issuer issues, the holder acks.
//!
//! Source: Aries RFC 0453, with the attachment formats of RFC 0593. Roles: [`Issuer`], [`Holder`].
//! Either may begin: the issuer with an offer, the holder with a proposal or with a request. Offer
//! and proposal may answer each other for as long as both like.
//!
//! RFC 0453 lets a problem report throw both parties back to `null`; here a thread keeps how it
//! ended, under the name `abandoned` that RFC 0454 and other agents give to it.
//!
//! Over DIDComm v2, for which the RFC has no text, the same messages carry their attachments as
//! attachments of the message and a problem report in the form of v2.
//!
//! Absent on purpose: this module knows no credential format. Attachments pass through as they
//! are; [`IssuerEffect::Sign`] and [`HolderEffect::Check`] hand them to the `credentials` crate.
//! Versions 2.1 and 2.2, which the RFC withdrew.

mod error;
mod holder;
mod issuer;
mod messages;
mod wire;

pub use error::Error;
pub use holder::{Holder, HolderEffect, HolderInput};
pub use issuer::{Issuer, IssuerEffect, IssuerInput};
pub use messages::{
    Attribute, Credential, LD_PROOF_VC, LD_PROOF_VC_DETAIL, Message, Offer, Preview, Proposal,
    Request,
};
pub use wire::PREVIEW_ATTRIBUTES_MAX;

/// The protocol's name.
pub const PROTOCOL: &str = "issue-credential";
/// The version that we write: major and minor.
pub const VERSION: (u16, u16) = (2, 0);
/// The code of a problem report that ends an issuance (RFC 0453 §States).
pub const ISSUANCE_ABANDONED: &str = "issuance-abandoned";

#[cfg(test)]
mod tests;
