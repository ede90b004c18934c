//! The Aries envelope: one content key, boxed for each recipient.
//!
//! Source: RFC 0019. `xchacha20poly1305_ietf` in its header is a historic misnomer: every
//! implementation encrypts with ChaCha20-Poly1305 and a 12-byte nonce (RFC 8439).
//!
//! The envelope proves the sender's verkey and nothing about what the plaintext claims.

mod agreements;
mod open;
mod pack;

use super::fields::Fields;
use super::{KID_BYTES_MAX, RECIPIENTS_MAX};
use crate::{Error, base64};

pub use agreements::Agreements;
pub use open::{Opened, open, open_with};
pub use pack::{forward, pack, pack_padded, pack_with};

/// Nonce and tag of ChaCha20-Poly1305.
const IV_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Nonce of the box that holds the content key.
const BOX_NONCE_BYTES: usize = 24;
/// Content key in a box from a known sender, and in a sealed box.
const BOXED_KEY_BYTES: usize = 32 + 16;
const SEALED_KEY_BYTES: usize = 32 + 48;
/// The longest base58 verkey, in a sealed box.
const SEALED_SENDER_BYTES_MAX: usize = 44 + 48;

const TYP: &str = "JWM/1.0";
const ENC: &str = "xchacha20poly1305_ietf";
const AUTHCRYPT: &str = "Authcrypt";
const ANONCRYPT: &str = "Anoncrypt";

/// An envelope of RFC 0019, checked in form.
#[derive(Clone, Debug)]
pub struct Envelope {
    protected: String,
    kids: Vec<String>,
    recipients: Vec<Recipient>,
    iv: [u8; IV_BYTES],
    tag: [u8; TAG_BYTES],
    ciphertext: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Recipient {
    encrypted_key: Vec<u8>,
    /// The sealed verkey of the sender and the nonce of the box; none in anoncrypt.
    sender: Option<(Vec<u8>, [u8; BOX_NONCE_BYTES])>,
}

impl Envelope {
    /// The verkeys of which one opens it, base58.
    #[must_use]
    pub fn recipients(&self) -> &[String] {
        &self.kids
    }

    pub(super) fn read(outer: &Fields, header: &Fields) -> Result<Self, Error> {
        header.refuse_extensions()?;
        if outer.has("aad") || outer.has("unprotected") {
            return Err(Error::Unsupported("aad"));
        }
        if header.text("typ")? != TYP {
            return Err(Error::Unsupported("typ"));
        }
        if ![ENC, "chacha20poly1305_ietf"].contains(&header.text("enc")?) {
            return Err(Error::Unsupported("enc"));
        }
        let is_authcrypt = match header.text("alg")? {
            AUTHCRYPT => true,
            ANONCRYPT => false,
            _ => return Err(Error::Unsupported("alg")),
        };
        let entries = header.objects("recipients", RECIPIENTS_MAX)?;
        let mut kids: Vec<String> = Vec::with_capacity(entries.len());
        let mut recipients = Vec::with_capacity(entries.len());
        for entry in &entries {
            let kid = read_kid(entry)?;
            if kids.contains(&kid) {
                return Err(Error::Envelope("one recipient twice"));
            }
            kids.push(kid);
            recipients.push(read_recipient(entry, is_authcrypt)?);
        }
        Ok(Self {
            protected: outer.text("protected")?.to_owned(),
            kids,
            recipients,
            iv: exactly(bytes(outer, "iv")?)?,
            tag: exactly(bytes(outer, "tag")?)?,
            ciphertext: bytes(outer, "ciphertext")?,
        })
    }
}

/// Whether a protected header is one of v1.
pub(super) fn is_v1(header: &Fields) -> bool {
    let is = |key, words: &[&str]| {
        header.optional(key).ok().flatten().is_some_and(|word| words.contains(&word))
    };
    is("typ", &[TYP]) || is("alg", &[AUTHCRYPT, ANONCRYPT]) || is("enc", &[ENC])
}

fn read_kid(entry: &Fields) -> Result<String, Error> {
    let header = entry.object("header")?;
    let kid = header.text("kid")?;
    if kid.len() > KID_BYTES_MAX || verkey(kid).is_none() {
        return Err(Error::Envelope("`kid` is not a verkey"));
    }
    Ok(kid.to_owned())
}

fn read_recipient(entry: &Fields, is_authcrypt: bool) -> Result<Recipient, Error> {
    let header = entry.object("header")?;
    let encrypted_key = bytes(entry, "encrypted_key")?;
    if !is_authcrypt {
        if header.has("sender") || header.has("iv") {
            return Err(Error::Envelope("a sender in anoncrypt"));
        }
        return if encrypted_key.len() == SEALED_KEY_BYTES {
            Ok(Recipient { encrypted_key, sender: None })
        } else {
            Err(Error::Undecryptable)
        };
    }
    if !header.has("sender") || !header.has("iv") {
        return Err(Error::Envelope("no sender in authcrypt"));
    }
    let sender = bytes(&header, "sender")?;
    if encrypted_key.len() != BOXED_KEY_BYTES || sender.len() > SEALED_SENDER_BYTES_MAX {
        return Err(Error::Undecryptable);
    }
    let nonce = exactly(bytes(&header, "iv")?)?;
    Ok(Recipient { encrypted_key, sender: Some((sender, nonce)) })
}

/// Base64url with or without padding: the RFC writes none, older agents do.
fn bytes(fields: &Fields, key: &str) -> Result<Vec<u8>, Error> {
    base64::decode_url_lenient(fields.text(key)?).ok_or(Error::Envelope("not base64url"))
}

fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| Error::Undecryptable)
}

/// The 32 bytes of a base58 verkey.
fn verkey(text: &str) -> Option<[u8; 32]> {
    if text.len() > 44 {
        return None;
    }
    bs58::decode(text).into_vec().ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
