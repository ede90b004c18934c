//! Closing an Aries envelope, and wrapping it for a mediator.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use crypto_box::SecretKey;
use crypto_box::aead::Aead;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRngCore;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::open::public_key;
use super::{ANONCRYPT, AUTHCRYPT, Agreements, BOX_NONCE_BYTES, ENC, IV_BYTES, TYP};
use crate::base64::{encode, encode_padded};
use crate::envelope::RECIPIENTS_MAX;
use crate::{Error, Message, MessageType, Version};

/// Packs `plaintext` for Ed25519 verkeys: authcrypt with a `sender`, anoncrypt without.
///
/// # Errors
/// [`Error::Misuse`] without recipients, with the same one twice, or with a key that is no point
/// of the curve; [`Error::TooManyRecipients`].
pub fn pack(
    plaintext: &[u8],
    recipients: &[[u8; 32]],
    sender: Option<&SigningKey>,
    entropy: &mut impl CryptoRngCore,
) -> Result<Vec<u8>, Error> {
    pack_with(plaintext, recipients, sender, entropy, &Agreements::forgetting())
}

/// As [`pack`], with agreements remembered between calls.
///
/// # Errors
/// As [`pack`].
pub fn pack_with(
    plaintext: &[u8],
    recipients: &[[u8; 32]],
    sender: Option<&SigningKey>,
    entropy: &mut impl CryptoRngCore,
    agreements: &Agreements,
) -> Result<Vec<u8>, Error> {
    pack_as(plaintext, recipients, sender, entropy, (Form::Plain, agreements))
}

/// As [`pack`], written as agents on libsodium write and demand it: base64url with padding, and
/// `null` for the sender that anoncrypt does not have.
///
/// # Errors
/// As [`pack`].
pub fn pack_padded(
    plaintext: &[u8],
    recipients: &[[u8; 32]],
    sender: Option<&SigningKey>,
    entropy: &mut impl CryptoRngCore,
) -> Result<Vec<u8>, Error> {
    let known = &Agreements::forgetting();
    pack_as(plaintext, recipients, sender, entropy, (Form::Padded, known))
}

/// How an envelope is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Padded,
}

impl Form {
    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Plain => encode(bytes),
            Self::Padded => encode_padded(bytes),
        }
    }
}

fn pack_as(
    plaintext: &[u8],
    recipients: &[[u8; 32]],
    sender: Option<&SigningKey>,
    entropy: &mut impl CryptoRngCore,
    (form, agreements): (Form, &Agreements),
) -> Result<Vec<u8>, Error> {
    if recipients.len() > RECIPIENTS_MAX {
        return Err(Error::TooManyRecipients);
    }
    if recipients.is_empty() {
        return Err(Error::Misuse("no recipient"));
    }
    let mut cek = Zeroizing::new([0; 32]);
    entropy.fill_bytes(&mut cek[..]);
    let mut entries = Vec::with_capacity(recipients.len());
    for (index, recipient) in recipients.iter().enumerate() {
        if recipients[..index].contains(recipient) {
            return Err(Error::Misuse("one recipient twice"));
        }
        entries.push(recipient_entry(recipient, sender, &cek, entropy, (form, agreements))?);
    }
    let header = json!({
        "enc": ENC,
        "typ": TYP,
        "alg": if sender.is_some() { AUTHCRYPT } else { ANONCRYPT },
        "recipients": entries,
    });
    let protected = form.encode(header.to_string().as_bytes());
    let mut iv = [0; IV_BYTES];
    entropy.fill_bytes(&mut iv);
    let mut ciphertext = plaintext.to_vec();
    let tag = ChaCha20Poly1305::new(Key::from_slice(&cek[..]))
        .encrypt_in_place_detached(Nonce::from_slice(&iv), protected.as_bytes(), &mut ciphertext)
        .map_err(|_| Error::Misuse("plaintext too long"))?;
    let envelope = json!({
        "protected": protected,
        "iv": form.encode(&iv),
        "ciphertext": form.encode(&ciphertext),
        "tag": form.encode(&tag),
    });
    Ok(envelope.to_string().into_bytes())
}

fn recipient_entry(
    recipient: &[u8; 32],
    sender: Option<&SigningKey>,
    cek: &[u8; 32],
    entropy: &mut impl CryptoRngCore,
    (form, agreements): (Form, &Agreements),
) -> Result<Value, Error> {
    let kid = bs58::encode(recipient).into_string();
    let recipient = public_key(recipient).map_err(|_| Error::Misuse("a recipient is no key"))?;
    let closed = |_| Error::Misuse("box not closed");
    let Some(sender) = sender else {
        let sealed = recipient.seal(entropy, cek).map_err(closed)?;
        let header = match form {
            Form::Plain => json!({ "kid": kid }),
            Form::Padded => json!({ "kid": kid, "sender": null, "iv": null }),
        };
        return Ok(json!({ "encrypted_key": form.encode(&sealed), "header": header }));
    };
    let verkey = bs58::encode(sender.verifying_key().as_bytes()).into_string();
    let sealed_sender = recipient.seal(entropy, verkey.as_bytes()).map_err(closed)?;
    let mut nonce = [0; BOX_NONCE_BYTES];
    entropy.fill_bytes(&mut nonce);
    let secret = SecretKey::from(sender.to_scalar_bytes());
    let mine = sender.verifying_key().to_bytes();
    let boxed = agreements.between(&mine, &secret, &recipient).encrypt((&nonce).into(), &cek[..]);
    Ok(json!({
        "encrypted_key": form.encode(&boxed.map_err(closed)?),
        "header":
            {"kid": kid, "sender": form.encode(&sealed_sender), "iv": form.encode(&nonce)},
    }))
}

/// The plaintext that asks a mediator to pass `packed` on to `to`, a base58 verkey or a DID.
///
/// Source: RFC 0094 §Forward. Pack the result with [`pack`], anonymously, for the mediator's key.
///
/// # Errors
/// [`Error::Misuse`] when `packed` is not an envelope.
pub fn forward(to: &str, packed: &[u8], id: &str) -> Result<Vec<u8>, Error> {
    let envelope: Map<String, Value> =
        serde_json::from_slice(packed).map_err(|_| Error::Misuse("not an envelope"))?;
    let kind = MessageType::new("routing", (1, 0), "forward");
    let forward = Message::new(Version::V1, id, kind);
    let forward = forward.with_body(&json!({"to": to, "msg": envelope}))?;
    Ok(forward.to_bytes())
}
