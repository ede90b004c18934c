//! What the ruleset keeps: invitations of ours, handshakes under way, and the ways to them.
//!
//! A handshake is deleted when it ends; what remains is the connection.

use crate::rulesets::connection::{self, Connection, Route};
use picomesh_did_resolver::Did;
use picomesh_pico::{Context, Fault};
use picomesh_protocols::connections::{Invitee, Inviter};
use picomesh_protocols::did_exchange::{Requester, Responder};
use picomesh_protocols::out_of_band::{Handshake as Protocol, Receiver, Sender};
use picomesh_protocols::out_of_band_v2;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Longest id of an invitation of ours; what is longer was never ours.
const INVITATION_ID_BYTES_MAX: usize = 64;

/// An invitation of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invitation {
    /// Its id: the `pthid` of the answers.
    pub(super) id: String,
    /// Our DID that the answers reach, as stored.
    pub(super) did: String,
    /// That DID's verkey: the invitation key.
    pub(super) verkey: String,
    /// Whether a request that it brings is accepted without asking.
    pub(super) auto_accept: bool,
    /// How the operator calls connections that it brings.
    pub(super) alias: Option<String>,
    /// The connection that waits for the answer to a single-use invitation.
    pub(super) connection: Option<String>,
    /// The link.
    pub(super) url: String,
    /// The message.
    pub(super) message: Value,
    /// Who may still answer.
    pub(super) sender: SenderState,
    /// When it was made, unix milliseconds.
    pub(super) created_at: i64,
}

/// The sender's machine of either generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SenderState {
    /// Out-of-Band 1.x.
    V1(Sender),
    /// Out-of-Band 2.0.
    V2(out_of_band_v2::Sender),
}

/// A handshake under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Handshake {
    /// How far it is.
    pub(super) machine: Machine,
    /// Whether to go on without asking.
    pub(super) auto_accept: bool,
    /// Where the invitation is answered to.
    pub(super) invitation_route: Option<Route>,
    /// Our own invitation key, which signs the response.
    pub(super) invitation_key: Option<String>,
    /// The DID that invited us, by which we would know it again.
    pub(super) invited_by: Option<Did>,
    /// The invitation that we answer.
    pub(super) receiver: Option<Receiver>,
}

/// The machine of a handshake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Machine {
    /// Our owner has to decide about an invitation.
    Invited,
    /// The service of an invitation has to be resolved.
    AwaitingService {
        /// What to begin then.
        protocol: Protocol,
        /// The DID.
        did: Did,
        /// The id of the invitation.
        pthid: Option<String>,
    },
    /// DID Exchange, we answer an invitation.
    Requester(Requester),
    /// DID Exchange, we made the invitation.
    Responder(Responder),
    /// Connections 1.0, we answer an invitation.
    Invitee(Invitee),
    /// Connections 1.0, we made the invitation.
    Inviter(Inviter),
}

impl Machine {
    /// The state for the connection's record.
    pub(super) fn state(&self) -> &'static str {
        let state = match self {
            Self::Invited | Self::AwaitingService { .. } => "invitation-received",
            Self::Requester(role) => role.rfc_state(),
            Self::Responder(role) => role.rfc_state(),
            Self::Invitee(role) => role.rfc_state(),
            Self::Inviter(role) => role.rfc_state(),
        };
        match state {
            "complete" => "completed",
            "null" => "abandoned",
            other => other,
        }
    }

    /// Why it ended, if it did so badly.
    pub(super) fn problem(&self) -> Option<String> {
        let problem = match self {
            Self::Requester(Requester::Abandoned { problem })
            | Self::Responder(Responder::Abandoned { problem })
            | Self::Invitee(Invitee::Abandoned { problem })
            | Self::Inviter(Inviter::Abandoned { problem }) => problem,
            Self::Invited
            | Self::AwaitingService { .. }
            | Self::Requester(_)
            | Self::Responder(_)
            | Self::Invitee(_)
            | Self::Inviter(_) => return None,
        };
        let comment = problem.comment.as_deref().unwrap_or_default();
        Some(format!("{}: {comment}", problem.code))
    }
}

