//! Connections: list, show, accept, delete.

use super::answer::{Command, nothing, ok};
use super::credentials::Reason;
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use crate::rulesets::connection::RID;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// The other end of a channel; the members that matter to most.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct Connection {
    /// Its id.
    id: String,
    /// How far the handshake is, in the words of its RFC; `completed` when it may be used.
    state: String,
    /// `inviter` or `invitee`.
    role: String,
    /// The handshake, e.g. `didexchange/1.1`.
    protocol: String,
    /// The generation of DIDComm that is spoken on it: 1 or 2.
    generation: u8,
    /// Our DID on it.
    my_did: Option<String>,
    /// Their DID.
    their_did: Option<String>,
    /// How they call themselves.
    their_label: Option<String>,
    /// How the operator calls it.
    alias: Option<String>,
    /// The invitation that it came from.
    invitation_id: Option<String>,
    /// Why it ended, if it did.
    problem: Option<String>,
    /// When it began, in unix milliseconds.
    created_at: i64,
    /// When it last changed, in unix milliseconds.
    updated_at: i64,
}

/// A page of connections.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct Connections {
    /// The connections.
    items: Vec<Connection>,
    /// `after` of the following page; null on the last.
    next: Option<String>,
}

const ONE: &str = "/v1/picos/{pico}/connections/{connection}";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET "/v1/picos/{pico}/connections", list, "connection_list", "List connections")
            .query("state", "Only those in this state.")
            .pages()
            .answers::<Connections>(StatusCode::OK),
        row!(GET ONE, show, "connection_show", "Show a connection")
            .answers::<Connection>(StatusCode::OK),
        row!(DELETE ONE, delete, "connection_delete", "Delete a connection")
            .about("The other end is not told.")
            .answers_nothing(),
        row!(POST "/v1/picos/{pico}/connections/{connection}/accept-invitation", accept_invitation, "connection_accept_invitation", "Go on with an invitation that was taken")
            .answers::<Value>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/connections/{connection}/accept-request", accept_request, "connection_accept_request", "Accept who asks to be connected")
            .answers::<Value>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/connections/{connection}/reject", reject, "connection_reject", "Refuse an invitation or a request")
            .about("The other end is told.")
            .takes::<Reason>()
            .answers::<Value>(StatusCode::OK),
    ];
    family("connections", rows)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (RID, "connections"), &["state"]).await
}

async fn show(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.one(&call, (RID, "connection"), "connection").await
}

async fn delete(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    about(&api, &call, Command("connections", "delete", "deleted"), &json!({})).await?;
    nothing()
}

async fn accept_invitation(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let command = Command("connections", "accept_invitation", "connection");
    ok(&about(&api, &call, command, &json!({})).await?)
}

async fn accept_request(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let command = Command("connections", "accept_request", "connection");
    ok(&about(&api, &call, command, &json!({})).await?)
}

async fn reject(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let reason: Reason = call.json_or_default()?;
    ok(&about(&api, &call, Command("connections", "reject", "connection"), &reason).await?)
}

/// A command about the connection of the path.
async fn about(
    api: &Api,
    call: &Call,
    command: Command,
    body: &impl Serialize,
) -> Result<Value, Problem> {
    let more = json!({ "id": call.text("connection") });
    api.command(&call.pico(&api.engine)?, command, body, more).await
}
