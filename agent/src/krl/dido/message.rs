//! Making, packing and unpacking messages.

use super::documents::document;
use super::keys::{Keys, own_kid};
use super::open::{self, Opened};
use super::{prior, seal, state};
use picomesh_did_resolver::{Did, DidDocument, resolve_local};
use picomesh_didcomm::Error;
use picomesh_didcomm::envelope::v2::{Secret, SecretKey};
use picomesh_didcomm::envelope::{self, Envelope};
use picomesh_pico::{Context, Fault, SecretKind};
use serde_json::{Map, Value, json};

/// The media type of a message.
const PLAIN: &str = "application/didcomm-plain+json";

/// Makes a message of `type`, `body`, `from`, `to`, `thid`, `pthid`, `expires_time` (seconds from
/// now) and `attachments`. What is not given is `null` in it, and is not sent.
///
/// A message from a DID that is to replace another carries the rotation.
pub fn generate_message(
    context: &mut Context,
    options: &Map<String, Value>,
) -> Result<Value, Fault> {
    let option = |name: &str| options.get(name).cloned().unwrap_or_default();
    let now = context.now().div_euclid(1000);
    let mut message = json!({
        "id": context.fresh_id(),
        "typ": PLAIN,
        "type": option("type"),
        "body": option("body"),
        "from": option("from"),
        "to": option("to"),
        "thid": option("thid"),
        "pthid": option("pthid"),
        "created_time": now,
        "attachments": option("attachments"),
    });
    if let Some(seconds) = option("expires_time").as_f64().filter(|seconds| *seconds != 0.0) {
        message["expires_time"] = json!(now.saturating_add(seconds as i64));
    }
    if let Some(from) = option("from").as_str()
        && let Some(token) = rotation(context, from)?
    {
        message["from_prior"] = token.into();
    }
    Ok(message)
}

/// The token of a rotation that the peers of this DID do not know of yet.
fn rotation(context: &Context, from: &str) -> Result<Option<String>, Fault> {
    let rotations = state::map(context, state::ROTATIONS)?;
    let Some(Value::Object(claims)) = rotations.get(from) else { return Ok(None) };
    let Some(issuer) = claims.get("iss").and_then(Value::as_str) else { return Ok(None) };
    let keys = Keys::load(context, issuer)?;
    Ok(keys.and_then(|keys| prior::write(claims, &keys)))
}

/// Packs a message from a DID of ours for another; `null` when it cannot be packed.
pub fn pack(
    context: &Context,
    message: &Map<String, Value>,
    from: &str,
    to: &str,
) -> Result<Value, Fault> {
    let keys = Keys::load(context, from)?;
    let recipient = state::document_of(context, to)?;
    let recipient = recipient.and_then(|document| DidDocument::from_value(&document).ok());
    let (Some(keys), Some(recipient)) = (keys, recipient) else {
        tracing::info!(pico = %context.pico().id, "a message could not be packed: no keys");
        return Ok(Value::Null);
    };
    match seal::seal(message, &keys, &recipient) {
        Ok(packed) => serde_json::from_slice(&packed).map_err(|e| Fault::Broken(e.to_string())),
        Err(error) => {
            tracing::info!(pico = %context.pico().id, %error, "a message could not be packed");
            Ok(Value::Null)
        }
    }
}

/// Opens a message: the message and what its envelope says; `null` when it does not open.
///
/// A message that is not encrypted opens too, and its metadata says so.
pub fn unpack(context: &Context, packed: &Value) -> Result<Value, Fault> {
    let parsed;
    let packed = match packed {
        Value::String(text) => {
            parsed = serde_json::from_str(text).unwrap_or_default();
            &parsed
        }
        packed @ Value::Null
        | packed @ Value::Bool(_)
        | packed @ Value::Number(_)
        | packed @ Value::Array(_)
        | packed @ Value::Object(_) => packed,
    };
    let Value::Object(packed) = packed else { return Ok(Value::Null) };
    match open_any(context, packed)? {
        Ok(opened) => Ok(json!([opened.message, opened.metadata])),
        Err(error) => {
            tracing::info!(pico = %context.pico().id, %error, "a message could not be unpacked");
            Ok(Value::Null)
        }
    }
}

fn open_any(
    context: &Context,
    packed: &Map<String, Value>,
) -> Result<Result<Opened, Error>, Fault> {
    let bytes = Value::Object(packed.clone()).to_string();
    let signed = match envelope::parse(bytes.as_bytes()) {
        Ok(Envelope::Plain(_)) => return Ok(Ok(open::open_plain(packed.clone()))),
        Ok(Envelope::Signed(signed)) => signed,
        Ok(_) => return open_encrypted(context, packed),
        Err(error) => return Ok(Err(error)),
    };
    let mut documents = vec![];
    for signer in signed.signers() {
        documents.extend(peer(context, signer)?);
    }
    let documents: Vec<&DidDocument> = documents.iter().collect();
    Ok(open::open_signed(&signed, packed, &documents))
}

/// Opens an encrypted message for a DID of the pico of this turn.
pub(super) fn open_encrypted(
    context: &Context,
    packed: &Map<String, Value>,
) -> Result<Result<Opened, Error>, Fault> {
    let bytes = Value::Object(packed.clone()).to_string();
    let envelope = match envelope::parse(bytes.as_bytes()) {
        Ok(Envelope::V2(envelope)) => envelope,
        Ok(_) => return Ok(Err(Error::Undecryptable)),
        Err(error) => return Ok(Err(error)),
    };
    let mut found = None;
    for kid in envelope.recipients() {
        let own = context.secret(&own_kid(kid))?;
        if let Some(own) = own.filter(|own| own.kind == SecretKind::X25519) {
            found = Some(Secret { kid: kid.clone(), key: SecretKey::X25519(*own.bytes) });
            break;
        }
    }
    let Some(secret) = found else { return Ok(Err(Error::Undecryptable)) };
    let sender = match envelope.sender_kid() {
        Some(kid) => peer(context, kid)?,
        None => None,
    };
    let documents: Vec<&DidDocument> = sender.iter().collect();
    let now = u64::try_from(context.now() / 1000).unwrap_or_default();
    Ok(open::open(&envelope, packed, &secret, &documents, now))
}

/// The document of the DID that a key id belongs to, for checking what its subject did.
fn peer(context: &Context, kid: &str) -> Result<Option<DidDocument>, Fault> {
    let did = kid.split('#').next().unwrap_or_default();
    if let Some(document) = carried(did) {
        return Ok(Some(document));
    }
    let stored = state::document_of(context, did)?;
    Ok(stored.and_then(|document| DidDocument::from_value(&document).ok()))
}

/// The document that a DID carries, which knows a key by every name that is in use.
pub(super) fn carried(did: &str) -> Option<DidDocument> {
    let parsed: Did = did.parse().ok()?;
    resolve_local(&parsed).and_then(Result::ok).or_else(|| document(did))
}