impl Invitation {
    /// An invitation of ours; `None` for an id that cannot be one.
    pub(super) fn load(context: &Context, id: &str) -> Result<Option<Self>, Fault> {
        if id.is_empty() || id.len() > INVITATION_ID_BYTES_MAX || id.contains('\0') {
            return Ok(None);
        }
        context.entity(&format!("invitation/{id}"))
    }

    pub(super) fn save(&self, context: &mut Context) -> Result<(), Fault> {
        context.put(&format!("invitation/{}", self.id), self)
    }

    /// As listings show it.
    pub(super) fn shown(&self) -> Value {
        let (state, multi_use) = match &self.sender {
            SenderState::V1(sender) => (sender.rfc_state(), is_multi_use(sender)),
            SenderState::V2(sender) => (sender.rfc_state(), is_multi_use_v2(sender)),
        };
        json!({
            "id": self.id,
            "state": state,
            "multi_use": multi_use,
            "alias": self.alias,
            "url": self.url,
            "invitation": self.message,
            "connection_id": self.connection,
            "created_at": self.created_at,
        })
    }
}

fn is_multi_use(sender: &Sender) -> bool {
    matches!(sender, Sender::AwaitingResponse { multi_use: true, .. })
}

fn is_multi_use_v2(sender: &out_of_band_v2::Sender) -> bool {
    matches!(sender, out_of_band_v2::Sender::AwaitingResponse { multi_use: true, .. })
}

impl Handshake {
    pub(super) fn new(machine: Machine, auto_accept: bool) -> Self {
        Self {
            machine,
            auto_accept,
            invitation_route: None,
            invitation_key: None,
            invited_by: None,
            receiver: None,
        }
    }

    pub(super) fn load(context: &Context, connection: &str) -> Result<Option<Self>, Fault> {
        context.entity(&format!("handshake/{connection}"))
    }

    pub(super) fn save(&self, context: &mut Context, connection: &str) -> Result<(), Fault> {
        context.put(&format!("handshake/{connection}"), self)
    }

    pub(super) fn delete(context: &mut Context, connection: &str) -> Result<(), Fault> {
        context.delete(&format!("handshake/{connection}"))
    }
}

/// A connection with its handshake; refuses what is not under way.
pub(super) fn under_way(context: &Context, id: &str) -> Result<(Connection, Handshake), Fault> {
    let connection = connection::own(context, id)?;
    let connection = connection.ok_or_else(|| Fault::not_found("connection"))?;
    let handshake = Handshake::load(context, id)?;
    let over = || Fault::refused("not-ready", "the handshake of this connection is over");
    Ok((connection, handshake.ok_or_else(over)?))
}

/// A fresh connection, of which nothing is known yet.
pub(super) fn fresh(context: &mut Context, role: &str, protocol: &str) -> Connection {
    let now = context.now();
    Connection {
        id: context.fresh_id(),
        state: String::new(),
        role: role.to_owned(),
        protocol: protocol.to_owned(),
        generation: 1,
        my_did: None,
        my_key: None,
        their_did: None,
        their_document: None,
        their_keys: Vec::new(),
        route: None,
        their_label: None,
        alias: None,
        invitation_id: None,
        thid: None,
        problem: None,
        created_at: now,
        updated_at: now,
    }
}

/// The way from our key and a thread to a connection whose peer's key is not known yet.
pub(super) fn thread_name(my_key: &str, thid: &str) -> String {
    format!("thread/{}", digest(&[my_key, thid]))
}

/// The way from a DID that invited us to the connection that came of it.
pub(super) fn service_name(did: &Did) -> String {
    format!("service/{}", digest(&[&connection::canonical(did.as_str())]))
}

/// The way from the thread of a `handshake-reuse` to the invitation that it answers.
pub(super) fn reuse_name(connection: &str, thid: &str) -> String {
    format!("reuse/{}", digest(&[connection, thid]))
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    bs58::encode(hash.finalize()).into_string()
}
