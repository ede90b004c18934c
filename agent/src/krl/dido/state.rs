//! What a ruleset remembers of DIDs: documents, who is whose peer, and where messages go.
//!
//! The names of the entity variables are those of pico-engine, since programs read them.

use super::documents::document_json;
use picomesh_pico::{Context, Fault};
use serde_json::{Map, Value, json};

/// Documents by DID.
pub(super) const DOCUMENTS: &str = "didDocs";
/// Their DID to mine.
const PEERS: &str = "didMap";
/// Message types to events.
const ROUTES: &str = "routes";
/// New DIDs of mine that their peers have not used yet, with what they replace.
pub(super) const ROTATIONS: &str = "pendingRotations";

/// A map in an entity variable; what is no map counts as an empty one.
pub(super) fn map(context: &Context, name: &str) -> Result<Map<String, Value>, Fault> {
    Ok(match context.entity::<Value>(name)? {
        Some(Value::Object(map)) => map,
        Some(_) | None => Map::new(),
    })
}

/// Forgets the document of a DID; `false` when there are no documents at all.
pub fn delete_did(context: &mut Context, did: &str) -> Result<bool, Fault> {
    if context.entity::<Value>(DOCUMENTS)?.is_none() {
        return Ok(false);
    }
    let mut documents = map(context, DOCUMENTS)?;
    if documents.shift_remove(did).is_some() {
        context.put(DOCUMENTS, &documents)?;
    }
    Ok(true)
}

/// Replaces the document of a DID; `false` when there are no documents at all.
pub fn update_did(context: &mut Context, did: &str, document: &Value) -> Result<bool, Fault> {
    if context.entity::<Value>(DOCUMENTS)?.is_none() {
        return Ok(false);
    }
    let mut documents = map(context, DOCUMENTS)?;
    documents.insert(did.to_owned(), document.clone());
    context.put(DOCUMENTS, &documents)?;
    Ok(true)
}

/// Keeps a document, or the one that a DID carries. `null` when there is none.
pub fn store_did_doc(context: &mut Context, input: &Value) -> Result<Value, Fault> {
    let document = match input {
        Value::String(did) => document_json(did),
        Value::Object(_) => Some(input.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    };
    let id = document.as_ref().and_then(|document| document.get("id")?.as_str());
    let (Some(document), Some(id)) = (&document, id) else {
        tracing::info!(pico = %context.pico().id, "a DID document could not be stored");
        return Ok(Value::Null);
    };
    let mut documents = map(context, DOCUMENTS)?;
    documents.insert(id.to_owned(), document.clone());
    context.put(DOCUMENTS, &documents)?;
    Ok(document.clone())
}

/// Forgets all documents.
pub fn clear_did_docs(context: &mut Context) -> Result<(), Fault> {
    context.put(DOCUMENTS, &json!({}))
}

/// The document of a DID: as it was stored, or as the DID carries it.
pub(super) fn document_of(context: &Context, did: &str) -> Result<Option<Value>, Fault> {
    let mut documents = map(context, DOCUMENTS)?;
    Ok(documents.shift_remove(did).or_else(|| document_json(did)))
}

/// Remembers which DID of mine a peer knows.
pub fn map_did(context: &mut Context, theirs: &str, mine: &str) -> Result<(), Fault> {
    let mut peers = map(context, PEERS)?;
    peers.insert(theirs.to_owned(), mine.into());
    context.put(PEERS, &peers)
}

/// Whether somebody is a peer of this pico.
pub(super) fn is_peer(context: &Context, theirs: &str) -> Result<bool, Fault> {
    Ok(map(context, PEERS)?.contains_key(theirs))
}

/// Puts a new DID, theirs or mine, in the place of an old one.
pub(super) fn update_did_map(context: &mut Context, old: &str, new: &str) -> Result<(), Fault> {
    let peers = map(context, PEERS)?;
    let rename = |did: String| if did == old { new.to_owned() } else { did };
    let renamed = peers.into_iter().map(|(theirs, mine)| match mine {
        Value::String(mine) => (rename(theirs), Value::String(rename(mine))),
        mine @ Value::Null
        | mine @ Value::Bool(_)
        | mine @ Value::Number(_)
        | mine @ Value::Array(_)
        | mine @ Value::Object(_) => (rename(theirs), mine),
    });
    let renamed: Map<String, Value> = renamed.collect();
    context.put(PEERS, &renamed)
}

/// Forgets all peers.
pub fn clear_did_map(context: &mut Context) -> Result<(), Fault> {
    context.put(PEERS, &json!({}))
}

/// From here on a message of this type raises this event.
pub fn add_route(
    context: &mut Context,
    kind: &str,
    domain: &Value,
    name: &Value,
) -> Result<bool, Fault> {
    let mut routes = map(context, ROUTES)?;
    routes.insert(kind.to_owned(), json!({ "domain": domain, "name": name }));
    context.put(ROUTES, &routes)?;
    Ok(true)
}

/// The event that a message of this type raises: domain and name.
pub(super) fn route_of(context: &Context, kind: &str) -> Result<Option<(String, String)>, Fault> {
    let routes = map(context, ROUTES)?;
    let text = |name: &str| Some(routes.get(kind)?.get(name)?.as_str()?.to_owned());
    Ok(text("domain").zip(text("name")))
}
