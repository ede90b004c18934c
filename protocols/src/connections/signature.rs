//! The `~sig` decorator around the response's `connection`.
//!
//! Source: RFC 0234 and its scheme `ed25519Sha512_single`. The RFC writes `signer` in base64url, its
//! implementations in base58; we write what they read and read both.
//!
//! Absent on purpose: a judgement on the timestamp, for which the RFC gives no rule. Replays are
//! caught by the thread.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use picomesh_did_resolver::{DOCUMENT_BYTES_MAX, PublicKey, method::key::naked_key};
use picomesh_didcomm::json::{self, JSON_DEPTH_MAX};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TYPE: &str = "https://didcomm.org/signature/1.0/ed25519Sha512_single";
/// A big-endian count of seconds stands in front of the signed JSON.
const TIMESTAMP_BYTES: usize = 8;

/// ACA-Py wants padding in what it reads, others leave it out: write it, read both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A signed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    #[serde(rename = "@type")]
    kind: String,
    signature: String,
    sig_data: String,
    signer: String,
}

/// Signs `value` at `now`, seconds since 1970.
#[must_use]
pub fn sign(value: &Value, now: u64, key: &SigningKey) -> Signature {
    let mut data = now.to_be_bytes().to_vec();
    data.extend_from_slice(value.to_string().as_bytes());
    Signature {
        kind: TYPE.to_owned(),
        signature: BASE64.encode(key.sign(&data).to_bytes()),
        sig_data: BASE64.encode(&data),
        signer: PublicKey::Ed25519(key.verifying_key().to_bytes()).to_base58(),
    }
}

impl Signature {
    /// The signed value and the key that signed it; the reason of a refusal is for our log.
    pub(super) fn open(&self) -> Result<(Value, [u8; 32]), String> {
        let is_known = self.kind.ends_with("/signature/1.0/ed25519Sha512_single")
            || self.kind.ends_with(";spec/signature/1.0/ed25519Sha512_single");
        if !is_known {
            return Err("an unknown signature scheme".to_owned());
        }
        if self.sig_data.len() > 2 * DOCUMENT_BYTES_MAX {
            return Err("the signed value is too large".to_owned());
        }
        let signer = self.signer_key().ok_or("the signer is not an Ed25519 key")?;
        let data = decode(&self.sig_data).ok_or("sig_data is not base64url")?;
        let signature = decode(&self.signature).ok_or("signature is not base64url")?;
        let signature = ed25519_dalek::Signature::from_slice(&signature)
            .map_err(|_| "signature is not 64 bytes")?;
        let key = VerifyingKey::from_bytes(&signer).map_err(|_| "the signer is not a point")?;
        key.verify_strict(&data, &signature).map_err(|_| "the signature does not hold")?;
        let (_, json) =
            data.split_at_checked(TIMESTAMP_BYTES).ok_or("sig_data has no timestamp")?;
        let value = json::parse(json, JSON_DEPTH_MAX).map_err(|error| error.to_string())?;
        Ok((value, signer))
    }

    fn signer_key(&self) -> Option<[u8; 32]> {
        let base58 = naked_key(&self.signer).ok();
        base58.or_else(|| decode(&self.signer)?.try_into().ok())
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}
