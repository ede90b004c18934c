//! Pings, text messages and questions about features, over a connection.

use super::answer::{Command, found, json_with, ok};
use super::invitations::Listing;
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

const PING_RID: &str = "picomesh.trust-ping";
const TEXT_RID: &str = "picomesh.basic-message";
const FEATURES_RID: &str = "picomesh.discover-features";

/// A ping.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPing {
    /// Words that go with it.
    comment: Option<String>,
    /// Whether the other end should answer; yes unless given.
    response_requested: Option<bool>,
}

/// A text message.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    /// The text.
    content: String,
    /// Its language (BCP 47).
    locale: Option<String>,
}

/// A question about features.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewQuestion {
    /// What to ask for, with `*` at the end for any; all protocols unless given.
    query: Option<String>,
    /// What kind of feature (DIDComm v2): `protocol` unless given.
    feature_type: Option<String>,
}

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(POST "/v1/picos/{pico}/connections/{connection}/pings", ping, "ping_send", "Ping the other end")
            .about("Answers with the thread; the response shows in the stream and the listing.")
            .takes::<NewPing>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(GET "/v1/picos/{pico}/pings", pings, "ping_list", "Show the pings")
            .answers::<Value>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/connections/{connection}/messages", send, "message_send", "Send a text message")
            .takes::<NewMessage>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(GET "/v1/picos/{pico}/messages", messages, "message_list", "List text messages")
            .query("connection", "Only those of this connection.")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/connections/{connection}/features", ask, "feature_ask", "Ask what the other end can do")
            .takes::<NewQuestion>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(GET "/v1/picos/{pico}/connections/{connection}/features", features, "feature_list", "Show what the other end said it can do")
            .answers::<Value>(StatusCode::OK),
    ];
    family("messages", rows)
}

async fn ping(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let ping: NewPing = call.json_or_default()?;
    over(&api, &call, Command("trust_ping", "send", "ping"), &ping).await
}

async fn pings(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    ok(&api.ask(&call.pico(&api.engine)?, PING_RID, "pings", json!({})).await?)
}

async fn send(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let message: NewMessage = call.json()?;
    over(&api, &call, Command("basic_message", "send", "message"), &message).await
}

async fn messages(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (TEXT_RID, "messages"), &["connection"]).await
}

async fn ask(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let question: NewQuestion = call.json_or_default()?;
    over(&api, &call, Command("discover_features", "query", "query"), &question).await
}

async fn features(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let args = json!({ "connection": call.text("connection") });
    found(&api.ask(&call.pico(&api.engine)?, FEATURES_RID, "features", args).await?)
}

/// A command that sends something over the connection of the path. 202: it is in the outbox.
async fn over(
    api: &Api,
    call: &Call,
    command: Command,
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let more = json!({ "connection": call.text("connection") });
    let done = api.command(&call.pico(&api.engine)?, command, body, more).await?;
    json_with(StatusCode::ACCEPTED, &done)
}
