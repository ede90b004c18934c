//! DIDs, DID documents and the methods that resolve them.
//!
//! Source: W3C DID Core 1.0; did:key, did:peer, did:jwk and did:web; for documents of older
//! agents RFC 0023, RFC 0067, RFC 0160 and RFC 0360.
//!
//! - [`resolve_local`] answers for the methods that carry their document in the DID itself.
//! - [`resolve()`] also fetches (did:web), through the [`Fetch`] trait of the caller.
//! - [`legacy`] reads and writes the unqualified documents of RFC 0160.
//! - [`address`] decides which network addresses a peer may make us talk to.
//!
//! Absent on purpose: an HTTP client, storage of documents (did:peer:1, short forms and unqualified
//! DIDs are only known to who keeps them), private keys, signatures.

pub mod address;
mod did;
mod document;
mod encoding;
mod error;
mod key;
pub mod legacy;
pub mod method;
mod resolve;

pub use did::{DID_BYTES_MAX, DID_URL_BYTES_MAX, Did, DidUrl};
pub use document::{
    DOCUMENT_BYTES_MAX, DidDocument, KEYS_PER_SERVICE_MAX, SERVICES_MAX, Service,
    VERIFICATION_METHODS_MAX, VerificationMethod, didcomm_v1_kinds, didcomm_v2_kind,
};
pub use error::Error;
pub use key::{PublicKey, ed25519_to_x25519};
pub use resolve::{Fetch, FetchError, resolve, resolve_local};
