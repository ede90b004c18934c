//! Public keys as JWKs, their thumbprints, and checking a signature with them.
//!
//! Source: RFC 7517, 7518 §6, 8037 §2, 7638.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{Algorithm, Error};
use crate::secret::base64url;

/// The public half of a signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// A point on P-256.
    P256 {
        /// 32 bytes, big-endian.
        x: Vec<u8>,
        /// 32 bytes, big-endian.
        y: Vec<u8>,
    },
    /// An Ed25519 key.
    Ed25519 {
        /// 32 bytes.
        x: Vec<u8>,
    },
    /// An RSA key.
    Rsa {
        /// The modulus, big-endian without leading zeros.
        n: Vec<u8>,
        /// The exponent, big-endian without leading zeros.
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// From an uncompressed point: 0x04, x, y.
    pub(super) fn from_point(bytes: &[u8]) -> Result<Self, Error> {
        match bytes {
            [4, coordinates @ ..] if coordinates.len() == 64 => {
                let (x, y) = coordinates.split_at(32);
                Ok(Self::P256 { x: x.to_vec(), y: y.to_vec() })
            }
            _ => Err(Error::NotAKey(Algorithm::Es256)),
        }
    }

    pub(super) fn from_ed25519(bytes: &[u8]) -> Result<Self, Error> {
        match bytes.len() {
            32 => Ok(Self::Ed25519 { x: bytes.to_vec() }),
            _ => Err(Error::NotAKey(Algorithm::EdDsa)),
        }
    }

    /// From `RSAPublicKey ::= SEQUENCE { INTEGER n, INTEGER e }`, RFC 8017 A.1.1.
    pub(super) fn from_rsa_der(der: &[u8]) -> Result<Self, Error> {
        let parsed = (|| {
            let (sequence, _) = der_value(0x30, der)?;
            let (n, rest) = der_value(0x02, sequence)?;
            let (e, _) = der_value(0x02, rest)?;
            Some(Self::Rsa { n: unsigned(n), e: unsigned(e) })
        })();
        parsed.ok_or(Error::NotAKey(Algorithm::Rs256))
    }

    /// The one algorithm that this key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256 { .. } => Algorithm::Es256,
            Self::Ed25519 { .. } => Algorithm::EdDsa,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// The members that RFC 7638 hashes; the map keeps them in the order that it asks for.
    pub(super) fn members(&self) -> Map<String, Value> {
        let value = |bytes: &[u8]| json!(base64url(bytes));
        let members = match self {
            Self::P256 { x, y } => vec![
                ("crv", json!("P-256")),
                ("kty", json!("EC")),
                ("x", value(x)),
                ("y", value(y)),
            ],
            Self::Ed25519 { x } => {
                vec![("crv", json!("Ed25519")), ("kty", json!("OKP")), ("x", value(x))]
            }
            Self::Rsa { n, e } => vec![("e", value(e)), ("kty", json!("RSA")), ("n", value(n))],
        };
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// RFC 7638: SHA-256 over the required members, sorted, without whitespace.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url(&Sha256::digest(Value::Object(self.members()).to_string().as_bytes()))
    }

    /// Whether `signature` over `message` is by this key.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256 { x, y } => {
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, signature)
                    .is_ok()
            }
            Self::Ed25519 { x } => {
                UnparsedPublicKey::new(&ED25519, x).verify(message, signature).is_ok()
            }
            Self::Rsa { n, e } => PublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}

/// The content of a DER value with this tag, and what follows it.
fn der_value(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match *head {
        [found, length @ 0..=0x7f] if found == tag => (usize::from(length), rest),
        [found, 0x81] if found == tag => {
            let (length, rest) = rest.split_first()?;
            (usize::from(*length), rest)
        }
        [found, 0x82] if found == tag => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// A DER integer has a zero in front when its first bit is set.
fn unsigned(integer: &[u8]) -> Vec<u8> {
    integer.iter().copied().skip_while(|byte| *byte == 0).collect()
}
