//! Public keys as JSON Web Keys.
//!
//! Source: RFC 7517, RFC 7518 §6.2, RFC 8037 §2, RFC 8812 §3.1.
//!
//! Absent on purpose: `use`, `key_ops` and `alg`: the verification relationship says what a key may
//! do. A JWK with a private part is refused, as it must never have left its owner.

use serde_json::{Value, json};

use super::{PublicKey, point};
use crate::{Error, encoding};

impl PublicKey {
    /// The key as a JSON Web Key.
    ///
    /// # Errors
    /// [`Error::MalformedKey`] when a variant was filled with bytes that are no point of its curve.
    pub fn to_jwk(&self) -> Result<Value, Error> {
        Ok(match self {
            Self::Ed25519(key) => okp("Ed25519", key),
            Self::X25519(key) => okp("X25519", key),
            Self::P256(key) => ec("P-256", point::to_affine::<p256::NistP256>(key)?),
            Self::P384(key) => ec("P-384", point::to_affine::<p384::NistP384>(key)?),
            Self::Secp256k1(key) => ec("secp256k1", point::to_affine::<k256::Secp256k1>(key)?),
        })
    }

    /// Reads and checks a public JSON Web Key.
    ///
    /// # Errors
    /// [`Error::UnsupportedKey`] for a `kty` or `crv` that we do not use, [`Error::MalformedKey`]
    /// otherwise.
    pub fn from_jwk(jwk: &Value) -> Result<Self, Error> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        if jwk.get("d").is_some() {
            return Err(Error::MalformedKey("a JWK with its private part"));
        }
        let kind = (text("kty"), text("crv"));
        if kind.0.is_none() {
            return Err(Error::MalformedKey("a JWK without `kty`"));
        }
        match kind {
            (Some("OKP"), Some("Ed25519")) => Self::ed25519(&coordinate(text("x"))?),
            (Some("OKP"), Some("X25519")) => Self::x25519(&coordinate(text("x"))?),
            (Some("EC"), Some(curve @ ("P-256" | "P-384" | "secp256k1"))) => {
                let (x, y) = (coordinate(text("x"))?, coordinate(text("y"))?);
                match curve {
                    "P-256" => point::from_affine::<p256::NistP256>(&x, &y).map(Self::P256),
                    "P-384" => point::from_affine::<p384::NistP384>(&x, &y).map(Self::P384),
                    _ => point::from_affine::<k256::Secp256k1>(&x, &y).map(Self::Secp256k1),
                }
            }
            _ => Err(Error::UnsupportedKey),
        }
    }
}

fn okp(crv: &str, x: &[u8]) -> Value {
    json!({ "kty": "OKP", "crv": crv, "x": encoding::to_base64url(x) })
}

fn ec(crv: &str, (x, y): (Vec<u8>, Vec<u8>)) -> Value {
    let (x, y) = (encoding::to_base64url(&x), encoding::to_base64url(&y));
    json!({ "kty": "EC", "crv": crv, "x": x, "y": y })
}

fn coordinate(text: Option<&str>) -> Result<Vec<u8>, Error> {
    text.and_then(encoding::base64url).ok_or(Error::MalformedKey("a coordinate is not base64url"))
}
