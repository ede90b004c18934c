//! The DIDs that a pico owns and the private keys behind them.
//!
//! Absent on purpose: what the keys are used for. To a turn a DID is a name, a document in
//! bytes, and secrets by key id.

use crate::id::Eci;
use zeroize::Zeroizing;

/// A DID of this pico, the channel that it belongs to, and its private keys.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnDid {
    /// The DID (for did:peer:4 the short form).
    pub did: String,
    /// The channel whose DID this is.
    pub eci: Eci,
    /// The document as the agent keeps it: for a DID that carries it, its long form.
    pub document: Vec<u8>,
    /// Its private keys.
    pub secrets: Vec<OwnSecret>,
}

/// A private key, found by the id that envelopes name it with.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnSecret {
    /// Key id: the base58 verkey for DIDComm v1, a DID URL for v2.
    pub kid: String,
    /// The DID that the key belongs to.
    pub did: String,
    /// What kind of key it is.
    pub kind: SecretKind,
    /// The private key.
    pub bytes: Zeroizing<[u8; 32]>,
}

/// Kind of a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// Ed25519: signs, and through conversion agrees on keys in DIDComm v1.
    Ed25519,
    /// X25519: agrees on keys in DIDComm v2.
    X25519,
}

impl std::fmt::Debug for OwnSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OwnSecret({}, {:?})", self.kid, self.kind)
    }
}
