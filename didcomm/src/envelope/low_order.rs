//! Points of Curve25519 with which every key agreement gives zero.
//!
//! Source: RFC 7748 §6.1, §7; the list is in D. Bernstein, "Curve25519: new Diffie-Hellman speed
//! records" FAQ. An agreement with one of them proves nothing about the other side, and
//! x25519-dalek computes it without complaint. Looking the point up costs nothing and cannot be
//! forgotten after the agreement; a test holds the list against `was_contributory`.

/// 2^255 - 19 less its lowest byte, little-endian: all ones but the top bit.
const fn near_p(lowest: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = lowest;
    bytes[31] = 0x7f;
    bytes
}

const fn small(lowest: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = lowest;
    bytes
}

/// 0, 1, two points of order 8, p-1, p, p+1.
const LOW_ORDER: [[u8; 32]; 7] = [
    small(0),
    small(1),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
    near_p(0xec),
    near_p(0xed),
    near_p(0xee),
];

/// Whether this X25519 public key has low order. The top bit does not count (RFC 7748 §5).
pub(crate) fn is_low_order(point: &[u8; 32]) -> bool {
    let mut point = *point;
    point[31] &= 0x7f;
    LOW_ORDER.contains(&point)
}

#[cfg(test)]
mod tests {
    use x25519_dalek::{PublicKey, StaticSecret};

    use super::*;

    #[test]
    fn the_list_is_what_the_curve_says() {
        let secret = StaticSecret::from([7; 32]);
        for point in LOW_ORDER {
            for top in [0, 0x80] {
                let mut point = point;
                point[31] |= top;
                assert!(is_low_order(&point));
                assert!(!secret.diffie_hellman(&PublicKey::from(point)).was_contributory());
            }
        }
        for point in [small(2), small(9), near_p(0xeb), near_p(0xef), near_p(0xff)] {
            assert!(!is_low_order(&point));
            assert!(secret.diffie_hellman(&PublicKey::from(point)).was_contributory());
        }
    }
}
