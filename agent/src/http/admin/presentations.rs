//! Proofs: asked for and given, with the report of what was checked.

use super::answer::{Command, json_with, nothing, ok};
use super::credentials::{Reason, go_on};
use super::invitations::Listing;
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

const RID: &str = "picomesh.present-proof";

/// A proof to be asked for: over a connection, or by an invitation that anybody may take.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRequest {
    /// The connection to the prover.
    connection: Option<String>,
    /// Whether the request goes into an invitation; instead of `connection`.
    connectionless: Option<bool>,
    /// What is asked for (DIF Presentation Exchange).
    definition: Value,
    /// `challenge` and `domain`; a fresh challenge unless given.
    options: Option<Value>,
    /// Words for the prover.
    comment: Option<String>,
    /// What it is for, in words.
    goal: Option<String>,
    /// What it is for, as a code.
    goal_code: Option<String>,
    /// How we call ourselves in the invitation.
    label: Option<String>,
    /// When the invitation ends.
    expires_seconds: Option<u64>,
    /// Whether the prover is told what came of it; yes unless given.
    will_confirm: Option<bool>,
    /// DIDs whose credentials count; all that verify unless given.
    trusted_issuers: Option<Vec<String>>,
}

/// A proof that we offer to show.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewProposal {
    /// The connection to the verifier.
    connection: String,
    /// What we would show (DIF Presentation Exchange).
    definition: Value,
    /// Words for the verifier.
    comment: Option<String>,
}

/// What to ask for instead of what was proposed; what is not given is taken from the proposal.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CounterRequest {
    /// What is asked for (DIF Presentation Exchange).
    definition: Option<Value>,
    /// `challenge` and `domain`.
    options: Option<Value>,
    /// DIDs whose credentials count; all that verify unless given.
    trusted_issuers: Option<Vec<String>>,
}

/// What to show.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Selection {
    /// Ids of held credentials by the id of the input descriptor; the first that fit unless given.
    credentials: Option<BTreeMap<String, Vec<String>>>,
}

/// What a prover does without asking.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Show what is asked for whenever it is there.
    auto_present: Option<bool>,
}

const ALL: &str = "/v1/picos/{pico}/presentation-exchanges";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET ALL, list, "presentation_exchange_list", "List presentation exchanges")
            .query("role", "`verifier` or `prover`.")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(POST ALL, request, "presentation_request", "Ask for a proof")
            .about("Answers with the exchange, and with the invitation when there is no connection.")
            .takes::<NewRequest>()
            .answers::<Value>(StatusCode::CREATED),
        row!(GET "/v1/picos/{pico}/presentation-exchanges/{exchange}", show, "presentation_exchange_show", "Show a presentation exchange")
            .about("At the verifier with the report: each check by name, and whether all passed.")
            .answers::<Value>(StatusCode::OK),
        row!(GET "/v1/picos/{pico}/presentation-exchanges/{exchange}/matching", matching, "presentation_matching", "List held credentials that fit a request")
            .answers::<Value>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/presentation-exchanges/{exchange}/present", present, "presentation_present", "Show what is asked for")
            .takes::<Selection>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/presentation-exchanges/{exchange}/decline", decline, "presentation_decline", "End an exchange")
            .takes::<Reason>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/presentation-exchanges/propose", propose, "presentation_propose", "Propose to show a proof")
            .takes::<NewProposal>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(POST "/v1/picos/{pico}/presentation-exchanges/{exchange}/accept-proposal", accept_proposal, "presentation_accept_proposal", "Ask for what was proposed")
            .takes::<CounterRequest>()
            .answers::<Value>(StatusCode::ACCEPTED),
        row!(DELETE "/v1/picos/{pico}/presentation-exchanges/{exchange}", forget, "presentation_exchange_delete", "Delete an exchange")
            .answers_nothing(),
        row!(PUT "/v1/picos/{pico}/presentation-settings", configure, "presentation_configure", "Say what a prover does without asking")
            .takes::<Settings>()
            .answers_nothing(),
    ];
    family("proofs", rows)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, &call.pico(&api.engine)?, (RID, "exchanges"), &["role"]).await
}

async fn request(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let new: NewRequest = call.json()?;
    if new.connection.is_some() == new.connectionless.unwrap_or(false) {
        return Err(Problem::bad_request("give either connection or connectionless: true"));
    }
    let command = Command("present_proof", "send_request", "request");
    let begun = api.command(&call.pico(&api.engine)?, command, &new, json!({})).await?;
    json_with(StatusCode::CREATED, &begun)
}

async fn show(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.one(&call, (RID, "exchange"), "exchange").await
}

async fn matching(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let args = json!({ "id": call.text("exchange") });
    ok(&api.ask(&call.pico(&api.engine)?, RID, "matching", args).await?)
}

async fn present(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let selection: Selection = call.json_or_default()?;
    go_on(&api, &call, Command("present_proof", "present", "exchange"), &selection).await
}

async fn propose(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let new: NewProposal = call.json()?;
    let command = Command("present_proof", "send_proposal", "exchange");
    let begun = api.command(&call.pico(&api.engine)?, command, &new, json!({})).await?;
    json_with(StatusCode::ACCEPTED, &begun)
}

async fn accept_proposal(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let request: CounterRequest = call.json_or_default()?;
    go_on(&api, &call, Command("present_proof", "accept_proposal", "exchange"), &request).await
}

async fn forget(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    go_on(&api, &call, Command("present_proof", "delete", "deleted"), &json!({})).await?;
    nothing()
}

async fn decline(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let reason: Reason = call.json_or_default()?;
    go_on(&api, &call, Command("present_proof", "decline", "exchange"), &reason).await
}

async fn configure(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let settings: Settings = call.json()?;
    let command = Command("present_proof", "configure", "configured");
    api.command(&call.pico(&api.engine)?, command, &settings, json!({})).await?;
    nothing()
}
