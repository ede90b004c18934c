//! The thread of an exchange: how it is found again, and where its messages go.
//!
//! A thread is found by (role, peer, thread id); peers choose thread ids, so the three are
//! hashed. A connectionless thread has no peer before its first answer: until then it is found
//! by the key that its invitation named.
//!
//! Absent on purpose: whose thread it is; `picomesh_protocols::bound` decides that.

use super::Setting;
use super::connection::{self, Route};
use super::wire::{self, Destination, Inbound};
use picomesh_did_resolver::method::key::naked_key;
use picomesh_didcomm::{Message, Version};
use picomesh_pico::{Context, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Longest service endpoint that a connectionless answer may name, in bytes.
const ENDPOINT_BYTES_MAX: usize = 2048;
/// Most mediators that it may name.
const ROUTING_KEYS_MAX: usize = 10;

/// The thread of an exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Thread {
    /// Its id.
    pub(super) thid: String,
    /// The thread out of which it came: an invitation.
    pub(super) pthid: Option<String>,
    /// The generation of DIDComm that is spoken on it: 1 or 2.
    pub(super) generation: u8,
    /// Where its messages go.
    pub(super) way: Way,
}

/// Where the messages of a thread go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) enum Way {
    /// To the peer of this connection.
    Connection(String),
    /// Without a connection.
    Direct {
        /// To this place.
        to: Destination,
        /// Whether the messages must say how to answer them (RFC 0056).
        with_service: bool,
    },
    /// Nowhere: nobody has answered our invitation yet, or did not say where the answer goes.
    Nowhere {
        /// The key that the invitation names.
        mine: String,
    },
}

/// An attached request that a received invitation brought along.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Attached {
    /// The message as it was attached.
    pub(super) message: serde_json::Map<String, Value>,
    /// The invitation.
    pub(super) invitation_id: String,
    /// Where answers go, when there is no connection.
    pub(super) route: Option<Destination>,
    /// The connection that was made of the invitation.
    pub(super) connection_id: Option<String>,
}

impl Thread {
    /// A thread on a connection; refuses one that is not ready.
    pub(super) fn on_connection(
        context: &mut Context,
        connection: &str,
        thid: String,
    ) -> Result<Self, Fault> {
        let connection = connection::by_id(context, connection)?;
        if connection.state != "completed" {
            return Err(Fault::refused("not-ready", "the connection is not completed"));
        }
        let (generation, way) = (connection.generation, Way::Connection(connection.id));
        Ok(Self { thid, pthid: None, generation, way })
    }

    /// The thread that a message opens.
    pub(super) fn opened_by(inbound: &Inbound) -> Result<Self, Fault> {
        let connection = inbound.connection()?;
        Ok(Self {
            thid: inbound.message.thread_id().to_owned(),
            pthid: inbound.message.pthid.clone(),
            generation: connection.generation,
            way: Way::Connection(connection.id.clone()),
        })
    }

    /// The thread that an attached request opens.
    pub(super) fn of_attached(attached: &Attached, message: &Message) -> Result<Self, Fault> {
        let way = match (&attached.connection_id, &attached.route) {
            (Some(connection), _) => Way::Connection(connection.clone()),
            (None, Some(to)) => Way::Direct { to: to.clone(), with_service: true },
            (None, None) => return Err(Fault::refused("invalid", "no way to answer")),
        };
        Ok(Self {
            thid: message.thread_id().to_owned(),
            pthid: Some(attached.invitation_id.clone()),
            generation: generation(message.version),
            way,
        })
    }

    /// Names the peer in the words of [`Inbound::peer`]; `None` while nobody has answered.
    pub(super) fn peer(&self) -> Option<String> {
        match &self.way {
            Way::Connection(id) => Some(id.clone()),
            Way::Direct { to: Destination::V1 { from, route }, .. } => {
                let theirs = route.recipient_keys.first()?;
                Some(format!("{} {theirs}", from.as_deref()?))
            }
            Way::Direct { to: Destination::V2 { from, to }, .. } => {
                Some(format!("{} {to}", connection::canonical(from.as_deref()?)))
            }
            Way::Nowhere { .. } => None,
        }
    }

    /// The connection, if the thread has one.
    pub(super) fn connection(&self) -> Option<&str> {
        match &self.way {
            Way::Connection(id) => Some(id),
            Way::Direct { .. } | Way::Nowhere { .. } => None,
        }
    }

    /// Which generation its messages are written in.
    pub(super) fn version(&self) -> Version {
        if self.generation == 1 { Version::V1 } else { Version::V2 }
    }

