//! Opening: layer by layer down to the plaintext, keeping who proved what.
//!
//! Source: DIDComm v2 §Message Layer Addressing Consistency, §Combinations of envelopes.

use picomesh_did_resolver::DidDocument;

use super::encrypted::{Alg, Envelope};
use super::signed::Signed;
use super::{Secret, agreement, content, did_of, document_of, related};
use crate::Error;
use crate::envelope::{self, LAYERS_MAX};
use crate::json::{self, JSON_DEPTH_MAX};

/// What the layers held, and whose keys closed them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opened {
    /// The message.
    pub plaintext: Vec<u8>,
    /// The DID whose key authenticated the encryption; `None` without authcrypt.
    pub sender_did: Option<String>,
    /// That key.
    pub sender_kid: Option<String>,
    /// The key of ours that opened it; `None` for a message that was only signed.
    pub recipient_kid: Option<String>,
    /// Whether the outermost layer hid the sender.
    pub anonymous: bool,
    /// The key that signed the plaintext.
    pub signed_by: Option<String>,
    /// The signed message as it stood inside, if one did.
    pub signed_message: Option<Vec<u8>>,
    /// How many layers there were.
    pub layers: usize,
}

/// Opens an encrypted message.
///
/// `secrets` are those for [`Envelope::recipients`]; `documents` those of the sender and, where
/// known, of the signer.
///
/// # Errors
/// [`Error::Unresolved`] names a DID whose document is needed: resolve it and open again, and
/// when it does not resolve, answer as to [`Error::Undecryptable`], which is every other failure
/// of an encrypted layer. [`Error::TooManyLayers`], [`Error::Signature`], and those of
/// [`envelope::parse`] for inner layers.
pub fn open(
    envelope: &Envelope,
    secrets: &[Secret],
    documents: &[&DidDocument],
) -> Result<Opened, Error> {
    let mut opened = Opened::nothing();
    opened.anonymous = envelope.alg == Alg::Anoncrypt;
    let mut plaintext = opened.decrypt(envelope, secrets, documents)?;
    let mut last = Layer::of(envelope);
    while is_packed(&plaintext) {
        if opened.layers == LAYERS_MAX {
            return Err(Error::TooManyLayers);
        }
        let inner = envelope::parse(&plaintext)?;
        // The specification combines them in this order only; anything else is a maze.
        let layer = Layer::inside(&inner).filter(|layer| *layer > last);
        last = layer.ok_or(Error::TooManyLayers)?;
        plaintext = match inner {
            envelope::Envelope::V2(inner) => opened.decrypt(&inner, secrets, documents)?,
            envelope::Envelope::Signed(inner) => {
                opened.signed_message = Some(plaintext);
                opened.verify(inner, documents)?
            }
            envelope::Envelope::V1(_) | envelope::Envelope::Plain(_) => {
                return Err(Error::TooManyLayers);
            }
        };
    }
    opened.plaintext = plaintext;
    Ok(opened)
}

/// Opens a message that is signed and not encrypted.
///
/// It proves who wrote it, not that they sent it to us (`to` must name us, see [`crate::bind`]).
///
/// # Errors
/// [`Error::Unresolved`], [`Error::Signature`]; [`Error::TooManyLayers`] for an envelope inside.
pub fn open_signed(signed: &Signed, documents: &[&DidDocument]) -> Result<Opened, Error> {
    let mut opened = Opened::nothing();
    opened.plaintext = opened.verify(signed.clone(), documents)?;
    if is_packed(&opened.plaintext) {
        return Err(Error::TooManyLayers);
    }
    Ok(opened)
}

/// The layers in the order in which they may surround one another, outermost first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Anoncrypt,
    Authcrypt,
    Signed,
}

impl Layer {
    fn of(envelope: &Envelope) -> Self {
        match envelope.alg {
            Alg::Anoncrypt => Self::Anoncrypt,
            Alg::Authcrypt => Self::Authcrypt,
        }
    }

    fn inside(envelope: &envelope::Envelope) -> Option<Self> {
        match envelope {
            envelope::Envelope::V2(envelope) => Some(Self::of(envelope)),
            envelope::Envelope::Signed(_) => Some(Self::Signed),
            envelope::Envelope::V1(_) | envelope::Envelope::Plain(_) => None,
        }
    }
}

impl Opened {
    fn nothing() -> Self {
        Self {
            plaintext: Vec::new(),
            sender_did: None,
            sender_kid: None,
            recipient_kid: None,
            anonymous: false,
            signed_by: None,
            signed_message: None,
            layers: 0,
        }
    }

    fn decrypt(
        &mut self,
        envelope: &Envelope,
        secrets: &[Secret],
        documents: &[&DidDocument],
    ) -> Result<Vec<u8>, Error> {
        let (secret, wrapped) = envelope.for_secret(secrets).ok_or(Error::Undecryptable)?;
        let sender = match &envelope.skid {
            None => None,
            Some(skid) => {
                let document = document_of(skid, documents)
                    .ok_or_else(|| Error::Unresolved(did_of(skid).to_owned()))?;
                let method =
                    related(document, &document.key_agreement, skid).ok_or(Error::Undecryptable)?;
                self.sender_did = Some(did_of(skid).to_owned());
                self.sender_kid = Some(skid.clone());
                Some(&method.key)
            }
        };
        let wrapping_key = agreement::wrapping_key(envelope, &secret.key, sender)?;
        let plaintext = content::decrypt(envelope, &wrapping_key, wrapped)?;
        self.recipient_kid = Some(secret.kid.clone());
        self.layers += 1;
        Ok(plaintext)
    }

    fn verify(&mut self, signed: Signed, documents: &[&DidDocument]) -> Result<Vec<u8>, Error> {
        let (payload, signer) = signed.verify(documents)?;
        self.signed_by = Some(signer);
        self.layers += 1;
        Ok(payload)
    }
}

/// Whether the bytes are an envelope and not a message.
///
/// Most plaintexts do not even mention the words that envelopes have; only the others are read.
fn is_packed(bytes: &[u8]) -> bool {
    let words = ["ciphertext", "payload"];
    let mentions = |text: &str| words.iter().any(|word| text.contains(word));
    if !std::str::from_utf8(bytes).is_ok_and(mentions) {
        return false;
    }
    let fields = json::parse_object(bytes, JSON_DEPTH_MAX);
    fields.is_ok_and(|fields| {
        !fields.contains_key("type") && words.iter().any(|word| fields.contains_key(*word))
    })
}
