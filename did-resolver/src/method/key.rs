//! did:key: the DID is the key.
//!
//! Source: did:key (W3C CCG) §3; RFC 0360 for did:key in place of naked keys.
//!
//! An Ed25519 key also yields the X25519 key that belongs to it, for key agreement (did:key
//! §3.1.3). Absent on purpose: the `format` options; keys are always `Multikey`.

use super::one_key;
use crate::{Did, DidDocument, DidUrl, Error, PublicKey, VerificationMethod};

/// The did:key of a public key.
#[must_use]
pub fn from_key(key: &PublicKey) -> Did {
    from_multibase(&key.to_multibase())
}

/// The did:key of an Ed25519 key.
#[must_use]
pub fn from_ed25519(key: &[u8; 32]) -> Did {
    from_key(&PublicKey::Ed25519(*key))
}

fn from_multibase(multibase: &str) -> Did {
    #[expect(clippy::expect_used, reason = "base58 of at most 51 bytes is a DID's id")]
    format!("did:key:{multibase}").parse().expect("multibase is made of idchar")
}

/// The key in a did:key.
///
/// # Errors
/// [`Error::UnsupportedMethod`] for another method, otherwise what is wrong with the key.
pub fn public_key(did: &Did) -> Result<PublicKey, Error> {
    if did.method() != "key" {
        return Err(Error::UnsupportedMethod);
    }
    PublicKey::from_multibase(did.method_specific_id())
}

/// The document of a did:key.
///
/// # Errors
/// As [`public_key`].
pub fn document(did: &Did) -> Result<DidDocument, Error> {
    Ok(expand(did, did.method_specific_id(), public_key(did)?))
}

/// The document of `did` for the one key, whose multibase is the fragment.
pub(crate) fn expand(did: &Did, fragment: &str, key: PublicKey) -> DidDocument {
    let derived = key.ed25519_to_x25519();
    let mut document = one_key(did, fragment, "Multikey", key);
    if let Some(key) = derived {
        let id = did.with_fragment(&key.to_multibase());
        document.key_agreement.push(id.clone());
        let (kind, controller) = ("Multikey".to_owned(), did.to_string());
        document.verification_method.push(VerificationMethod { id, kind, controller, key });
    }
    document
}

/// The DID URL of the key of a did:key: `did:key:z6Mk…#z6Mk…` (RFC 0360).
#[must_use]
pub fn did_key_url(key: &PublicKey) -> String {
    let multibase = key.to_multibase();
    format!("did:key:{multibase}#{multibase}")
}

/// The raw Ed25519 key in any of the forms that agents write: base58, `did:key:z6Mk…`,
/// `did:key:z6Mk…#z6Mk…` (RFC 0360 §Tutorial).
///
/// # Errors
/// [`Error::MalformedKey`], also for keys of another kind; [`Error::UnsupportedMethod`] for a DID
/// that is no did:key.
pub fn naked_key(text: &str) -> Result<[u8; 32], Error> {
    let key = if text.starts_with("did:") {
        let url: DidUrl = text.parse()?;
        let is_itself = |fragment: &String| fragment == url.did.method_specific_id();
        if !url.fragment.as_ref().is_none_or(is_itself) || !url.path.is_empty() {
            return Err(Error::MalformedDidUrl("not the key of this did:key"));
        }
        public_key(&url.did)?
    } else {
        PublicKey::ed25519_from_base58(text)?
    };
    match key {
        PublicKey::Ed25519(key) => Ok(key),
        PublicKey::X25519(_)
        | PublicKey::P256(_)
        | PublicKey::P384(_)
        | PublicKey::Secp256k1(_) => Err(Error::MalformedKey("not an Ed25519 key")),
    }
}

#[cfg(test)]
mod tests;
