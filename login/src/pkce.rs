//! Proof Key for Code Exchange, method S256 alone.
//!
//! Source: RFC 7636 §4; RFC 9700 §2.1.1.
//!
//! Absent on purpose: the method `plain`, which protects nothing once the request is seen.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::limits::{CODE_VERIFIER_CHARS_MAX, CODE_VERIFIER_CHARS_MIN};
use crate::secret::{base64url, from_base64url};

/// `BASE64URL(SHA256(code_verifier))`, 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Challenge(String);

impl Challenge {
    /// Takes a challenge that is the base64url of exactly 32 bytes.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match from_base64url(text) {
            Some(bytes) if bytes.len() == 32 => Ok(Self(text.to_owned())),
            Some(_) | None => Err("code_challenge must be the base64url of a SHA-256 digest"),
        }
    }

    /// Whether `verifier` is well formed and hashes to this challenge; constant time.
    #[must_use]
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let computed = base64url(&Sha256::digest(verifier.as_bytes()));
        let is_equal: bool = computed.as_bytes().ct_eq(self.0.as_bytes()).into();
        is_verifier(verifier) && is_equal
    }
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
#[must_use]
pub fn is_verifier(text: &str) -> bool {
    (CODE_VERIFIER_CHARS_MIN..=CODE_VERIFIER_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

impl TryFrom<String> for Challenge {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Challenge> for String {
    fn from(challenge: Challenge) -> Self {
        challenge.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// RFC 7636 appendix B.
    #[test]
    fn the_vector_of_the_rfc_is_met() {
        let challenge = Challenge::parse(CHALLENGE).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(&VERIFIER.replace('d', "e")));
        assert!(!challenge.is_met_by(CHALLENGE), "plain is not served");
        assert!(!challenge.is_met_by(""));
    }

    #[test]
    fn lengths_and_characters_are_those_of_the_rfc() {
        for (length, is_right) in [(42, false), (43, true), (128, true), (129, false)] {
            assert_eq!(is_verifier(&"a".repeat(length)), is_right, "{length}");
        }
        assert!(!is_verifier(&format!("{}+", "a".repeat(43))));
        assert!(!is_verifier(&format!("{}é", "a".repeat(43))));
        // A short verifier is refused even though its hash is right.
        let short = "a".repeat(42);
        let challenge = Challenge(base64url(&Sha256::digest(short.as_bytes())));
        assert!(!challenge.is_met_by(&short));
    }

    #[test]
    fn a_challenge_is_a_digest() {
        for bad in
            ["", VERIFIER.get(1..).unwrap(), "x".repeat(44).as_str(), &format!("{CHALLENGE}=")]
        {
            assert!(Challenge::parse(bad).is_err(), "{bad}");
        }
    }
}
