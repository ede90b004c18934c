//! Messages from a turn to other picos.

use super::{documents, state};
use picomesh_pico::{Context, Fault, Outside, Reply};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// A message on its way: it is packed when it is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parcel {
    /// The message.
    pub(super) message: Map<String, Value>,
    /// Our DID.
    pub(super) from: String,
    /// Theirs.
    pub(super) to: String,
    /// Where it goes.
    pub(super) endpoint: String,
    /// Their document, where it is not the one that their DID carries.
    pub(super) document: Option<Value>,
}

/// Sends a message to a DID whose document is stored, durably. The answer of the other server
/// comes as the event `dido:dido_send_response`.
pub fn send(context: &mut Context, did: &str, message: &Value) -> Result<Value, Fault> {
    let Some(parcel) = parcel(context, did, message)? else { return Ok(Value::Null) };
    if context.may_write() {
        let queue = format!("dido/{}", bs58::encode(Sha256::digest(did)).into_string());
        let reply = Reply { domain: "dido".into(), name: "dido_send_response".into() };
        context.job("dido", &queue, json!(parcel), Some(reply))?;
    } else {
        let body = json!({ "function": "send", "parcel": parcel });
        context.outside(Outside::Work { kind: "dido".into(), body })?;
    }
    Ok(Value::Null)
}

/// Sends a query to a DID whose document is stored, and returns what it answers.
pub fn send_query(context: &mut Context, did: &str, message: &Value) -> Result<Value, Fault> {
    let Some(parcel) = parcel(context, did, message)? else { return Ok(Value::Null) };
    let body = json!({ "function": "sendQuery", "parcel": parcel });
    context.outside(Outside::Work { kind: "dido".into(), body })
}

/// What is to be sent; `None` when it cannot be: no document, no address, no sender.
fn parcel(context: &Context, did: &str, message: &Value) -> Result<Option<Parcel>, Fault> {
    let mut stored = state::map(context, state::DOCUMENTS)?;
    let document = stored.shift_remove(did);
    let endpoint = document.as_ref().and_then(documents::endpoint).map(str::to_owned);
    let (Value::Object(message), Some(endpoint)) = (message, endpoint) else {
        tracing::info!(pico = %context.pico().id, "no way to the recipient of a message");
        return Ok(None);
    };
    let Some(from) = message.get("from").and_then(Value::as_str).map(str::to_owned) else {
        tracing::info!(pico = %context.pico().id, "a message without sender is not sent");
        return Ok(None);
    };
    let document =
        document.filter(|document| documents::document_json(did).as_ref() != Some(document));
    let (message, to) = (message.clone(), did.to_owned());
    Ok(Some(Parcel { message, from, to, endpoint, document }))
}
