//! Hashes by the names that OpenSSL gives them.
//!
//! MD5, SHA-1 and RIPEMD-160 are here because programs ask for them; nothing of the engine relies
//! on them.

use sha3::digest::{Digest, ExtendableOutput, Update, XofReader};

/// The names that the reference lists, in its order.
pub(super) const NAMES: &[&str] = &[
    "RSA-MD5",
    "RSA-RIPEMD160",
    "RSA-SHA1",
    "RSA-SHA1-2",
    "RSA-SHA224",
    "RSA-SHA256",
    "RSA-SHA3-224",
    "RSA-SHA3-256",
    "RSA-SHA3-384",
    "RSA-SHA3-512",
    "RSA-SHA384",
    "RSA-SHA512",
    "RSA-SHA512/224",
    "RSA-SHA512/256",
    "RSA-SM3",
    "blake2b512",
    "blake2s256",
    "id-rsassa-pkcs1-v1_5-with-sha3-224",
    "id-rsassa-pkcs1-v1_5-with-sha3-256",
    "id-rsassa-pkcs1-v1_5-with-sha3-384",
    "id-rsassa-pkcs1-v1_5-with-sha3-512",
    "md5",
    "md5-sha1",
    "md5WithRSAEncryption",
    "ripemd",
    "ripemd160",
    "ripemd160WithRSA",
    "rmd160",
    "sha1",
    "sha1WithRSAEncryption",
    "sha224",
    "sha224WithRSAEncryption",
    "sha256",
    "sha256WithRSAEncryption",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "sha384",
    "sha384WithRSAEncryption",
    "sha512",
    "sha512-224",
    "sha512-224WithRSAEncryption",
    "sha512-256",
    "sha512-256WithRSAEncryption",
    "sha512WithRSAEncryption",
    "shake128",
    "shake256",
    "sm3",
    "sm3WithRSAEncryption",
    "ssl3-md5",
    "ssl3-sha1",
];

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Md5Sha1,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Shake128,
    Shake256,
    Blake2b,
    Blake2s,
    Ripemd160,
    Sm3,
}

impl Algorithm {
    pub(super) fn find(name: &str) -> Option<Self> {
        if !NAMES.contains(&name) {
            return None;
        }
        let name = name.strip_prefix("RSA-").unwrap_or(name);
        let name = name.strip_prefix("id-rsassa-pkcs1-v1_5-with-").unwrap_or(name);
        let name = name.strip_prefix("ssl3-").unwrap_or(name);
        let name = name.strip_suffix("WithRSAEncryption").unwrap_or(name);
        Some(match &*name.to_ascii_lowercase() {
            "md5" => Self::Md5,
            "md5-sha1" => Self::Md5Sha1,
            "sha1" | "sha1-2" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            "sha512/224" | "sha512-224" => Self::Sha512_224,
            "sha512/256" | "sha512-256" => Self::Sha512_256,
            "sha3-224" => Self::Sha3_224,
            "sha3-256" => Self::Sha3_256,
            "sha3-384" => Self::Sha3_384,
            "sha3-512" => Self::Sha3_512,
            "shake128" => Self::Shake128,
            "shake256" => Self::Shake256,
            "blake2b512" => Self::Blake2b,
            "blake2s256" => Self::Blake2s,
            "ripemd" | "ripemd160" | "ripemd160withrsa" | "rmd160" => Self::Ripemd160,
            "sm3" => Self::Sm3,
            _ => return None,
        })
    }

    pub(super) fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => digest::<md5::Md5>(parts),
            Self::Md5Sha1 => [digest::<md5::Md5>(parts), digest::<sha1::Sha1>(parts)].concat(),
            Self::Sha1 => digest::<sha1::Sha1>(parts),
            Self::Sha224 => digest::<sha2::Sha224>(parts),
            Self::Sha256 => digest::<sha2::Sha256>(parts),
            Self::Sha384 => digest::<sha2::Sha384>(parts),
            Self::Sha512 => digest::<sha2::Sha512>(parts),
            Self::Sha512_224 => digest::<sha2::Sha512_224>(parts),
            Self::Sha512_256 => digest::<sha2::Sha512_256>(parts),
            Self::Sha3_224 => digest::<sha3::Sha3_224>(parts),
            Self::Sha3_256 => digest::<sha3::Sha3_256>(parts),
            Self::Sha3_384 => digest::<sha3::Sha3_384>(parts),
            Self::Sha3_512 => digest::<sha3::Sha3_512>(parts),
            Self::Shake128 => extended::<sha3::Shake128>(parts, 16),
            Self::Shake256 => extended::<sha3::Shake256>(parts, 32),
            Self::Blake2b => digest::<blake2::Blake2b512>(parts),
            Self::Blake2s => digest::<blake2::Blake2s256>(parts),
            Self::Ripemd160 => digest::<ripemd::Ripemd160>(parts),
            Self::Sm3 => digest::<sm3::Sm3>(parts),
        }
    }

    /// RFC 2104. `None` for a hash whose length is free: it makes no HMAC.
    pub(super) fn hmac(self, key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        let mut block = vec![0; self.block_bytes()?];
        match block.get_mut(..key.len()) {
            Some(start) => start.copy_from_slice(key),
            None => {
                let key = self.hash(&[key]);
                block[..key.len()].copy_from_slice(&key);
            }
        }
        let padded = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
        let inner = self.hash(&[&padded(0x36), message]);
        Some(self.hash(&[&padded(0x5C), &inner]))
    }

    fn block_bytes(self) -> Option<usize> {
        Some(match self {
            Self::Shake128 | Self::Shake256 => return None,
            Self::Md5 | Self::Md5Sha1 | Self::Sha1 | Self::Sha224 | Self::Sha256 => 64,
            Self::Blake2s | Self::Ripemd160 | Self::Sm3 => 64,
            Self::Sha384 | Self::Sha512 | Self::Sha512_224 | Self::Sha512_256 | Self::Blake2b => {
                128
            }
            Self::Sha3_224 => 144,
            Self::Sha3_256 => 136,
            Self::Sha3_384 => 104,
            Self::Sha3_512 => 72,
        })
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    for part in parts {
        Digest::update(&mut hasher, part);
    }
    hasher.finalize().to_vec()
}

fn extended<D: Default + Update + ExtendableOutput>(parts: &[&[u8]], bytes: usize) -> Vec<u8> {
    let mut hasher = D::default();
    for part in parts {
        hasher.update(part);
    }
    let mut out = vec![0; bytes];
    hasher.finalize_xof().read(&mut out);
    out
}
