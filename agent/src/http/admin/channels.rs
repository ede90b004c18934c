//! Channels of a pico: list, make, show, change, delete.

use super::answer::{Command, directive, found, json_with, nothing, ok, page};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use picomesh_pico::SYSTEM_RID;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// A channel: an address of a pico, with policies of its own.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
pub(super) struct Channel {
    /// The address: who knows it may use it as far as the policies allow.
    eci: String,
    /// What it is for.
    tags: Vec<String>,
    /// Which events may come in.
    event_policy: EventPolicy,
    /// Which queries may come in.
    query_policy: QueryPolicy,
    /// Its DID, once it has one.
    did: Option<String>,
}

/// A channel to be made.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewChannel {
    /// What it is for; at most 16.
    tags: Vec<String>,
    /// Which events may come in; all unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_policy: Option<EventPolicy>,
    /// Which queries may come in; all unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    query_policy: Option<QueryPolicy>,
}

/// What to change of a channel; what is not given stays.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelChange {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    /// Which events may come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_policy: Option<EventPolicy>,
    /// Which queries may come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    query_policy: Option<QueryPolicy>,
}

/// Events that come in: no `deny` matches and some `allow` does.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventPolicy {
    allow: Vec<EventPattern>,
    deny: Vec<EventPattern>,
}

/// A kind of event; `*` stands for any.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EventPattern {
    domain: String,
    name: String,
}

/// Queries that come in: no `deny` matches and some `allow` does.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QueryPolicy {
    allow: Vec<QueryPattern>,
    deny: Vec<QueryPattern>,
}

/// A kind of query; `*` stands for any.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QueryPattern {
    rid: String,
    name: String,
}

/// A DID for a channel.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDid {
    /// The generation of DIDComm that it is for: 1 (did:peer:4, the default) or 2 (did:peer:2).
    generation: Option<u8>,
}

/// The DID of a channel.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct ChannelDid {
    /// The channel.
    eci: String,
    /// Its DID, short where there is a short form.
    did: String,
    /// The DID with its document in it.
    long_did: String,
}

/// A page of channels.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the ruleset answers")]
struct Channels {
    /// The channels.
    items: Vec<Channel>,
    /// `after` of the following page; null on the last.
    next: Option<String>,
}

const ALL: &str = "/v1/picos/{pico}/channels";
const ONE: &str = "/v1/picos/{pico}/channels/{eci}";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET ALL, list, "channel_list", "List the channels of a pico")
            .pages()
            .answers::<Channels>(StatusCode::OK),
        row!(POST ALL, create, "channel_create", "Make a channel")
            .takes::<NewChannel>()
            .answers::<Channel>(StatusCode::CREATED),
        row!(GET ONE, show, "channel_show", "Show a channel").answers::<Channel>(StatusCode::OK),
        row!(PATCH ONE, change, "channel_change", "Change a channel")
            .takes::<ChannelChange>()
            .answers::<Channel>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/channels/{eci}/did", give_did, "channel_did", "Give a channel its DID")
            .about("Answers with the DID that the channel has, or makes one.")
            .takes::<NewDid>()
            .answers::<ChannelDid>(StatusCode::OK),
        row!(DELETE ONE, delete, "channel_delete", "Delete a channel")
            .about("With its DID and keys: messages to it can no longer be read.")
            .answers_nothing(),
    ];
    family("channels", rows)
}

async fn give_did(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let new: NewDid = call.json_or_default()?;
    let command = Command("channel_did", "give", "did");
    let eci = json!({ "eci": call.text("eci") });
    ok(&api.command(&call.pico(&api.engine)?, command, &new, eci).await?)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let wanted = call.page()?;
    let args = json!({ "after": wanted.after, "limit": wanted.limit });
    let channels = api.ask(&call.pico(&api.engine)?, SYSTEM_RID, "channels", args).await?;
    page(channels, wanted.limit, "eci")
}

async fn create(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let channel: NewChannel = call.json()?;
    let pico = call.pico(&api.engine)?;
    let answer = api.act(&pico, "pico", "create_channel", json!(channel)).await?;
    json_with(StatusCode::CREATED, &directive(answer, "channel")?)
}

async fn show(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let args = json!({ "eci": call.eci()? });
    found(&api.ask(&call.pico(&api.engine)?, SYSTEM_RID, "channel", args).await?)
}

async fn change(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let change: ChannelChange = call.json()?;
    let mut attrs = json!(change);
    attrs["eci"] = json!(call.eci()?);
    let answer = api.act(&call.pico(&api.engine)?, "pico", "update_channel", attrs).await?;
    ok(&directive(answer, "channel")?)
}

async fn delete(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let attrs = json!({ "eci": call.eci()? });
    api.act(&call.pico(&api.engine)?, "pico", "delete_channel", attrs).await?;
    nothing()
}
