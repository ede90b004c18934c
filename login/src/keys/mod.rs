//! Signing keys: ES256, EdDSA and RS256, as JWKs and as bytes to seal.
//!
//! Source: RFC 7517, 7518, 8037 (Ed25519), 7638 (thumbprint as `kid`); OIDC Core §15.1 makes
//! RS256 mandatory.
//!
//! Absent on purpose: storage. [`SigningKey::to_pkcs8`] gives clear bytes; the agent seals them.
//! Randomness for [`SigningKey::generate`] and for ECDSA signatures is the library's own.

mod jwk;
mod jwt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use jwk::PublicKey;
pub use jwt::{Error as JwtError, open};

/// The algorithm of an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA 2048, PKCS #1 v1.5, SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Algorithm {
    /// All of them, the mandatory one last.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// The name in `alg`, RFC 7518 §3.1 and RFC 8037 §3.1.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

/// Why a key cannot be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stored bytes are no PKCS #8 key of this algorithm.
    #[error("not a {} key", .0.as_str())]
    NotAKey(Algorithm),
    /// The cryptographic library failed.
    #[error("the {} operation failed", .0.as_str())]
    Failed(Algorithm),
    /// The key set holds no key for the algorithm; our own caller left it out.
    #[error("no key for {}", .0.as_str())]
    Missing(Algorithm),
}

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

/// A private key and its public half.
pub struct SigningKey {
    pair: Pair,
    public: PublicKey,
    kid: String,
}

impl SigningKey {
    /// A fresh key. RSA takes a good part of a second: not on a thread that serves others.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        let failed = |_| Error::Failed(algorithm);
        Self::new(match algorithm {
            Algorithm::Es256 => Pair::Es256(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?,
            ),
            Algorithm::EdDsa => Pair::EdDsa(Ed25519KeyPair::generate().map_err(failed)?),
            Algorithm::Rs256 => {
                Pair::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?)
            }
        })
    }

    /// Reads what [`Self::to_pkcs8`] wrote.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, Error> {
        let not_a_key = |_| Error::NotAKey(algorithm);
        Self::new(match algorithm {
            Algorithm::Es256 => Pair::Es256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(not_a_key)?,
            ),
            Algorithm::EdDsa => Pair::EdDsa(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(not_a_key)?),
            Algorithm::Rs256 => Pair::Rs256(RsaKeyPair::from_pkcs8(pkcs8).map_err(not_a_key)?),
        })
    }

    /// The key in clear, for the agent to seal.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let failed = |_| Error::Failed(self.algorithm());
        let bytes = match &self.pair {
            Pair::Es256(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::EdDsa(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Pair::Rs256(pair) => pair.as_der().map_err(failed)?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(bytes))
    }

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The public half as a member of a JWK set.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = self.public.members();
        jwk.insert("kid".into(), json!(self.kid));
        jwk.insert("use".into(), json!("sig"));
        jwk.insert("alg".into(), json!(self.algorithm().as_str()));
        Value::Object(jwk)
    }

    /// A compact JWT over `claims`.
    pub fn sign(&self, claims: &Value) -> Result<String, Error> {
        let input = jwt::signing_input(self.algorithm(), &self.kid, claims);
        let signature = self.signature(input.as_bytes())?;
        Ok(jwt::attach(input, &signature))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |_| Error::Failed(self.algorithm());
        let random = SystemRandom::new();
        Ok(match &self.pair {
            Pair::Es256(pair) => pair.sign(&random, message).map_err(failed)?.as_ref().to_vec(),
            Pair::EdDsa(pair) => pair.try_sign(message).map_err(failed)?.as_ref().to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                signature
            }
        })
    }

    fn new(pair: Pair) -> Result<Self, Error> {
        let public = match &pair {
            Pair::Es256(pair) => PublicKey::from_point(pair.public_key().as_ref()),
            Pair::EdDsa(pair) => PublicKey::from_ed25519(pair.public_key().as_ref()),
            Pair::Rs256(pair) => PublicKey::from_rsa_der(pair.public_key().as_ref()),
        }?;
        let kid = public.thumbprint();
        Ok(Self { pair, public, kid })
    }
}

/// The keys of the provider: the last one of an algorithm signs, the others still verify.
pub struct KeySet(Vec<SigningKey>);

impl KeySet {
    /// Oldest first.
    #[must_use]
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self(keys)
    }

    /// The key that signs with `algorithm` now.
    pub fn signer(&self, algorithm: Algorithm) -> Result<&SigningKey, Error> {
        let mut newest_first = self.0.iter().rev();
        newest_first.find(|key| key.algorithm() == algorithm).ok_or(Error::Missing(algorithm))
    }

    /// The public half of the key with this id.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.kid == kid).map(SigningKey::public)
    }

    /// The algorithms that can sign.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut all = Algorithm::ALL.to_vec();
        all.retain(|algorithm| self.signer(*algorithm).is_ok());
        all
    }

    /// The JWK set, RFC 7517 §5; public members alone.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.0.iter().map(SigningKey::jwk).collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests;
