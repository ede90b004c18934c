//! Secrets that we hand out, and what we keep of them.
//!
//! Source: RFC 9700 §4 (keep no bearer secret in clear). A secret here is always 256 bits of
//! entropy, or a client secret of at least 32 characters, so plain SHA-256 without salt is
//! enough: there is nothing to guess.
//!
//! Absent on purpose: passwords, which would need Argon2.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// 256 random bits, drawn by the caller for one use.
pub type Entropy = [u8; 32];

/// The text form of a fresh secret: 43 characters of base64url.
#[must_use]
pub fn text(entropy: &Entropy) -> String {
    base64url(entropy)
}

/// A random UUID (RFC 9562 §5.4) with 122 bits of the entropy, for peers that take nothing else:
/// ACA-Py refuses any other challenge.
#[must_use]
pub fn uuid(entropy: &Entropy) -> String {
    let mut digits = String::with_capacity(36);
    for (index, byte) in entropy.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            digits.push('-');
        }
        let byte = match index {
            6 => (byte & 0x0f) | 0x40,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        digits.push_str(&format!("{byte:02x}"));
    }
    digits
}

/// SHA-256 of a secret: enough to recognise it, useless to present it.
///
/// Comparison takes the same time wherever the values differ.
#[derive(Clone, Copy)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Whether `secret` is the one that this was made of.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        *self == Self::of(secret)
    }

    /// The bytes, for an index in the store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Fingerprint {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Fingerprint {}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", base64url(&self.0))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url(&self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = from_base64url(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("not 32 bytes of base64url"))
    }
}

/// What is about a person: used and stored as it is, but no log line shows it (promise P25).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(pub T);

impl<T> std::ops::Deref for Private<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(private)")
    }
}

/// Base64url without padding, RFC 4648 §5.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Strict: no padding, no whitespace, no stray bits.
pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_knows_its_secret_and_no_other() {
        let secret = text(&[7; 32]);
        assert_eq!(secret.len(), 43);
        let fingerprint = Fingerprint::of(&secret);
        assert!(fingerprint.matches(&secret));
        assert!(!fingerprint.matches(&text(&[8; 32])));
        assert!(!fingerprint.matches(""));
    }

    #[test]
    fn what_is_private_is_not_printed() {
        assert_eq!(format!("{:?}", Private("Eve")), "(private)");
        assert_eq!(serde_json::to_string(&Private("Eve")).unwrap(), "\"Eve\"");
    }

    #[test]
    fn a_fingerprint_survives_the_store() {
        let fingerprint = Fingerprint::of("x");
        let stored = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&stored).unwrap(), fingerprint);
        for bad in ["\"\"", "\"AAAA\"", "7", "\"!\""] {
            assert!(serde_json::from_str::<Fingerprint>(bad).is_err(), "{bad}");
        }
    }
}
