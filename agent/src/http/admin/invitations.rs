//! Invitations: make, list, take.

use super::answer::{Command, json_with, ok};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use crate::rulesets::connection::RID;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// An invitation to be made. Nothing at all is an invitation to connect, for one use.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    /// `didexchange/1.1` (default), `didexchange/1.0`, `connections/1.0` or `out-of-band/2.0`.
    #[schema(example = "didexchange/1.1")]
    protocol: Option<String>,
    /// Handshakes to offer, in the order of preference; instead of `protocol`.
    handshake_protocols: Option<Vec<String>>,
    /// Whether it may be used more than once.
    multi_use: Option<bool>,
    /// How we call ourselves in it.
    label: Option<String>,
    /// How the operator calls the connection.
    alias: Option<String>,
    /// What it is for, in words.
    goal: Option<String>,
    /// What it is for, as a code.
    goal_code: Option<String>,
    /// When it ends.
    expires_seconds: Option<u64>,
    /// Messages that it carries.
    attachments: Option<Vec<Value>>,
    /// A DID of this pico to invite to, instead of a fresh one.
    use_did: Option<String>,
    /// Whether who uses it is connected without asking; yes unless given.
    auto_accept: Option<bool>,
}

/// An invitation that was made.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct Invitation {
    /// Its id here.
    invitation_id: String,
    /// To be shown as a QR code or a link.
    url: String,
    /// What the URL carries.
    invitation: Value,
    /// The connection that it leads to, for one use.
    connection_id: Option<String>,
}

/// An invitation that came from another agent; give `url` or `invitation`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReceivedInvitation {
    /// As a link.
    url: Option<String>,
    /// As JSON.
    invitation: Option<Value>,
    /// How the operator calls the connection.
    alias: Option<String>,
    /// Whether to go on without asking; yes unless given.
    auto_accept: Option<bool>,
    /// Whether a connection that is there is used again; yes unless given.
    use_existing: Option<bool>,
}

/// What a query lists, as the ruleset keeps it.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what rulesets answer")]
pub(super) struct Listing {
    /// The entries.
    items: Vec<Value>,
    /// `after` of the following page; null on the last.
    next: Option<String>,
}

const ALL: &str = "/v1/picos/{pico}/invitations";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET ALL, list, "invitation_list", "List invitations")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(POST ALL, create, "invitation_create", "Make an invitation")
            .takes::<NewInvitation>()
            .answers::<Invitation>(StatusCode::CREATED),
        row!(POST "/v1/picos/{pico}/invitations/receive", receive, "invitation_receive", "Take an invitation")
            .about("Answers with the connection that it leads to, in the state that it has now.")
            .takes::<ReceivedInvitation>()
            .answers::<Value>(StatusCode::OK),
    ];
    family("connections", rows)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (RID, "invitations"), &[]).await
}

async fn create(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let new: NewInvitation = call.json_or_default()?;
    let command = Command("connections", "create_invitation", "invitation");
    let made = api.command(&call.pico(&api.engine)?, command, &new, json!({})).await?;
    json_with(StatusCode::CREATED, &made)
}

async fn receive(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let received: ReceivedInvitation = call.json()?;
    if received.url.is_some() == received.invitation.is_some() {
        return Err(Problem::bad_request("give either url or invitation"));
    }
    let command = Command("connections", "receive_invitation", "connection");
    ok(&api.command(&call.pico(&api.engine)?, command, &received, json!({})).await?)
}
