//! The form of an encrypted message, checked against the specification before any cryptography.
//!
//! Source: DIDComm v2 §Encrypted Messages, §Curves and Content Encryption Algorithms,
//! §Key Wrapping; RFC 7518 §4.6 (`epk`, `apu`, `apv`).

use picomesh_did_resolver::PublicKey;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Secret, is_same_kid};
use crate::envelope::fields::Fields;
use crate::envelope::{KID_BYTES_MAX, RECIPIENTS_MAX};
use crate::{Error, base64};

const TYP: &str = "application/didcomm-encrypted+json";

/// How the key that wraps the content key is agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alg {
    /// With the sender's static key: proves the sender.
    Authcrypt,
    /// With an ephemeral key alone: proves nothing.
    Anoncrypt,
}

impl Alg {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Authcrypt => "ECDH-1PU+A256KW",
            Self::Anoncrypt => "ECDH-ES+A256KW",
        }
    }
}

/// How the content is encrypted. Authcrypt allows the first alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enc {
    /// A256CBC-HS512.
    A256CbcHs512,
    /// A256GCM.
    A256Gcm,
    /// XC20P.
    Xc20p,
}

impl Enc {
    fn iv_bytes(self) -> usize {
        match self {
            Self::A256CbcHs512 => 16,
            Self::A256Gcm => 12,
            Self::Xc20p => 24,
        }
    }

    fn tag_bytes(self) -> usize {
        match self {
            Self::A256CbcHs512 => 32,
            Self::A256Gcm | Self::Xc20p => 16,
        }
    }

    /// The content key, wrapped: RFC 3394 adds eight bytes.
    fn wrapped_key_bytes(self) -> usize {
        match self {
            Self::A256CbcHs512 => 64 + 8,
            Self::A256Gcm | Self::Xc20p => 32 + 8,
        }
    }
}

/// An encrypted message, checked in form.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub(super) protected: String,
    pub(super) alg: Alg,
    pub(super) enc: Enc,
    pub(super) epk: PublicKey,
    pub(super) skid: Option<String>,
    pub(super) apu: Vec<u8>,
    pub(super) apv: Vec<u8>,
    pub(super) kids: Vec<String>,
    pub(super) wrapped_keys: Vec<Vec<u8>>,
    pub(super) iv: Vec<u8>,
    pub(super) tag: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
}

impl Envelope {
    /// The DID URLs of the keys of which one opens it.
    #[must_use]
    pub fn recipients(&self) -> &[String] {
        &self.kids
    }

    /// The DID URL of the sender's key (authcrypt).
    #[must_use]
    pub fn sender_kid(&self) -> Option<&str> {
        self.skid.as_deref()
    }

    /// The first recipient key that we hold, with its wrapped content key.
    pub(super) fn for_secret<'a>(&self, secrets: &'a [Secret]) -> Option<(&'a Secret, &[u8])> {
        self.kids.iter().zip(&self.wrapped_keys).find_map(|(kid, wrapped)| {
            let secret = secrets.iter().find(|secret| is_same_kid(&secret.kid, kid))?;
            Some((secret, wrapped.as_slice()))
        })
    }

    pub(in crate::envelope) fn read(outer: &Fields, header: &Fields) -> Result<Self, Error> {
        header.refuse_extensions()?;
        if outer.has("aad") || outer.has("unprotected") {
            return Err(Error::Unsupported("aad"));
        }
        if header.optional("typ")?.is_some_and(|typ| !is_typ(typ, TYP)) {
            return Err(Error::Unsupported("typ"));
        }
        let (alg, enc) = algorithms(header)?;
        let (kids, wrapped_keys) = recipients(outer, enc)?;
        let (skid, apu) = sender(header, alg)?;
        let apv = bytes(header, "apv")?;
        if apv != expected_apv(&kids) {
            return Err(Error::Envelope("`apv` is not the hash of the recipients"));
        }
        let iv = bytes(outer, "iv")?;
        let tag = bytes(outer, "tag")?;
        if iv.len() != enc.iv_bytes() || tag.len() != enc.tag_bytes() {
            return Err(Error::Undecryptable);
        }
        Ok(Self {
            protected: outer.text("protected")?.to_owned(),
            alg,
            enc,
            epk: epk(header)?,
            skid,
            apu,
            apv,
            kids,
            wrapped_keys,
            iv,
            tag,
            ciphertext: bytes(outer, "ciphertext")?,
        })
    }
}

/// RFC 7515 §4.1.9: `application/` may be left out.
pub(super) fn is_typ(typ: &str, expected: &str) -> bool {
    typ == expected || expected.strip_prefix("application/") == Some(typ)
}

