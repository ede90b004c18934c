//! Credentials: the DIDs that issue and hold, what is held, and the exchanges that issue.

use super::answer::{Command, json_with, nothing};
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

const HELD_RID: &str = "picomesh.credentials";
const EXCHANGE_RID: &str = "picomesh.issue-credential";

/// A DID to be made.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDid {}

/// A credential to be offered or asked for.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewExchange {
    /// The connection to the other side.
    connection: String,
    /// The credential without its proof (W3C VCDM).
    credential: Value,
    /// How it is proven, e.g. `{"proofType": "Ed25519Signature2018"}`.
    options: Option<Value>,
    /// Words for the other side.
    comment: Option<String>,
    /// What it is for, as a code.
    goal_code: Option<String>,
    /// By which the holder knows what a credential replaces (RFC 0453).
    replacement_id: Option<String>,
    /// Whether an offer that is accepted is issued without asking; yes unless given.
    auto_issue: Option<bool>,
}

/// What to offer instead of what was proposed; what is not given is taken from the proposal.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CounterOffer {
    /// The credential without its proof.
    credential: Option<Value>,
    /// How it is proven.
    options: Option<Value>,
    /// Whether an offer that is accepted is issued without asking; yes unless given.
    auto_issue: Option<bool>,
}

/// Which DID holds the credential.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    /// A DID of this pico; a fresh one unless given.
    holder_did: Option<String>,
}

/// Why an exchange ends.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// In words, for the other side.
    reason: Option<String>,
}

/// What a holder does without asking.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Accept each offer.
    auto_accept_offers: Option<bool>,
    /// Store each credential that passes its checks: always so, `false` is refused.
    auto_store: Option<bool>,
}

const EXCHANGES: &str = "/v1/picos/{pico}/credential-exchanges";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET "/v1/picos/{pico}/dids", dids, "did_list", "List the DIDs that issue and hold")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/dids", create_did, "did_create", "Make a DID that issues or holds")
            .takes::<NewDid>()
            .answers::<Value>(StatusCode::CREATED),
        row!(GET "/v1/picos/{pico}/credentials", held, "credential_list", "List the credentials held")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(GET "/v1/picos/{pico}/credentials/{credential}", show, "credential_show", "Show a credential held")
            .answers::<Value>(StatusCode::OK),
        row!(DELETE "/v1/picos/{pico}/credentials/{credential}", delete, "credential_delete", "Delete a credential held")
            .answers_nothing(),
        row!(PUT "/v1/picos/{pico}/credential-settings", configure, "credential_configure", "Say what a holder does without asking")
            .takes::<Settings>()
            .answers_nothing(),
        row!(GET EXCHANGES, exchanges, "credential_exchange_list", "List credential exchanges")
            .query("role", "`issuer` or `holder`.")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(GET "/v1/picos/{pico}/credential-exchanges/{exchange}", exchange, "credential_exchange_show", "Show a credential exchange")
            .answers::<Value>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/credential-exchanges/offer", offer, "credential_offer", "Offer a credential")
            .takes::<NewExchange>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/credential-exchanges/propose", propose, "credential_propose", "Propose that a credential is issued to us")
            .takes::<NewExchange>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/credential-exchanges/request", request, "credential_request", "Ask for a credential")
            .takes::<NewExchange>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/credential-exchanges/{exchange}/accept-offer", accept_offer, "credential_accept_offer", "Accept an offer")
            .takes::<Acceptance>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/credential-exchanges/{exchange}/accept-proposal", accept_proposal, "credential_accept_proposal", "Offer what was proposed")
            .takes::<CounterOffer>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(GET "/v1/picos/{pico}/credential-exchanges/{exchange}/credential", issued, "credential_issued", "Show the credential that was issued")
            .answers::<Value>(StatusCode::OK),
        row!(DELETE "/v1/picos/{pico}/credential-exchanges/{exchange}", forget, "credential_exchange_delete", "Delete an exchange")
            .answers_nothing(),
        row!(POST "/v1/picos/{pico}/credential-exchanges/{exchange}/issue", issue, "credential_issue", "Issue what was asked for")
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/credential-exchanges/{exchange}/decline", decline, "credential_decline", "End an exchange")
            .takes::<Reason>()
            .answers::<Value>(StatusCode::ACCEPTED),
    ];
    family("credentials", rows)
}

async fn dids(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (HELD_RID, "dids"), &[]).await
}

async fn create_did(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let new: NewDid = call.json_or_default()?;
    let command = Command("credentials", "create_did", "did");
    let made = api.command(&call.pico(&api.engine)?, command, &new, json!({})).await?;
    json_with(StatusCode::CREATED, &made)
}

async fn held(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (HELD_RID, "credentials"), &[]).await
}

async fn show(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.one(&call, (HELD_RID, "credential"), "credential").await
}

async fn delete(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let more = json!({ "id": call.text("credential") });
    let command = Command("credentials", "delete", "deleted");
    api.command(&call.pico(&api.engine)?, command, &json!({}), more).await?;
    nothing()
}

async fn configure(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let settings: Settings = call.json()?;
    if settings.auto_store == Some(false) {
        let reason = "a credential that passes its checks is always stored";
        return Err(Problem::bad_request(reason).pointer("/auto_store"));
    }
    let command = Command("issue_credential", "configure", "configured");
    api.command(&call.pico(&api.engine)?, command, &settings, json!({})).await?;
    nothing()
}

async fn exchanges(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (EXCHANGE_RID, "exchanges"), &["role"]).await
}

async fn exchange(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.one(&call, (EXCHANGE_RID, "exchange"), "exchange").await
}

async fn offer(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    begin(&api, &call, Command("issue_credential", "send_offer", "exchange")).await
}

async fn propose(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    begin(&api, &call, Command("issue_credential", "send_proposal", "exchange")).await
}

async fn request(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    begin(&api, &call, Command("issue_credential", "send_request", "exchange")).await
}

async fn begin(api: &Api, call: &Call, command: Command) -> Result<Response, Problem> {
    let new: NewExchange = call.json()?;
    let begun = api.command(&call.pico(&api.engine)?, command, &new, json!({})).await?;
    json_with(StatusCode::ACCEPTED, &begun)
}

async fn accept_offer(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let acceptance: Acceptance = call.json_or_default()?;
    go_on(&api, &call, Command("issue_credential", "accept_offer", "exchange"), &acceptance).await
}

async fn accept_proposal(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let offer: CounterOffer = call.json_or_default()?;
    go_on(&api, &call, Command("issue_credential", "accept_proposal", "exchange"), &offer).await
}

async fn issued(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.one(&call, (EXCHANGE_RID, "issued"), "exchange").await
}

async fn forget(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    go_on(&api, &call, Command("issue_credential", "delete", "deleted"), &json!({})).await?;
    nothing()
}

async fn issue(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    go_on(&api, &call, Command("issue_credential", "issue", "exchange"), &json!({})).await
}

async fn decline(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let reason: Reason = call.json_or_default()?;
    go_on(&api, &call, Command("issue_credential", "decline", "exchange"), &reason).await
}

/// A command about the exchange of the path. 202: what follows is in the outbox.
pub(super) async fn go_on(
    api: &Api,
    call: &Call,
    command: Command,
    body: &impl Serialize,
) -> Result<Response, Problem> {
    let more = json!({ "id": call.text("exchange") });
    let done = api.command(&call.pico(&api.engine)?, command, body, more).await?;
    json_with(StatusCode::ACCEPTED, &done)
}
