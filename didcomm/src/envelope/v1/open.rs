//! Opening an Aries envelope.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce, Tag};
use crypto_box::aead::Aead;
use crypto_box::{PublicKey, SecretKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::{Agreements, Envelope, Recipient, verkey};
use crate::Error;
use crate::envelope::low_order::is_low_order;

/// What an envelope held, and whose key closed it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The message, or the envelope of the next hop's forward.
    pub plaintext: Vec<u8>,
    /// The Ed25519 verkey of the sender; `None` in anoncrypt.
    pub sender: Option<[u8; 32]>,
    /// The verkey that opened it, base58.
    pub recipient: String,
}

/// Opens an envelope with the key of one recipient.
///
/// # Errors
/// [`Error::Undecryptable`], whatever the cause.
pub fn open(
    envelope: &Envelope,
    recipient_verkey: &str,
    key: &SigningKey,
) -> Result<Opened, Error> {
    open_with(envelope, recipient_verkey, key, &Agreements::forgetting())
}

/// As [`open`], with agreements remembered between calls.
///
/// # Errors
/// As [`open`].
pub fn open_with(
    envelope: &Envelope,
    recipient_verkey: &str,
    key: &SigningKey,
    agreements: &Agreements,
) -> Result<Opened, Error> {
    let index = envelope.kids.iter().position(|kid| kid == recipient_verkey);
    let recipient = index.and_then(|index| envelope.recipients.get(index));
    let recipient = recipient.ok_or(Error::Undecryptable)?;
    let secret = SecretKey::from(key.to_scalar_bytes());
    let mine = key.verifying_key().to_bytes();
    let (cek, sender) = content_key(recipient, (&mine, &secret), agreements)?;
    let mut plaintext = envelope.ciphertext.clone();
    ChaCha20Poly1305::new(Key::from_slice(&cek[..]))
        .decrypt_in_place_detached(
            Nonce::from_slice(&envelope.iv),
            envelope.protected.as_bytes(),
            &mut plaintext,
            Tag::from_slice(&envelope.tag),
        )
        .map_err(|_| Error::Undecryptable)?;
    Ok(Opened { plaintext, sender, recipient: recipient_verkey.to_owned() })
}

type ContentKey = Zeroizing<[u8; 32]>;

/// RFC 0019 §unpack_message: the content key, and who boxed it.
fn content_key(
    recipient: &Recipient,
    (mine, secret): (&[u8; 32], &SecretKey),
    agreements: &Agreements,
) -> Result<(ContentKey, Option<[u8; 32]>), Error> {
    let Some((sealed_sender, nonce)) = &recipient.sender else {
        let cek = unseal(secret, &recipient.encrypted_key)?;
        return Ok((to_key(&cek)?, None));
    };
    let sender = unseal(secret, sealed_sender)?;
    let sender = std::str::from_utf8(&sender).ok().and_then(verkey).ok_or(Error::Undecryptable)?;
    let cek = agreements
        .between(mine, secret, &public_key(&sender)?)
        .decrypt(nonce.into(), &recipient.encrypted_key[..])
        .map_err(|_| Error::Undecryptable)?;
    Ok((to_key(&Zeroizing::new(cek))?, Some(sender)))
}

fn unseal(secret: &SecretKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let ephemeral = sealed.first_chunk::<32>().ok_or(Error::Undecryptable)?;
    if is_low_order(ephemeral) {
        return Err(Error::Undecryptable);
    }
    secret.unseal(sealed).map(Zeroizing::new).map_err(|_| Error::Undecryptable)
}

fn to_key(bytes: &[u8]) -> Result<ContentKey, Error> {
    bytes.try_into().map(Zeroizing::new).map_err(|_| Error::Undecryptable)
}

/// The X25519 key of a verkey. A point of low order would make the box provable by anyone.
pub(super) fn public_key(verkey: &[u8; 32]) -> Result<PublicKey, Error> {
    let key = VerifyingKey::from_bytes(verkey).map_err(|_| Error::Undecryptable)?;
    let point = key.to_montgomery().to_bytes();
    if key.is_weak() || is_low_order(&point) {
        return Err(Error::Undecryptable);
    }
    Ok(PublicKey::from(point))
}
