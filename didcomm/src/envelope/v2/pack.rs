//! Packing, through the crate `didcomm`.
//!
//! Source: DIDComm v2 §Message Formats.
//!
//! The crate draws its own randomness. It is async only because resolvers might wait; ours hold
//! their documents, so its futures are ready at the first poll.

use didcomm::algorithms::AnonCryptAlg;
use didcomm::did::resolvers::ExampleDIDResolver;
use didcomm::did::{DIDDoc, VerificationMaterial, VerificationMethod, VerificationMethodType};
use didcomm::secrets::resolvers::ExampleSecretsResolver;
use didcomm::secrets::{SecretMaterial, SecretType};
use didcomm::{Message as Foreign, PackEncryptedOptions};
use ed25519_dalek::SigningKey;
use futures::FutureExt;
use picomesh_did_resolver::{DidDocument, PublicKey};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::encrypted::Enc;
use super::{Secret, SecretKey, did_of, is_same_did};
use crate::base64::encode;
use crate::envelope::RECIPIENTS_MAX;
use crate::{Attachment, Error, Message, MessageType, Version};

/// What packs v2 messages. The agent knows this trait, not the crate behind it.
///
/// Every function fails with [`Error::Misuse`] only: message, keys and documents are our own, or
/// were checked when they were resolved.
pub trait Pack {
    /// Encrypts for all keys of `to` that agree with `from`'s key, proving the sender.
    ///
    /// `signer` also signs the plaintext, which then proves its author to anyone: rarely wanted.
    /// `hide_sender` adds an anonymous layer, so that mediators do not see `from`.
    ///
    /// # Errors
    /// [`Error::Misuse`]: no common curve, `from` or `to` are not those of the message.
    fn authcrypt(
        &self,
        plaintext: &[u8],
        from: (&DidDocument, &Secret),
        to: &DidDocument,
        signer: Option<&Secret>,
        hide_sender: bool,
    ) -> Result<Vec<u8>, Error>;

    /// Encrypts for `to`, or for one key of it, proving nothing.
    ///
    /// # Errors
    /// [`Error::Misuse`]: no key that we can use.
    fn anoncrypt(
        &self,
        plaintext: &[u8],
        to: &DidDocument,
        kid: Option<&str>,
        enc: Enc,
    ) -> Result<Vec<u8>, Error>;

    /// Signs, readable by anyone.
    ///
    /// # Errors
    /// [`Error::Misuse`]: the key does not authenticate `from`.
    fn sign(&self, plaintext: &[u8], from: (&DidDocument, &Secret)) -> Result<Vec<u8>, Error>;
}

/// [`Pack`] through the crate `didcomm`: X25519 and P-256, EdDSA and ES256.
#[derive(Clone, Copy, Debug, Default)]
pub struct DidcommCrate;

impl Pack for DidcommCrate {
    fn authcrypt(
        &self,
        plaintext: &[u8],
        from: (&DidDocument, &Secret),
        to: &DidDocument,
        signer: Option<&Secret>,
        hide_sender: bool,
    ) -> Result<Vec<u8>, Error> {
        let secrets = [Some(from.1), signer].into_iter().flatten();
        let call = Call {
            documents: &[from.0, to],
            secrets: secrets.map(foreign_secret).collect::<Result<_, _>>()?,
            enc: AnonCryptAlg::A256cbcHs512EcdhEsA256kw,
            hide_sender,
        };
        let signer = signer.map(|signer| signer.kid.as_str());
        call.encrypt(plaintext, to.id.as_str(), Some(&from.1.kid), signer)
    }

    fn anoncrypt(
        &self,
        plaintext: &[u8],
        to: &DidDocument,
        kid: Option<&str>,
        enc: Enc,
    ) -> Result<Vec<u8>, Error> {
        let enc = match enc {
            Enc::A256CbcHs512 => AnonCryptAlg::A256cbcHs512EcdhEsA256kw,
            Enc::A256Gcm => AnonCryptAlg::A256gcmEcdhEsA256kw,
            Enc::Xc20p => AnonCryptAlg::Xc20pEcdhEsA256kw,
        };
        let call = Call { documents: &[to], secrets: Vec::new(), enc, hide_sender: false };
        call.encrypt(plaintext, kid.unwrap_or(to.id.as_str()), None, None)
    }