/// DIDComm v2 §Curves and Content Encryption Algorithms: authcrypt knows A256CBC-HS512 alone.
fn algorithms(header: &Fields) -> Result<(Alg, Enc), Error> {
    let alg = match header.text("alg")? {
        "ECDH-1PU+A256KW" => Alg::Authcrypt,
        "ECDH-ES+A256KW" => Alg::Anoncrypt,
        _ => return Err(Error::Unsupported("alg")),
    };
    let enc = match header.text("enc")? {
        "A256CBC-HS512" => Enc::A256CbcHs512,
        "A256GCM" => Enc::A256Gcm,
        "XC20P" => Enc::Xc20p,
        _ => return Err(Error::Unsupported("enc")),
    };
    match (alg, enc) {
        (Alg::Authcrypt, Enc::A256Gcm | Enc::Xc20p) => Err(Error::Unsupported("enc")),
        (Alg::Authcrypt, Enc::A256CbcHs512) | (Alg::Anoncrypt, _) => Ok((alg, enc)),
    }
}

type Recipients = (Vec<String>, Vec<Vec<u8>>);

fn recipients(outer: &Fields, enc: Enc) -> Result<Recipients, Error> {
    let entries = outer.objects("recipients", RECIPIENTS_MAX)?;
    let mut kids: Vec<String> = Vec::with_capacity(entries.len());
    let mut wrapped_keys = Vec::with_capacity(entries.len());
    for entry in &entries {
        let header = entry.object("header")?;
        header.refuse_extensions()?;
        let kid = kid(&header, "kid")?;
        if kids.contains(&kid) {
            return Err(Error::Envelope("one recipient twice"));
        }
        kids.push(kid);
        let wrapped = bytes(entry, "encrypted_key")?;
        if wrapped.len() != enc.wrapped_key_bytes() {
            return Err(Error::Undecryptable);
        }
        wrapped_keys.push(wrapped);
    }
    Ok((kids, wrapped_keys))
}

/// The sender's key and `apu`. Authcrypt names it twice, and both must agree (§ECDH-1PU).
///
/// The specification would take `apu` alone; every agent writes `skid`, and one place is enough
/// to lie in, so its absence is refused.
fn sender(header: &Fields, alg: Alg) -> Result<(Option<String>, Vec<u8>), Error> {
    let apu = match header.optional("apu")? {
        Some(text) => base64::decode_url(text).ok_or(Error::Envelope("`apu` is not base64url"))?,
        None => Vec::new(),
    };
    match alg {
        Alg::Anoncrypt if header.has("skid") => Err(Error::Envelope("`skid` in anoncrypt")),
        Alg::Anoncrypt => Ok((None, apu)),
        Alg::Authcrypt => {
            let skid = kid(header, "skid")?;
            if skid.as_bytes() != apu {
                return Err(Error::Envelope("`skid` is not `apu`"));
            }
            Ok((Some(skid), apu))
        }
    }
}

/// DIDComm v2 §ECDH-ES: SHA-256 over the sorted kids, joined with dots.
fn expected_apv(kids: &[String]) -> Vec<u8> {
    let mut sorted: Vec<&str> = kids.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    Sha256::digest(sorted.join(".")).to_vec()
}

/// The ephemeral key: on its curve, not of low order, and public.
fn epk(header: &Fields) -> Result<PublicKey, Error> {
    let epk = header.object("epk")?;
    let kind = (epk.text("kty")?, epk.text("crv")?);
    if !matches!(kind, ("OKP", "X25519") | ("EC", "P-256" | "P-384")) {
        return Err(Error::Unsupported("epk"));
    }
    if epk.has("d") {
        return Err(Error::Envelope("`epk` is private"));
    }
    PublicKey::from_jwk(&Value::Object(epk.0)).map_err(|_| Error::Undecryptable)
}

/// A DID URL that names a key.
pub(super) fn kid(fields: &Fields, key: &str) -> Result<String, Error> {
    let kid = fields.text(key)?;
    let is_key = kid.starts_with("did:") && kid.split_once('#').is_some_and(|(_, f)| !f.is_empty());
    if !is_key || kid.len() > KID_BYTES_MAX {
        return Err(Error::Envelope("a kid is not a DID URL"));
    }
    Ok(kid.to_owned())
}

/// Base64url without padding (RFC 7515 §2).
pub(super) fn bytes(fields: &Fields, key: &str) -> Result<Vec<u8>, Error> {
    base64::decode_url(fields.text(key)?).ok_or(Error::Envelope("not base64url"))
}
