//! Connections: who the other end of a channel is, and where messages for it go.
//!
//! The record belongs to the ruleset [`RID`]; others read it through that ruleset's functions,
//! for which there are plain Rust functions here. A peer is found by the pair (my key or DID,
//! their key or DID) and by nothing else, so a thread id or a `from` in a message never leads
//! to a connection that the sending key does not belong to (attack T-D2).

use picomesh_did_resolver::method::peer::short_form;
use picomesh_did_resolver::{Did, DidDocument};
use picomesh_pico::{Context, Fault, Rid};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The ruleset that owns connections and the handshakes that make them.
pub const RID: &str = "picomesh.connections";

/// The other end of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Its id, ordered by time.
    pub id: String,
    /// How far the handshake is, in the words of its RFC; `completed` when it may be used.
    pub state: String,
    /// `inviter` or `invitee`.
    pub role: String,
    /// The handshake: `connections/1.0`, `didexchange/1.1`, `out-of-band/2.0`, …
    pub protocol: String,
    /// The generation of DIDComm that is spoken on it: 1 or 2.
    pub generation: u8,
    /// My DID on it, as stored.
    pub my_did: Option<String>,
    /// My key on it: the verkey (v1) or the DID (v2).
    pub my_key: Option<String>,
    /// Their DID, in the form that carries its document where there is one.
    pub their_did: Option<String>,
    /// Their document, where their DID neither carries it nor is published.
    pub their_document: Option<Value>,
    /// Who may speak for them: base58 verkeys (v1) or their DID (v2).
    pub their_keys: Vec<String>,
    /// Where messages go (v1); for v2 their document says.
    pub route: Option<Route>,
    /// How they call themselves.
    pub their_label: Option<String>,
    /// How the operator calls it.
    pub alias: Option<String>,
    /// The invitation that it came from.
    pub invitation_id: Option<String>,
    /// The thread of the handshake.
    pub thid: Option<String>,
    /// Why it ended, if it did.
    pub problem: Option<String>,
    /// When it began, unix milliseconds.
    pub created_at: i64,
    /// When it last changed, unix milliseconds.
    pub updated_at: i64,
}

/// Where envelopes of DIDComm v1 go and for which keys they are packed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The URL.
    pub endpoint: String,
    /// Verkeys of the recipient, base58.
    pub recipient_keys: Vec<String>,
    /// Verkeys of the mediators on the way, base58, the outermost last.
    pub routing_keys: Vec<String>,
}

impl Route {
    /// The route that a document's DIDComm v1 service gives.
    pub fn of(document: &DidDocument) -> Option<Self> {
        let service = document.didcomm_service()?;
        let base58 = |key: &[u8; 32]| bs58::encode(key).into_string();
        let routing = service.routing_keys.iter();
        let routing: Option<Vec<String>> =
            routing.map(|key| document.ed25519_key(key).map(|key| base58(&key))).collect();
        Some(Self {
            endpoint: service.endpoint.clone(),
            recipient_keys: document.recipient_ed25519_keys(service).iter().map(base58).collect(),
            routing_keys: routing?,
        })
    }
}

/// A DID in the form by which peers are compared: short where there is a short form.
pub fn canonical(did: &str) -> String {
    let did_without_url = did.split(['#', '?', '/']).next().unwrap_or(did);
    let short =
        did_without_url.parse::<Did>().ok().filter(|did| did.as_str().starts_with("did:peer:4"));
    let short = short.and_then(|did| short_form(&did));
    short.map_or_else(|| did_without_url.to_owned(), |did| did.to_string())
}

/// The name of the entity variable that leads from a pair of keys to a connection.
fn peer_name(mine: &str, theirs: &str) -> String {
    let mut hash = Sha256::new();
    for part in [canonical(mine), canonical(theirs)] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("peer/{}", bs58::encode(hash.finalize()).into_string())
}

/// Saves a connection; only the ruleset [`RID`] may call this.
pub fn save(context: &mut Context, connection: &Connection) -> Result<(), Fault> {
    if let Some(mine) = &connection.my_key {
        for theirs in &connection.their_keys {
            context.put(&peer_name(mine, theirs), &connection.id)?;
        }
    }
    context.put(&format!("connection/{}", connection.id), connection)
}

/// Deletes a connection and the ways to it; only the ruleset [`RID`] may call this.
pub fn remove(context: &mut Context, connection: &Connection) -> Result<(), Fault> {
    if let Some(mine) = &connection.my_key {
        for theirs in &connection.their_keys {
            context.delete(&peer_name(mine, theirs))?;
        }
    }
    context.delete(&format!("connection/{}", connection.id))
}

/// A connection by its id; only the ruleset [`RID`] may call this.
pub fn own(context: &Context, id: &str) -> Result<Option<Connection>, Fault> {
    context.entity(&format!("connection/{id}"))
}

/// The connection of a pair of keys; only the ruleset [`RID`] may call this.
pub fn own_by_peer(
    context: &Context,
    mine: &str,
    theirs: &str,
) -> Result<Option<Connection>, Fault> {
    match context.entity::<String>(&peer_name(mine, theirs))? {
        Some(id) => own(context, &id),
        None => Ok(None),
    }
}

/// A connection by its id, for any ruleset of the pico.
pub fn by_id(context: &mut Context, id: &str) -> Result<Connection, Fault> {
    let found = call(context, "connection", json!({ "id": id }))?;
    found.ok_or_else(|| Fault::not_found("connection"))
}

/// The connection of a pair of keys, for any ruleset of the pico.
pub fn by_peer(
    context: &mut Context,
    mine: &str,
    theirs: &str,
) -> Result<Option<Connection>, Fault> {
    call(context, "by_peer", json!({ "mine": mine, "theirs": theirs }))
}

fn call(context: &mut Context, name: &str, args: Value) -> Result<Option<Connection>, Fault> {
    let found = context.call(&Rid::literal(RID), name, args)?;
    serde_json::from_value(found).map_err(|error| Fault::Broken(error.to_string()))
}