    /// Sends a message on this thread. The one that opens it has the thread's id for its own.
    ///
    /// Nothing is sent to a peer that did not say where: there is no place to send it to.
    pub(super) fn send(
        &self,
        context: &mut Context,
        setting: &Setting,
        mut message: Message,
    ) -> Result<(), Fault> {
        message.pthid.clone_from(&self.pthid);
        match &self.way {
            Way::Connection(id) => {
                let connection = connection::by_id(context, id)?;
                wire::send(context, &connection, message)?;
            }
            Way::Direct { to, with_service } => {
                if let (true, Destination::V1 { from: Some(mine), .. }) = (with_service, to) {
                    message.decorators.insert("~service".to_owned(), service(mine, setting));
                }
                wire::send_to(context, to.clone(), None, message)?;
            }
            Way::Nowhere { .. } => {}
        }
        Ok(())
    }

    /// Learns where answers go from the first message of a connectionless peer.
    ///
    /// They are packed for the key that proved itself, whatever else the message says.
    pub(super) fn learn(&mut self, inbound: &Inbound) -> Result<(), Fault> {
        if !matches!(self.way, Way::Nowhere { .. }) {
            return Ok(());
        }
        let sender = inbound.sender()?;
        let to = match inbound.message.version {
            Version::V1 => route_of(&inbound.message, sender)
                .map(|route| Destination::V1 { from: Some(inbound.recipient_kid.clone()), route }),
            Version::V2 => {
                Some(Destination::V2 { from: Some(inbound.my_did.clone()), to: sender.to_owned() })
            }
        };
        if let Some(to) = to {
            self.way = Way::Direct { to, with_service: false };
        }
        Ok(())
    }

    /// Makes the exchange `id` findable by this thread.
    pub(super) fn index(&self, context: &mut Context, role: &str, id: &str) -> Result<(), Fault> {
        let name = match (&self.way, self.peer()) {
            (Way::Nowhere { mine }, _) => index_name("open", role, mine, &self.thid),
            (_, Some(peer)) => index_name("bound", role, &peer, &self.thid),
            (_, None) => return Err(Fault::Broken("a thread without a peer".into())),
        };
        context.put(&name, id)
    }

    /// Forgets how the exchange was found.
    pub(super) fn unindex(
        &self,
        context: &mut Context,
        role: &str,
        peer: Option<&str>,
    ) -> Result<(), Fault> {
        if let Way::Nowhere { mine } = &self.way {
            context.delete(&index_name("open", role, mine, &self.thid))?;
        }
        match peer {
            Some(peer) => context.delete(&index_name("bound", role, peer, &self.thid)),
            None => Ok(()),
        }
    }
}

/// Makes the exchange `id` findable by the peer that answered a connectionless request.
pub(super) fn bind(
    context: &mut Context,
    role: &str,
    inbound: &Inbound,
    id: &str,
) -> Result<(), Fault> {
    let thid = inbound.message.thread_id();
    context.delete(&index_name("open", role, inbound.mine(), thid))?;
    context.put(&index_name("bound", role, &inbound.peer()?, thid), id)
}

/// The id of the exchange that a message belongs to.
pub(super) fn find(
    context: &Context,
    role: &str,
    inbound: &Inbound,
) -> Result<Option<String>, Fault> {
    let thid = inbound.message.thread_id();
    let bound = index_name("bound", role, &inbound.peer()?, thid);
    match context.entity(&bound)? {
        Some(id) => Ok(Some(id)),
        None => context.entity(&index_name("open", role, inbound.mine(), thid)),
    }
}

fn index_name(kind: &str, role: &str, peer: &str, thid: &str) -> String {
    let mut hash = Sha256::new();
    for part in [kind, role, peer, thid] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("thread/{}", bs58::encode(hash.finalize()).into_string())
}

fn generation(version: Version) -> u8 {
    match version {
        Version::V1 => 1,
        Version::V2 => 2,
    }
}

/// RFC 0056: how the answer to this message reaches us.
fn service(mine: &str, setting: &Setting) -> Value {
    json!({
        "recipientKeys": [mine],
        "routingKeys": [],
        "serviceEndpoint": setting.endpoint.as_str(),
    })
}

/// The way back that a connectionless message names, to the key that sent it.
fn route_of(message: &Message, sender: &str) -> Option<Route> {
    let service = message.decorators.get("~service")?;
    let endpoint = service.get("serviceEndpoint")?.as_str()?;
    let none = Vec::new();
    let routing = match service.get("routingKeys") {
        None | Some(Value::Null) => &none,
        Some(keys) => keys.as_array()?,
    };
    if endpoint.len() > ENDPOINT_BYTES_MAX || routing.len() > ROUTING_KEYS_MAX {
        return None;
    }
    let verkey = |key: &Value| {
        let key = naked_key(key.as_str()?).ok()?;
        Some(bs58::encode(key).into_string())
    };
    Some(Route {
        endpoint: endpoint.to_owned(),
        recipient_keys: vec![sender.to_owned()],
        routing_keys: routing.iter().map(verkey).collect::<Option<_>>()?,
    })
}
