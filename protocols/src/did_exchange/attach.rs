//! The signed attachments: written by us, checked when the peer's come.
//!
//! Source: RFC 0023 §Request Message Attributes and §Response Processing, RFC 0017 §Signing.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD as STANDARD, BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD},
};
use ed25519_dalek::SigningKey;
use picomesh_did_resolver::{Did, DidDocument, legacy};
use picomesh_didcomm::{Attachment, jws};

use super::{Error, Origin, Proof, Response};
use crate::peer::{self, Known, key_text};

/// `did_doc~attach`: the document in the form of RFC 0160 for an unqualified DID, else as it is.
///
/// In a request `key` is a key of the document; in a response it is the invitation key.
#[must_use]
pub fn sign_document(document: &DidDocument, id: &str, key: &SigningKey) -> Attachment {
    let is_legacy = document.id.is_unqualified() || document.id.method() == "sov";
    let json = if is_legacy { legacy::write(document) } else { document.to_json() };
    signed(id, "application/json", json.to_string().as_bytes(), key)
}

/// `did_rotate~attach`: the new DID, signed by the invitation key.
#[must_use]
pub fn sign_rotation(did: &Did, id: &str, key: &SigningKey) -> Attachment {
    signed(id, "text/string", did.as_str().as_bytes(), key)
}

/// Any content, signed.
pub(super) fn signed(id: &str, media_type: &str, content: &[u8], key: &SigningKey) -> Attachment {
    let mut attachment = Attachment::from_bytes(id, media_type, content);
    let kid = key_text(key.verifying_key().as_bytes());
    attachment.data.jws = Some(jws::sign(&URL_SAFE_NO_PAD.encode(content), key, &kid));
    // RFC 0017 signs base64url. ACA-Py refuses `-` and `_` in the field itself and makes the
    // signed form of it, as every reader that we know does.
    attachment.data.base64 = Some(STANDARD.encode(content));
    attachment
}

/// The signed content of an attachment and all keys that signed it.
fn verified(
    attachment: &Attachment,
    message: &'static str,
) -> Result<(Vec<u8>, Vec<[u8; 32]>), Error> {
    let untrusted =
        |error: picomesh_didcomm::Error| Error::Untrusted { message, reason: error.to_string() };
    let signers = jws::verify(attachment).map_err(untrusted)?;
    let content = attachment.content().map_err(untrusted)?;
    Ok((content, signers))
}

/// The document of a request's DID: attached and signed by a key of its own, or not needed.
pub(super) fn check_request(did: &Did, attached: Option<&Attachment>) -> Result<Known, Error> {
    let untrusted = |reason: String| Error::Untrusted { message: "request", reason };
    let Some(attachment) = attached else {
        return peer::document(did, None).map_err(untrusted);
    };
    let (content, signers) = verified(attachment, "request")?;
    let known = peer::document(did, Some(&content)).map_err(untrusted)?;
    // T-D10: a document signed by any other key says nothing about who holds its keys. For a DID
    // that is published elsewhere the attachment is not used at all.
    if let Known::Document(document) = &known
        && !signers.iter().any(|key| document.has_ed25519(key))
    {
        return Err(untrusted("the document is signed by a key that is not its own".to_owned()));
    }
    Ok(known)
}

/// The document of a response's DID, which a key of the invitation has to vouch for.
pub(super) fn check_response(response: &Response, origin: &Origin) -> Result<Known, Error> {
    let untrusted = |reason: String| Error::Untrusted { message: "response", reason };
    let vouched = |attachment: &Attachment| {
        let (content, signers) = verified(attachment, "response")?;
        // RFC 0023 §Response Processing: the key MUST match the key used in the invitation.
        if signers.iter().any(|key| origin.has_key(key)) {
            return Ok(content);
        }
        Err(untrusted("not signed by a key of the invitation".to_owned()))
    };
    let did = &response.did;
    let attached = match &response.proof {
        Proof::Document(attachment) => Some(vouched(attachment)?),
        Proof::Rotation(attachment) => {
            if vouched(attachment)? != did.as_str().as_bytes() {
                return Err(untrusted("another DID is signed than the one sent".to_owned()));
            }
            None
        }
        Proof::SameDid if origin.did.as_ref() == Some(did) => None,
        Proof::SameDid => {
            return Err(untrusted("neither did_doc~attach nor did_rotate~attach".to_owned()));
        }
    };
    peer::document(did, attached.as_deref()).map_err(untrusted)
}

/// RFC 0023 §Request processing: the keys of the envelope have to match what is presented.
pub(super) fn check_sender(
    document: &DidDocument,
    sender_key: &str,
    message: &'static str,
) -> Result<(), Error> {
    if peer::has_key(document, sender_key) {
        return Ok(());
    }
    let reason = "the envelope was sent by a key that the DID does not have".to_owned();
    Err(Error::Untrusted { message, reason })
}

/// Checks that what was resolved is about the DID that was asked for.
pub(super) fn check_subject(
    document: &DidDocument,
    did: &Did,
    message: &'static str,
) -> Result<(), Error> {
    if document.id == *did {
        return Ok(());
    }
    let reason = "the resolved document is about another DID".to_owned();
    Err(Error::Untrusted { message, reason })
}
