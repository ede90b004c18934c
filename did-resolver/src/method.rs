//! The DID methods, one file each.
//!
//! A new method is a file here and a line in `resolve`.

pub mod jwk;
pub mod key;
pub mod peer;
pub mod web;

use crate::{Did, DidDocument, PublicKey, VerificationMethod};

/// The document of a DID that is one key: did:key, did:jwk and did:peer:0 differ only in `fragment`
/// and in the type of the key.
fn one_key(did: &Did, fragment: &str, kind: &str, key: PublicKey) -> DidDocument {
    let id = did.with_fragment(fragment);
    let mut document = DidDocument::new(did.clone());
    let signs = !matches!(key, PublicKey::X25519(_));
    if signs {
        document.authentication.push(id.clone());
        document.assertion_method.push(id.clone());
    }
    if key.is_for_agreement() {
        document.key_agreement.push(id.clone());
    }
    let controller = did.to_string();
    document.verification_method.push(VerificationMethod {
        id,
        kind: kind.to_owned(),
        controller,
        key,
    });
    document
}