    fn sign(&self, plaintext: &[u8], from: (&DidDocument, &Secret)) -> Result<Vec<u8>, Error> {
        let documents = ExampleDIDResolver::new(vec![foreign_document(from.0)?]);
        let secrets = ExampleSecretsResolver::new(vec![foreign_secret(from.1)?]);
        let message = foreign_message(plaintext)?;
        let packed = message.pack_signed(&from.1.kid, &documents, &secrets).now_or_never();
        let (packed, _) = packed.ok_or(NOT_READY)?.map_err(|_| Error::Misuse("not signed"))?;
        Ok(packed.into_bytes())
    }
}

const NOT_READY: Error = Error::Misuse("the crate waited for something");

struct Call<'a> {
    documents: &'a [&'a DidDocument],
    secrets: Vec<didcomm::secrets::Secret>,
    enc: AnonCryptAlg,
    hide_sender: bool,
}

impl Call<'_> {
    fn encrypt(
        self,
        plaintext: &[u8],
        to: &str,
        from: Option<&str>,
        signer: Option<&str>,
    ) -> Result<Vec<u8>, Error> {
        let documents = self.documents.iter().copied().map(foreign_document);
        let documents = ExampleDIDResolver::new(documents.collect::<Result<_, _>>()?);
        let secrets = ExampleSecretsResolver::new(self.secrets);
        let options = PackEncryptedOptions {
            protect_sender: self.hide_sender,
            forward: false,
            enc_alg_anon: self.enc,
            ..PackEncryptedOptions::default()
        };
        let mut message = foreign_message(plaintext)?;
        accept_both_forms(&mut message, did_of(to), from.map(did_of));
        let packed =
            message.pack_encrypted(to, from, signer, &documents, &secrets, &options).now_or_never();
        let (packed, _) = packed.ok_or(NOT_READY)?.map_err(|_| Error::Misuse("not encrypted"))?;
        Ok(packed.into_bytes())
    }
}

/// The crate's message, every header that it need not know kept as it is.
///
/// It would otherwise look into attachments and `from_prior`, and refuse what the specification
/// allows. Two or more such headers change their order from call to call, their values never.
fn foreign_message(plaintext: &[u8]) -> Result<Foreign, Error> {
    let mut fields: Map<String, Value> =
        serde_json::from_slice(plaintext).map_err(|_| Error::Misuse("not a plaintext"))?;
    let mut text = |key: &str| match fields.remove(key) {
        Some(Value::String(text)) => Ok(Some(text)),
        None => Ok(None),
        Some(_) => Err(Error::Misuse("a header is not a string")),
    };
    let (id, kind, _typ) = (text("id")?, text("type")?, text("typ")?);
    let (from, thid, pthid) = (text("from")?, text("thid")?, text("pthid")?);
    let (Some(id), Some(kind)) = (id, kind) else {
        return Err(Error::Misuse("not a v2 plaintext"));
    };
    let body = fields.remove("body").unwrap_or_else(|| json!({}));
    let mut message = Foreign::build(id, kind, body).finalize();
    (message.from, message.thid, message.pthid) = (from, thid, pthid);
    message.created_time = take(&mut fields, "created_time")?;
    message.expires_time = take(&mut fields, "expires_time")?;
    message.to = take(&mut fields, "to")?;
    message.extra_headers = fields.into_iter().collect();
    Ok(message)
}

/// The crate compares `from` and `to` with the documents' DIDs letter by letter. Where they differ
/// in the form of a did:peer:4 alone, it gets them as headers that it does not know.
fn accept_both_forms(message: &mut Foreign, to: &str, from: Option<&str>) {
    if let (Some(stated), Some(from)) = (&message.from, from)
        && stated != from
        && is_same_did(stated, from)
    {
        let stated = message.from.take();
        message.extra_headers.insert("from".to_owned(), json!(stated));
    }
    let is_other_form = |stated: &[String]| {
        !stated.iter().any(|did| did == to) && stated.iter().any(|did| is_same_did(did, to))
    };
    if message.to.as_deref().is_some_and(is_other_form) {
        let stated = message.to.take();
        message.extra_headers.insert("to".to_owned(), json!(stated));
    }
}

