//! The content: unwrap its key, then decrypt.
//!
//! Source: RFC 3394 (A256KW), RFC 7518 §5.2.5 (A256CBC-HS512), §5.3 (A256GCM),
//! draft-amringer-jose-chacha-02 (XC20P).

use aes::cipher::{BlockDecryptMut, KeyIvInit, block_padding::Pkcs7};
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_kw::KekAes256;
use chacha20poly1305::XChaCha20Poly1305;
use hmac::{Hmac, Mac};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::encrypted::{Enc, Envelope};
use crate::Error;

/// Decrypts the content of `envelope`, given its wrapped content key.
///
/// # Errors
/// [`Error::Undecryptable`], whatever the cause.
pub(super) fn decrypt(
    envelope: &Envelope,
    wrapping_key: &[u8; 32],
    wrapped_key: &[u8],
) -> Result<Vec<u8>, Error> {
    let cek = KekAes256::from(*wrapping_key).unwrap_vec(wrapped_key).map_err(undecryptable)?;
    let cek = Zeroizing::new(cek);
    match envelope.enc {
        Enc::A256CbcHs512 => cbc_hmac(envelope, &cek),
        Enc::A256Gcm => {
            let cipher = Aes256Gcm::new_from_slice(&cek).map_err(undecryptable)?;
            aead(&cipher, envelope)
        }
        Enc::Xc20p => {
            let cipher = XChaCha20Poly1305::new_from_slice(&cek).map_err(undecryptable)?;
            aead(&cipher, envelope)
        }
    }
}

/// The lengths of nonce and tag were checked when the envelope was read.
fn aead<C: Aead>(cipher: &C, envelope: &Envelope) -> Result<Vec<u8>, Error> {
    let msg = [envelope.ciphertext.as_slice(), &envelope.tag].concat();
    let payload = Payload { msg: &msg, aad: envelope.protected.as_bytes() };
    let nonce = aes_gcm::aead::generic_array::GenericArray::from_slice(&envelope.iv);
    cipher.decrypt(nonce, payload).map_err(undecryptable)
}

/// RFC 7518 §5.2.2.2: the tag first; nothing is decrypted before it holds, so that padding tells
/// nobody anything.
fn cbc_hmac(envelope: &Envelope, cek: &[u8]) -> Result<Vec<u8>, Error> {
    let (mac_key, enc_key) = cek.split_at_checked(32).ok_or(Error::Undecryptable)?;
    let aad = envelope.protected.as_bytes();
    let aad_bits = u64::try_from(aad.len()).map_err(undecryptable)? * 8;
    let mut mac = <Hmac<Sha512> as Mac>::new_from_slice(mac_key).map_err(undecryptable)?;
    mac.update(aad);
    mac.update(&envelope.iv);
    mac.update(&envelope.ciphertext);
    mac.update(&aad_bits.to_be_bytes());
    let expected = mac.finalize().into_bytes();
    if !bool::from(expected[..32].ct_eq(&envelope.tag)) {
        return Err(Error::Undecryptable);
    }
    cbc::Decryptor::<aes::Aes256>::new_from_slices(enc_key, &envelope.iv)
        .map_err(undecryptable)?
        .decrypt_padded_vec_mut::<Pkcs7>(&envelope.ciphertext)
        .map_err(undecryptable)
}

fn undecryptable<E>(_: E) -> Error {
    Error::Undecryptable
}
