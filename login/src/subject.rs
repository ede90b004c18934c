//! Who the user is to one relying party: pairwise identifiers.
//!
//! Source: OIDC Core §8.1. `sub = BASE64URL(HMAC-SHA256(secret, sector ‖ 0x00 ‖ stable id))`:
//! two sectors cannot compare notes, and nobody without the secret can tell who it is.
//!
//! Absent on purpose: public identifiers.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::secret::{Entropy, base64url};

/// The `sub` of the user `stable_id` in `sector`.
#[must_use]
pub fn pairwise(secret: &Entropy, sector: &str, stable_id: &str) -> String {
    base64url(&keyed(secret, sector, stable_id))
}

/// The `sid` of one login at one client; tells nothing about the session's own id.
pub(crate) fn session_claim(secret: &Entropy, client_id: &str, session_id: &str) -> String {
    let mut label = String::from("sid\0");
    label.push_str(client_id);
    base64url(&keyed(secret, &label, session_id)[..16])
}

fn keyed(secret: &Entropy, first: &str, second: &str) -> [u8; 32] {
    // A block of 64 bytes with the key in front is what HMAC makes of a shorter key (RFC 2104
    // §2), and a key of exactly one block cannot be refused.
    let mut block = [0; 64];
    block[..32].copy_from_slice(secret);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(first.as_bytes());
    mac.update(&[0]);
    mac.update(second.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_is_stable_and_differs_by_sector_secret_and_user() {
        let sub = pairwise(&[1; 32], "rp.example", "u1");
        assert_eq!(sub, pairwise(&[1; 32], "rp.example", "u1"));
        assert_eq!(sub.len(), 43);
        assert_ne!(sub, pairwise(&[1; 32], "other.example", "u1"));
        assert_ne!(sub, pairwise(&[2; 32], "rp.example", "u1"));
        assert_ne!(sub, pairwise(&[1; 32], "rp.example", "u2"));
        assert_ne!(pairwise(&[1; 32], "a", "bc"), pairwise(&[1; 32], "ab", "c"));
    }

    /// The formula, computed with another HMAC: Python's `hmac` module.
    #[test]
    fn sub_follows_the_formula() {
        assert_eq!(
            pairwise(&[1; 32], "rp.example", "u1"),
            "Bc2c40lnYS7M-g62_tp6Sb3BDXLir3ENrFwoJKUtlLI"
        );
    }
}