fn take<T: DeserializeOwned>(
    fields: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<T>, Error> {
    let value = fields.remove(key).map(serde_json::from_value).transpose();
    value.map_err(|_| Error::Misuse("a header of the wrong kind"))
}

fn foreign_document(document: &DidDocument) -> Result<DIDDoc, Error> {
    if document.key_agreement.len() > RECIPIENTS_MAX {
        return Err(Error::TooManyRecipients);
    }
    let absolute = |ids: &[String]| ids.iter().map(|id| document.absolute(id)).collect();
    let methods = document.verification_method.iter().map(|method| {
        let jwk = method.key.to_jwk().map_err(|_| Error::Misuse("a key without JWK"))?;
        Ok(VerificationMethod {
            id: method.id.clone(),
            type_: VerificationMethodType::JsonWebKey2020,
            controller: method.controller.clone(),
            verification_material: VerificationMaterial::JWK { public_key_jwk: jwk },
        })
    });
    Ok(DIDDoc {
        id: document.id.to_string(),
        key_agreement: absolute(&document.key_agreement),
        authentication: absolute(&document.authentication),
        verification_method: methods.collect::<Result<_, _>>()?,
        service: Vec::new(),
    })
}

fn foreign_secret(secret: &Secret) -> Result<didcomm::secrets::Secret, Error> {
    let (public, private) = match &secret.key {
        SecretKey::Ed25519(key) => {
            let public = SigningKey::from_bytes(key).verifying_key();
            (PublicKey::Ed25519(public.to_bytes()), key)
        }
        SecretKey::X25519(key) => {
            let private = x25519_dalek::StaticSecret::from(*key);
            (PublicKey::X25519(x25519_dalek::PublicKey::from(&private).to_bytes()), key)
        }
        SecretKey::P256(key) => {
            let private = p256::SecretKey::from_slice(key);
            let private = private.map_err(|_| Error::Misuse("no key of P-256"))?;
            let point = p256::EncodedPoint::from(private.public_key()).compress();
            (PublicKey::P256(point.as_bytes().to_vec()), key)
        }
        SecretKey::P384(_) => return Err(Error::Misuse("P-384 cannot pack")),
    };
    let mut jwk = public.to_jwk().map_err(|_| Error::Misuse("a key without JWK"))?;
    if let Some(jwk) = jwk.as_object_mut() {
        jwk.insert("d".to_owned(), encode(private).into());
    }
    Ok(didcomm::secrets::Secret {
        id: secret.kid.clone(),
        type_: SecretType::JsonWebKey2020,
        secret_material: SecretMaterial::JWK { private_key_jwk: jwk },
    })
}

/// The plaintext that asks a mediator to pass `packed` on to `next`, a DID or a key.
///
/// Source: DIDComm v2 §Routing Protocol 2.0. Pack it with [`Pack::anoncrypt`] for the mediator.
///
/// # Errors
/// [`Error::Misuse`] when `packed` is not an envelope.
pub fn forward(next: &str, packed: &[u8], id: &str, mediator: &str) -> Result<Vec<u8>, Error> {
    let envelope: Map<String, Value> =
        serde_json::from_slice(packed).map_err(|_| Error::Misuse("not an envelope"))?;
    let kind = MessageType::new("routing", (2, 0), "forward");
    let mut forward = Message::new(Version::V2, id, kind).with_body(&json!({"next": next}))?;
    forward.to = vec![mediator.to_owned()];
    let envelope = Value::Object(envelope);
    let media_type = "application/didcomm-encrypted+json";
    forward.attachments = vec![Attachment::from_json("envelope", media_type, envelope)];
    Ok(forward.to_bytes())
}
