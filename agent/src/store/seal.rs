//! Encryption at rest: XChaCha20-Poly1305, the row's place authenticated with it.
//!
//! Each pico has a data key; the store key wraps the data keys. A sealed value opens only in
//! the place (table, pico, key) that it was sealed for, so swapped rows are found.

use super::StoreError;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;

/// A key that seals values.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A key from its bytes.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// A fresh key from the operating system.
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// Seals a value for one place.
    pub fn seal(&self, place: &[&str], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        OsRng.fill_bytes(&mut nonce);
        let payload = Payload { msg: plain, aad: &join(place) };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.expect("a value of memory size is below the cipher's limit");
        [&[FORMAT], &nonce[..], &sealed].concat()
    }

    /// Opens a value that was sealed for this place.
    pub fn open(&self, place: &[&str], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let what = "value";
        let (format, rest) = sealed.split_first().ok_or(StoreError::Sealed(what))?;
        if *format != FORMAT || rest.len() < NONCE_BYTES {
            return Err(StoreError::Sealed(what));
        }
        let (nonce, body) = rest.split_at(NONCE_BYTES);
        let payload = Payload { msg: body, aad: &join(place) };
        let opened = self.cipher().decrypt(XNonce::from_slice(nonce), payload);
        opened.map_err(|_| StoreError::Sealed(what))
    }

    /// Seals a data key with this key.
    pub fn wrap(&self, pico: &str, key: &DataKey) -> Vec<u8> {
        self.seal(&["pico", pico, "data_key"], key.0.as_ref())
    }

    /// Opens a data key that was sealed with this key.
    pub fn unwrap_key(&self, pico: &str, wrapped: &[u8]) -> Result<DataKey, StoreError> {
        let bytes = Zeroizing::new(self.open(&["pico", pico, "data_key"], wrapped)?);
        let bytes: [u8; 32] =
            bytes.as_slice().try_into().map_err(|_| StoreError::Sealed("data key"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

/// The parts of a place, each with its length, so that no two places join alike.
fn join(place: &[&str]) -> Vec<u8> {
    let mut joined = Vec::new();
    for part in place {
        joined.extend((part.len() as u32).to_be_bytes());
        joined.extend(part.as_bytes());
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_in_its_place() {
        let key = DataKey::generate();
        let sealed = key.seal(&["t", "p", "k"], b"value");
        assert_eq!(key.open(&["t", "p", "k"], &sealed).unwrap(), b"value");
        assert!(key.open(&["t", "q", "k"], &sealed).is_err());
        assert!(key.open(&["t", "pk", ""], &sealed).is_err());
        assert!(DataKey::generate().open(&["t", "p", "k"], &sealed).is_err());
    }

    #[test]
    fn a_flipped_bit_is_found() {
        let key = DataKey::generate();
        let sealed = key.seal(&["t"], b"value");
        for i in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[i] ^= 1;
            assert!(key.open(&["t"], &bad).is_err(), "byte {i}");
            assert!(key.open(&["t"], &sealed[..i]).is_err(), "length {i}");
        }
    }
}
