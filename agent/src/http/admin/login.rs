//! Clients and policies of the login provider; both live on the root pico.
//!
//! What they may contain is decided by the crate `picomesh-login`, which tells a fault with its
//! place; so the bodies pass through as they are.

use super::answer::{Command, json_with, nothing};
use super::invitations::Listing;
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

const RID: &str = "picomesh.login";

/// A client: a web application that sends its users here (names as in RFC 7591).
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes a body that passes through")]
struct LoginClient {
    /// Its id.
    client_id: String,
    /// Shown to users.
    client_name: String,
    /// Where users go back to; compared byte for byte.
    #[schema(example = json!(["https://app.example/callback"]))]
    redirect_uris: Vec<String>,
    /// Ids of the policies that it may use; the first is its default.
    policies: Vec<String>,
    /// `client_secret_basic` (default), `client_secret_post` or `none`.
    token_endpoint_auth_method: Option<String>,
    /// Its secret; made and shown once unless given.
    client_secret: Option<String>,
    /// `RS256` (default), `ES256` or `EdDSA`.
    id_token_signed_response_alg: Option<String>,
    /// Clients of one sector see the same `sub`.
    sector_identifier: Option<String>,
    /// Where users go after a logout.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// A disabled client gets nothing.
    disabled: Option<bool>,
}

/// A policy: which credential proves what, and which claims it gives.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes a body that passes through")]
struct LoginPolicy {
    /// Its id; asked for by the scope `policy:<id>`.
    id: String,
    /// Shown to users.
    name: String,
    /// What the wallet is asked for (DIF Presentation Exchange).
    presentation_definition: Value,
    /// DIDs whose credentials count.
    trusted_issuers: Vec<String>,
    /// Claims of the ID token by their place in the credential.
    #[schema(example = json!({ "given_name": "$.credentialSubject.givenName" }))]
    claims: Value,
    /// `{"claim": "$.path"}`, `"holder_did"` or `"ephemeral"`.
    subject: Value,
    /// `acr` of the ID token.
    acr: Option<String>,
    /// How long the wallet has.
    session_seconds: Option<u64>,
    /// Whether the proof must cover our domain; yes unless given. Off for wallets that sign none.
    binds_domain: Option<bool>,
}

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET "/v1/login/clients", clients, "login_client_list", "List login clients")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(POST "/v1/login/clients", put_client, "login_client_put", "Register or replace a login client")
            .about("A secret that was made is in this answer and nowhere else.")
            .takes::<LoginClient>()
            .answers::<Value>(StatusCode::CREATED),
        row!(DELETE "/v1/login/clients/{client}", delete_client, "login_client_delete", "Delete a login client")
            .answers_nothing(),
        row!(GET "/v1/login/policies", policies, "login_policy_list", "List login policies")
            .pages()
            .answers::<Listing>(StatusCode::OK),
        row!(POST "/v1/login/policies", put_policy, "login_policy_put", "Make or replace a login policy")
            .takes::<LoginPolicy>()
            .answers::<Value>(StatusCode::CREATED),
        row!(DELETE "/v1/login/policies/{policy}", delete_policy, "login_policy_delete", "Delete a login policy")
            .answers_nothing(),
    ];
    family("login", rows)
}

async fn clients(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, api.engine.root(), (RID, "clients"), &[]).await
}

async fn policies(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    api.listing(&call, api.engine.root(), (RID, "policies"), &[]).await
}

async fn put_client(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    put(&api, &call, Command("login", "put_client", "client")).await
}

async fn put_policy(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    put(&api, &call, Command("login", "put_policy", "policy")).await
}

async fn put(api: &Api, call: &Call, command: Command) -> Result<Response, Problem> {
    let document: Map<String, Value> = call.json()?;
    let made = api.command(api.engine.root(), command, &document, json!({})).await?;
    json_with(StatusCode::CREATED, &made)
}

async fn delete_client(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let attrs = json!({ "client_id": call.text("client") });
    delete(&api, Command("login", "delete_client", "deleted"), attrs).await
}

async fn delete_policy(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let attrs = json!({ "id": call.text("policy") });
    delete(&api, Command("login", "delete_policy", "deleted"), attrs).await
}

async fn delete(api: &Api, command: Command, attrs: Value) -> Result<Response, Problem> {
    api.command(api.engine.root(), command, &attrs, json!({})).await?;
    nothing()
}
