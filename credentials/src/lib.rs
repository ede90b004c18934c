//! W3C credentials and presentations: build, check, present.
//!
//! Source: VC Data Model 1.1 and 2.0; Ed25519Signature2018, Ed25519Signature2020, eddsa-rdfc-2022,
//! eddsa-jcs-2022; DIF Presentation Exchange 1.0 and 2.0; RFC 0510, RFC 0593.
//!
//! - [`issue`] and [`present`] sign, [`verify_credential`] and [`verify_presentation`] check and
//!   answer with a [`Report`] of named checks.
//! - [`exchange`] says which credentials answer a request, and whether a presentation does.
//! - [`detail`] is the attachment of an offered or requested credential.
//! - [`claims`] reads what a verified credential says.
//!
//! Absent on purpose: the network (DID documents and contexts are arguments), the clock, key
//! storage, status lists, schemas, AnonCreds, SD-JWT, JWT credentials, selective disclosure.

pub mod claims;
mod contexts;
pub mod detail;
mod documents;
mod error;
pub mod exchange;
mod jcs;
mod jsonld;
mod limits;
mod report;
mod sign;
mod suite;
mod vcdm;
mod verify;

#[cfg(test)]
mod tests;

pub use contexts::{
    CONTEXTS_MAX, CREDENTIALS_V1, CREDENTIALS_V2, Contexts, DATA_INTEGRITY_V2, ED25519_2020_V1,
    PRESENTATION_SUBMISSION_V1,
};
pub use detail::{CredentialDetail, check_issued};
pub use documents::{DIDS_NEEDED_MAX, Documents, dids_needed};
pub use error::Error;
pub use jsonld::{ALIKE_BLANK_NODES_MAX, CANONICALIZATION_STEPS_MAX, QUADS_MAX};
pub use limits::{
    CREDENTIAL_SUBJECTS_MAX, DOCUMENT_DEPTH_MAX, DOCUMENT_TEXT_BYTES_MAX, DOCUMENT_VALUES_MAX,
    PRESENTATION_CREDENTIALS_MAX,
};
pub use report::{CREDENTIAL_CHECKS, Check, HOLDER_CHECK, PRESENTATION_CHECKS, Report};
pub use sign::{CHALLENGE_CHARS_MAX, Presentation, Signer, issue, present};
pub use suite::Suite;
pub use verify::{CLOCK_LEEWAY_SECONDS, Expected, Policy, verify_credential, verify_presentation};
