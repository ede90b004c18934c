//! Key agreement: the key that wraps the content key.
//!
//! Source: RFC 7518 §4.6 (ECDH-ES, Concat KDF), draft-madden-jose-ecdh-1pu-04 §2 (ECDH-1PU),
//! NIST SP 800-56A §5.8.1.

use picomesh_did_resolver::PublicKey;
use sha2::{Digest, Sha256};
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

use super::SecretKey;
use super::encrypted::{Alg, Envelope};
use crate::Error;

/// Length of the wrapping key, in bits, as the KDF takes it in.
const WRAPPING_KEY_BITS: u32 = 256;

/// The key that unwraps the content key for the holder of `secret`.
///
/// `sender` is the sender's static key: given for authcrypt, and only there.
///
/// # Errors
/// [`Error::Undecryptable`] when the keys are not of one curve or agree on zero.
pub(super) fn wrapping_key(
    envelope: &Envelope,
    secret: &SecretKey,
    sender: Option<&PublicKey>,
) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut hash = Sha256::new();
    hash.update(1_u32.to_be_bytes());
    hash.update(agree(secret, &envelope.epk)?.as_slice());
    match (envelope.alg, sender) {
        (Alg::Anoncrypt, None) => {}
        (Alg::Authcrypt, Some(sender)) => hash.update(agree(secret, sender)?.as_slice()),
        (Alg::Anoncrypt, Some(_)) | (Alg::Authcrypt, None) => {
            return Err(Error::Misuse("a sender where there is none, or none where there is one"));
        }
    }
    update_sized(&mut hash, envelope.alg.name().as_bytes())?;
    update_sized(&mut hash, &envelope.apu)?;
    update_sized(&mut hash, &envelope.apv)?;
    hash.update(WRAPPING_KEY_BITS.to_be_bytes());
    // draft-madden-jose-ecdh-1pu-04 §2.3: the tag binds the wrapped key to this content.
    if envelope.alg == Alg::Authcrypt {
        update_sized(&mut hash, &envelope.tag)?;
    }
    Ok(Zeroizing::new(hash.finalize().into()))
}

fn update_sized(hash: &mut Sha256, bytes: &[u8]) -> Result<(), Error> {
    let length = u32::try_from(bytes.len()).map_err(|_| Error::Undecryptable)?;
    hash.update(length.to_be_bytes());
    hash.update(bytes);
    Ok(())
}

/// The shared secret of two keys of one curve.
fn agree(secret: &SecretKey, public: &PublicKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    let shared = match (secret, public) {
        (SecretKey::X25519(secret), PublicKey::X25519(public)) => {
            let shared = StaticSecret::from(*secret).diffie_hellman(&(*public).into());
            if !shared.was_contributory() {
                return Err(Error::Undecryptable);
            }
            shared.as_bytes().to_vec()
        }
        (SecretKey::P256(secret), PublicKey::P256(public)) => {
            let secret = p256::SecretKey::from_slice(secret).map_err(undecryptable)?;
            let public = p256::PublicKey::from_sec1_bytes(public).map_err(undecryptable)?;
            let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
            shared.raw_secret_bytes().to_vec()
        }
        (SecretKey::P384(secret), PublicKey::P384(public)) => {
            let secret = p384::SecretKey::from_slice(secret).map_err(undecryptable)?;
            let public = p384::PublicKey::from_sec1_bytes(public).map_err(undecryptable)?;
            let shared = p384::ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
            shared.raw_secret_bytes().to_vec()
        }
        (
            SecretKey::Ed25519(_) | SecretKey::X25519(_) | SecretKey::P256(_) | SecretKey::P384(_),
            _,
        ) => return Err(Error::Undecryptable),
    };
    Ok(Zeroizing::new(shared))
}

fn undecryptable<E>(_: E) -> Error {
    Error::Undecryptable
}
