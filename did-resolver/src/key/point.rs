//! Checks that bytes are a point that may be used as a public key.
//!
//! Source: RFC 8032 §5.1.3; RFC 7748 §6.1 and §7; SEC 1 §2.3.4.
//!
//! Absent on purpose: proof that the peer holds the secret; signatures and envelopes give it.

use ed25519_dalek::VerifyingKey;
use p256::elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytesSize, PublicKey,
    point::PointCompression,
    sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint},
};

use crate::Error;

/// The points of low order on Curve25519 and its twist, with the non-canonical forms of 0 and 1;
/// an agreement with one of them yields zero whatever the secret is.
const X25519_LOW_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    first(1, [0; 32]),
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
    first(0xec, LAST_7F),
    first(0xed, LAST_7F),
    first(0xee, LAST_7F),
];

/// 2^255 - 1 in little-endian bytes.
const LAST_7F: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[31] = 0x7f;
    bytes
};

const fn first(byte: u8, mut bytes: [u8; 32]) -> [u8; 32] {
    bytes[0] = byte;
    bytes
}

/// A point of full order on Edwards25519.
pub(super) fn ed25519(bytes: &[u8]) -> Result<VerifyingKey, Error> {
    let bytes = bytes.try_into().map_err(|_| Error::MalformedKey("Ed25519 takes 32 bytes"))?;
    let key = VerifyingKey::from_bytes(bytes)
        .map_err(|_| Error::MalformedKey("not a point of Edwards25519"))?;
    if key.is_weak() {
        return Err(Error::MalformedKey("a point of low order"));
    }
    Ok(key)
}

/// A u-coordinate that is not one of low order; RFC 7748 §5 ignores the highest bit.
pub(super) fn x25519(bytes: &[u8]) -> Result<[u8; 32], Error> {
    let key: [u8; 32] =
        bytes.try_into().map_err(|_| Error::MalformedKey("X25519 takes 32 bytes"))?;
    let mut masked = key;
    masked[31] &= 0x7f;
    if X25519_LOW_ORDER.contains(&masked) {
        return Err(Error::MalformedKey("a point of low order"));
    }
    Ok(key)
}

/// The compressed form of a SEC1 point that must itself be compressed, as multicodec wants it.
pub(super) fn compressed<C>(bytes: &[u8]) -> Result<Vec<u8>, Error>
where
    C: CurveArithmetic + PointCompression,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
{
    if !matches!(bytes.first(), Some(2 | 3)) {
        return Err(Error::MalformedKey("not a compressed point"));
    }
    sec1::<C>(bytes).map(|_| bytes.to_vec())
}

/// The compressed form of the point with these coordinates.
pub(super) fn from_affine<C>(x: &[u8], y: &[u8]) -> Result<Vec<u8>, Error>
where
    C: CurveArithmetic + PointCompression,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
{
    // Both coordinates have the full length (RFC 7518 §6.2.1.2), so they cannot shift.
    if x.len() != y.len() {
        return Err(Error::MalformedKey("coordinates of different length"));
    }
    let key = sec1::<C>(&[&[4], x, y].concat())?;
    Ok(key.to_encoded_point(true).as_bytes().to_vec())
}

/// The coordinates of a SEC1 point.
pub(super) fn to_affine<C>(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error>
where
    C: CurveArithmetic + PointCompression,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
{
    let point = sec1::<C>(bytes)?.to_encoded_point(false);
    match (point.x(), point.y()) {
        (Some(x), Some(y)) => Ok((x.to_vec(), y.to_vec())),
        _ => Err(Error::MalformedKey("the point at infinity")),
    }
}

/// A point on the curve that is not the point at infinity.
fn sec1<C>(bytes: &[u8]) -> Result<PublicKey<C>, Error>
where
    C: CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
{
    PublicKey::from_sec1_bytes(bytes).map_err(|_| Error::MalformedKey("not a point of the curve"))
}
