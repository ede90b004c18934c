//! Signed messages: read, and verified against the signers' documents.
//!
//! Source: DIDComm v2 §DIDComm Signed Messages; RFC 7515 §7.2 (JSON serialization), RFC 8037,
//! RFC 7518 §3.4, RFC 8812.

use ed25519_dalek::VerifyingKey;
use p256::ecdsa::signature::Verifier;
use picomesh_did_resolver::{DidDocument, PublicKey};

use super::encrypted::{bytes, is_typ, kid};
use super::{did_of, document_of, is_same_did, related};
use crate::envelope::RECIPIENTS_MAX;
use crate::envelope::fields::Fields;
use crate::json::{self, JSON_DEPTH_MAX};
use crate::{Error, base64};

const TYP: &str = "application/didcomm-signed+json";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alg {
    EdDsa,
    Es256,
    Es256k,
}

#[derive(Clone, Debug)]
struct Signature {
    protected: String,
    alg: Alg,
    kid: String,
    bytes: Vec<u8>,
}

/// A signed message, checked in form.
#[derive(Clone, Debug)]
pub struct Signed {
    /// As it is signed.
    payload_text: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

impl Signed {
    /// The DID URLs of the keys that are said to have signed: resolve their DIDs.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| signature.kid.as_str())
    }

    pub(in crate::envelope) fn read(outer: &Fields) -> Result<Self, Error> {
        let payload = bytes(outer, "payload")?;
        let signatures = if outer.has("signatures") {
            let entries = outer.objects("signatures", RECIPIENTS_MAX)?;
            entries.iter().map(Signature::read).collect::<Result<Vec<_>, _>>()?
        } else {
            vec![Signature::read(outer)?]
        };
        Ok(Self { payload_text: outer.text("payload")?.to_owned(), payload, signatures })
    }

    /// Verifies every signature and returns the payload with the first signer's kid.
    ///
    /// One bad signature spoils all; all must come from one DID, so that it is clear who speaks.
    pub(super) fn verify(self, documents: &[&DidDocument]) -> Result<(Vec<u8>, String), Error> {
        let first = self.signatures.first().map(|signature| signature.kid.clone());
        let first = first.ok_or(Error::Signature("none"))?;
        for signature in &self.signatures {
            if !is_same_did(did_of(&signature.kid), did_of(&first)) {
                return Err(Error::Signature("more than one signer"));
            }
            signature.verify(&self.payload_text, documents)?;
        }
        Ok((self.payload, first))
    }
}

impl Signature {
    fn read(fields: &Fields) -> Result<Self, Error> {
        let protected = fields.text("protected")?;
        let header =
            base64::decode_url(protected).ok_or(Error::Envelope("`protected` is not base64url"))?;
        let header = Fields(json::parse_object(&header, JSON_DEPTH_MAX)?);
        header.refuse_extensions()?;
        if header.optional("typ")?.is_some_and(|typ| !is_typ(typ, TYP)) {
            return Err(Error::Unsupported("typ"));
        }
        let alg = match header.text("alg")? {
            "EdDSA" => Alg::EdDsa,
            "ES256" => Alg::Es256,
            "ES256K" => Alg::Es256k,
            _ => return Err(Error::Unsupported("alg")),
        };
        let kid = if header.has("kid") {
            kid(&header, "kid")?
        } else {
            kid(&fields.object("header")?, "kid")?
        };
        let bytes = bytes(fields, "signature")?;
        Ok(Self { protected: protected.to_owned(), alg, kid, bytes })
    }

    fn verify(&self, payload: &str, documents: &[&DidDocument]) -> Result<(), Error> {
        let document = document_of(&self.kid, documents)
            .ok_or_else(|| Error::Unresolved(did_of(&self.kid).to_owned()))?;
        let method = related(document, &document.authentication, &self.kid)
            .ok_or(Error::Signature("the key does not authenticate its DID"))?;
        let input = format!("{}.{payload}", self.protected);
        let is_valid = match (self.alg, &method.key) {
            (Alg::EdDsa, PublicKey::Ed25519(key)) => ed25519(key, input.as_bytes(), &self.bytes),
            (Alg::Es256, PublicKey::P256(key)) => p256(key, input.as_bytes(), &self.bytes),
            (Alg::Es256k, PublicKey::Secp256k1(key)) => k256(key, input.as_bytes(), &self.bytes),
            (Alg::EdDsa | Alg::Es256 | Alg::Es256k, _) => None,
        };
        is_valid.ok_or(Error::Signature("it does not hold"))
    }
}

fn ed25519(key: &[u8; 32], input: &[u8], signature: &[u8]) -> Option<()> {
    let key = VerifyingKey::from_bytes(key).ok()?;
    key.verify_strict(input, &ed25519_dalek::Signature::from_slice(signature).ok()?).ok()
}

/// `from_slice` refuses r or s of zero.
fn p256(key: &[u8], input: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    key.verify(input, &p256::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

/// RFC 8812 allows either half for s, the library the lower alone.
fn k256(key: &[u8], input: &[u8], signature: &[u8]) -> Option<()> {
    let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = k256::ecdsa::Signature::from_slice(signature).ok()?;
    let signature = signature.normalize_s().unwrap_or(signature);
    key.verify(input, &signature).ok()
}
