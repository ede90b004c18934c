//! Public keys, and the forms in which DID documents write them.
//!
//! Source: Multicodec table; W3C Controlled Identifiers 1.0 §Multikey; did:key §2.1.
//!
//! Every key that comes from outside is checked here: an Ed25519 or EC point lies on its curve, no
//! point has low order. Absent on purpose: private keys, signatures, key agreement; RSA, BLS and
//! P-521, which no envelope of ours uses.

mod jwk;
mod point;

use crate::{Error, encoding};

/// Longest encoded key that we decode, in characters (P-384 takes 70).
pub(crate) const KEY_CHARS_MAX: usize = 128;

/// A public key of a kind that envelopes or credentials use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PublicKey {
    /// Signatures (EdDSA).
    Ed25519([u8; 32]),
    /// Key agreement.
    X25519([u8; 32]),
    /// SEC1 compressed, 33 bytes.
    P256(Vec<u8>),
    /// SEC1 compressed, 49 bytes.
    P384(Vec<u8>),
    /// SEC1 compressed, 33 bytes.
    Secp256k1(Vec<u8>),
}

impl PublicKey {
    /// The raw bytes: 32 for the Edwards and Montgomery curves, SEC1 compressed for the others.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) | Self::X25519(bytes) => bytes,
            Self::P256(bytes) | Self::P384(bytes) | Self::Secp256k1(bytes) => bytes,
        }
    }

    /// Prefix of the kind in the multicodec table, as a varint.
    fn codec(&self) -> [u8; 2] {
        match self {
            Self::Ed25519(_) => [0xed, 0x01],
            Self::X25519(_) => [0xec, 0x01],
            Self::P256(_) => [0x80, 0x24],
            Self::P384(_) => [0x81, 0x24],
            Self::Secp256k1(_) => [0xe7, 0x01],
        }
    }

    /// Multibase of the multicodec, as in did:key and `publicKeyMultibase`: `z6Mk…`.
    #[must_use]
    pub fn to_multibase(&self) -> String {
        encoding::to_multibase(&[&self.codec(), self.as_bytes()].concat())
    }

    /// Reads and checks `z6Mk…` and its like.
    ///
    /// # Errors
    /// [`Error::UnsupportedKey`] for a codec that we do not use, [`Error::MalformedKey`] otherwise.
    pub fn from_multibase(text: &str) -> Result<Self, Error> {
        let bytes = encoding::multibase(text, KEY_CHARS_MAX)
            .ok_or(Error::MalformedKey("not multibase base58btc"))?;
        let [a, b, key @ ..] = bytes.as_slice() else {
            return Err(Error::MalformedKey("too short"));
        };
        match [*a, *b] {
            [0xed, 0x01] => Self::ed25519(key),
            [0xec, 0x01] => Self::x25519(key),
            [0x80, 0x24] => point::compressed::<p256::NistP256>(key).map(Self::P256),
            [0x81, 0x24] => point::compressed::<p384::NistP384>(key).map(Self::P384),
            [0xe7, 0x01] => point::compressed::<k256::Secp256k1>(key).map(Self::Secp256k1),
            _ => Err(Error::UnsupportedKey),
        }
    }

    /// Base58 of the raw bytes, as `publicKeyBase58` and DIDComm v1 write keys.
    #[must_use]
    pub fn to_base58(&self) -> String {
        encoding::to_base58(self.as_bytes())
    }

    /// An Ed25519 key from its bytes, checked to be a point of full order.
    ///
    /// # Errors
    /// [`Error::MalformedKey`].
    pub fn ed25519(bytes: &[u8]) -> Result<Self, Error> {
        point::ed25519(bytes).map(|key| Self::Ed25519(key.to_bytes()))
    }

    /// An X25519 key from its bytes, checked not to be one of the points of low order.
    ///
    /// # Errors
    /// [`Error::MalformedKey`].
    pub fn x25519(bytes: &[u8]) -> Result<Self, Error> {
        point::x25519(bytes).map(Self::X25519)
    }

    /// An Ed25519 key from base58, as `recipientKeys` of DIDComm v1 have it.
    ///
    /// # Errors
    /// [`Error::MalformedKey`].
    pub fn ed25519_from_base58(text: &str) -> Result<Self, Error> {
        let bytes = encoding::base58(text, KEY_CHARS_MAX);
        Self::ed25519(&bytes.ok_or(Error::MalformedKey("not base58"))?)
    }

    /// The X25519 key that belongs to this Ed25519 key; `None` for the other kinds.
    #[must_use]
    pub fn ed25519_to_x25519(&self) -> Option<Self> {
        match self {
            Self::Ed25519(key) => ed25519_to_x25519(key).ok().map(Self::X25519),
            Self::X25519(_) | Self::P256(_) | Self::P384(_) | Self::Secp256k1(_) => None,
        }
    }

    /// Whether the key can agree on a secret as it stands (DIDComm v2 §Key Wrapping Algorithms).
    #[must_use]
    pub fn is_for_agreement(&self) -> bool {
        match self {
            Self::X25519(_) | Self::P256(_) | Self::P384(_) => true,
            Self::Ed25519(_) | Self::Secp256k1(_) => false,
        }
    }
}

/// Turns an Ed25519 public key into the X25519 public key of the same secret.
///
/// # Errors
/// [`Error::MalformedKey`] when it is not a point of full order.
pub fn ed25519_to_x25519(key: &[u8; 32]) -> Result<[u8; 32], Error> {
    point::ed25519(key).map(|key| key.to_montgomery().to_bytes())
}

#[cfg(test)]
mod tests;
