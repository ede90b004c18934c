//! A DIDComm message on its way into a rule, and out of one.
//!
//! In: the attributes of a `didcomm_…` event become an [`Inbound`], with the connection that
//! the sending key belongs to. Out: a message becomes a `deliver` job of the outbox, with the
//! plain message and where it goes; packing waits for delivery.

use super::connection::{self, Connection, Route};
use picomesh_didcomm::{Message, Version};
use picomesh_pico::{Context, Event, Fault, Origin};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A message whose sender is proven.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// The message.
    pub message: Message,
    /// My DID that it reached, as stored.
    pub my_did: String,
    /// My key that opened it: the verkey (v1) or the key's DID URL (v2).
    pub recipient_kid: String,
    /// Who sent it: the verkey in base58 (v1) or the DID (v2); `None` when anonymous.
    pub sender: Option<String>,
    /// The connection that the pair (my key, the sender) belongs to.
    pub connection: Option<Connection>,
}

/// What the door says of a message; the attributes of the event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// The message as it came.
    pub message: Map<String, Value>,
    /// My DID that it reached, as stored.
    pub my_did: String,
    /// My key that opened it.
    pub recipient_kid: String,
    /// Who sent it.
    pub sender: Option<String>,
}

impl Inbound {
    /// Reads the event of a message. Refuses events that only look like one.
    pub fn read(context: &mut Context, event: &Event) -> Result<Self, Fault> {
        let is_about_a_message = event.domain == "didcomm" && event.origin == Origin::Engine;
        if event.origin != Origin::Peer && !is_about_a_message {
            return Err(Fault::refused("forbidden", "only a DIDComm message may do this"));
        }
        let broken = |error: String| Fault::Broken(error);
        let arrival: Arrival = serde_json::from_value(Value::Object(event.attrs.clone()))
            .map_err(|error| broken(error.to_string()))?;
        let message =
            Message::from_fields(arrival.message).map_err(|error| broken(error.to_string()))?;
        let connection = match &arrival.sender {
            Some(sender) => {
                let mine = my_end(&message, &arrival.my_did, &arrival.recipient_kid);
                connection::by_peer(context, mine, sender)?
            }
            None => None,
        };
        let Arrival { my_did, recipient_kid, sender, .. } = arrival;
        Ok(Self { message, my_did, recipient_kid, sender, connection })
    }

    /// My end of the pair that names a connection: the key (v1) or the DID (v2).
    pub fn mine(&self) -> &str {
        my_end(&self.message, &self.my_did, &self.recipient_kid)
    }

    /// The proven sender; refuses an anonymous message.
    pub fn sender(&self) -> Result<&str, Fault> {
        let refuse = || Fault::refused("e.p.trust.anonymous", "the sender is not known");
        self.sender.as_deref().ok_or_else(refuse)
    }

    /// The connection that the sender speaks on; refuses strangers.
    pub fn connection(&self) -> Result<&Connection, Fault> {
        let refuse = || Fault::refused("e.p.trust.stranger", "no connection with the sender");
        self.connection.as_ref().ok_or_else(refuse)
    }

    /// Names the peer whose thread this is: the connection, or the pair of keys without one.
    pub fn peer(&self) -> Result<String, Fault> {
        match &self.connection {
            Some(connection) => Ok(connection.id.clone()),
            None => Ok(format!("{} {}", connection::canonical(self.mine()), self.sender()?)),
        }
    }
}

fn my_end<'a>(message: &Message, my_did: &'a str, recipient_kid: &'a str) -> &'a str {
    match message.version {
        Version::V1 => recipient_kid,
        Version::V2 => my_did,
    }
}

/// What a `deliver` job does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The plain message.
    pub message: Map<String, Value>,
    /// Where it goes.
    pub to: Destination,
    /// The connection, whose route counts again when a first try failed.
    pub connection: Option<String>,
    /// The id of the message that this one answers, if it may travel back with its answer.
    pub answers: Option<String>,
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// DIDComm v1.
    V1 {
        /// My verkey that sends it; `None` sends it anonymously.
        from: Option<String>,
        /// The way.
        route: Route,
    },
    /// DIDComm v2.
    V2 {
        /// My DID that sends it; `None` sends it anonymously.
        from: Option<String>,
        /// The recipient's DID.
        to: String,
    },
}

/// Sends a message on a connection, durably; returns the id of the job.
pub fn send(
    context: &mut Context,
    connection: &Connection,
    mut message: Message,
) -> Result<String, Fault> {
    let unusable = || Fault::refused("not-ready", "the connection has no route to its peer yet");
    let to = match connection.generation {
        1 => {
            let route = connection.route.clone().ok_or_else(unusable)?;
            Destination::V1 { from: connection.my_key.clone(), route }
        }
        _ => {
            let to = connection.their_did.clone().ok_or_else(unusable)?;
            let from = connection.my_did.clone().ok_or_else(unusable)?;
            message.from = Some(from.clone());
            message.to = vec![to.clone()];
            Destination::V2 { from: Some(from), to }
        }
    };
    send_to(context, to, Some(&connection.id), message)
}

/// Sends a message to any destination, durably; returns the id of the job.
pub fn send_to(
    context: &mut Context,
    to: Destination,
    connection: Option<&str>,
    mut message: Message,
) -> Result<String, Fault> {
    if let Destination::V2 { from, to } = &to {
        message.from = message.from.or_else(|| from.clone());
        if message.to.is_empty() {
            message.to = vec![to.clone()];
        }
        let now = context.now() / 1000;
        message.created_time = message.created_time.or(u64::try_from(now).ok());
    }
    let queue = match &to {
        // Many picos may share an endpoint; each is a peer of its own.
        Destination::V1 { route, .. } => {
            route.recipient_keys.first().unwrap_or(&route.endpoint).clone()
        }
        Destination::V2 { to, .. } => connection::canonical(to),
    };
    let delivery = Delivery {
        message: message.to_fields(),
        to,
        connection: connection.map(str::to_owned),
        answers: message.thid.clone(),
    };
    context.job("deliver", &queue, json!(delivery), None)
}

/// The refusal of a message by one of the small protocols.
pub fn refusal(error: &picomesh_protocols::Error, version: Version) -> Fault {
    Fault::refused(error.problem_code(version).unwrap_or("invalid"), error.to_string())
}
