//! DIDComm v2 envelopes as an attacker makes them: no rule of the specification is kept.
//!
//! Source: draft-madden-jose-ecdh-1pu-04 §2, RFC 7518 §4.6 and §5.2.5, RFC 3394. Written apart
//! from the agent's own code, so that the two do not share a mistake. X25519 alone.

use aes::cipher::{BlockEncryptMut, KeyIvInit, block_padding::Pkcs7};
use aes_kw::KekAes256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256, Sha512};
use x25519_dalek::{PublicKey, StaticSecret};

/// Base64url without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whom an envelope is for: the key's DID URL and its public half.
pub struct Recipient<'a> {
    /// The DID URL.
    pub kid: &'a str,
    /// The X25519 key.
    pub key: [u8; 32],
}

/// An envelope, as the attacker wants it.
pub struct Lie<'a> {
    /// The key that encrypts (authcrypt); `None` for anoncrypt.
    pub sender: Option<[u8; 32]>,
    /// What the header says of the sender's key.
    pub skid: Option<&'a str>,
    /// What the key derivation says of it.
    pub apu: Option<&'a str>,
    /// The ephemeral public key that is written down instead of the true one.
    pub epk: Option<Value>,
    /// More fields of the protected header, or others instead.
    pub header: Value,
}

impl<'a> Lie<'a> {
    /// The truth: from a key, under its id.
    pub fn from(kid: &'a str, secret: [u8; 32]) -> Self {
        let (skid, apu, header) = (Some(kid), Some(kid), json!({}));
        Self { sender: Some(secret), skid, apu, epk: None, header }
    }

    /// From nobody.
    pub fn anonymous() -> Self {
        Self { sender: None, skid: None, apu: None, epk: None, header: json!({}) }
    }

    /// Encrypts any bytes: a plaintext, or another envelope.
    pub fn encrypt(&self, content: &[u8], to: &Recipient) -> Vec<u8> {
        let ephemeral = StaticSecret::random_from_rng(rand_core::OsRng);
        let public = PublicKey::from(&ephemeral);
        let true_epk = json!({ "kty": "OKP", "crv": "X25519", "x": base64url(public.as_bytes()) });
        let alg = if self.sender.is_some() { "ECDH-1PU+A256KW" } else { "ECDH-ES+A256KW" };
        let apv = Sha256::digest(to.kid);
        let mut header = json!({
            "typ": "application/didcomm-encrypted+json", "alg": alg, "enc": "A256CBC-HS512",
            "apv": base64url(apv), "epk": self.epk.clone().unwrap_or(true_epk),
        });
        for (name, value) in [("skid", self.skid), ("apu", self.apu.map(base64url).as_deref())] {
            if let Some(value) = value {
                header[name] = json!(value);
            }
        }
        for (name, value) in self.header.as_object().into_iter().flatten() {
            header[name] = value.clone();
        }
        let protected = base64url(header.to_string());
        let (cek, iv) = (random::<64>(), random::<16>());
        let (ciphertext, tag) = seal(&cek, &iv, protected.as_bytes(), content);
        let mut agreed = ephemeral.diffie_hellman(&to.key.into()).as_bytes().to_vec();
        if let Some(sender) = self.sender {
            agreed.extend(StaticSecret::from(sender).diffie_hellman(&to.key.into()).as_bytes());
        }
        let tag_in_key = self.sender.is_some().then_some(tag.as_slice());
        let apu = self.apu.unwrap_or_default().as_bytes();
        let key = derive(&agreed, alg, apu, &apv, tag_in_key);
        let wrapped = KekAes256::from(key).wrap_vec(&cek).unwrap();
        let envelope = json!({
            "protected": protected,
            "recipients": [
                { "header": { "kid": to.kid }, "encrypted_key": base64url(wrapped) },
            ],
            "iv": base64url(iv), "ciphertext": base64url(ciphertext), "tag": base64url(tag),
        });
        envelope.to_string().into_bytes()
    }
}

/// Signs any bytes under any key id (EdDSA, RFC 7515 §7.2.1).
pub fn sign(content: &[u8], kid: &str, key: &SigningKey) -> Vec<u8> {
    let header = json!({ "typ": "application/didcomm-signed+json", "alg": "EdDSA" });
    let (protected, payload) = (base64url(header.to_string()), base64url(content));
    let signature = key.sign(format!("{protected}.{payload}").as_bytes()).to_bytes();
    let signature = json!({
        "protected": protected, "signature": base64url(signature), "header": { "kid": kid },
    });
    json!({ "payload": payload, "signatures": [signature] }).to_string().into_bytes()
}

/// The same envelope with other fields at its outside.
pub fn outside(envelope: &[u8], fields: Value) -> Vec<u8> {
    let mut envelope: Map<String, Value> = serde_json::from_slice(envelope).unwrap();
    envelope.extend(fields.as_object().unwrap().clone());
    Value::Object(envelope).to_string().into_bytes()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand_core::RngCore::fill_bytes(&mut rand_core::OsRng, &mut bytes);
    bytes
}

fn derive(agreed: &[u8], alg: &str, apu: &[u8], apv: &[u8], tag: Option<&[u8]>) -> [u8; 32] {
    let sized = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let tag = tag.map(sized).unwrap_or_default();
    let (alg, apu, apv) = (sized(alg.as_bytes()), sized(apu), sized(apv));
    let bits = 256_u32.to_be_bytes();
    let parts: [&[u8]; 7] = [&1_u32.to_be_bytes(), agreed, &alg, &apu, &apv, &bits, &tag];
    Sha256::digest(parts.concat()).into()
}

fn seal(cek: &[u8; 64], iv: &[u8; 16], aad: &[u8], content: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(&cek[32..], iv).unwrap();
    let ciphertext = cipher.encrypt_padded_vec_mut::<Pkcs7>(content);
    let mut mac = <Hmac<Sha512> as Mac>::new_from_slice(&cek[..32]).unwrap();
    let aad_bits = (aad.len() as u64 * 8).to_be_bytes();
    for part in [aad, iv, &ciphertext, &aad_bits] {
        mac.update(part);
    }
    let tag = mac.finalize().into_bytes()[..32].to_vec();
    (ciphertext, tag)
}
