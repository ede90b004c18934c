//! Rulesets of a pico: list, install, remove.

use super::answer::{nothing, ok};
use super::operation::family;
use super::{Api, Call, Operation};
use crate::http::Problem;
use picomesh_pico::SYSTEM_RID;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::{Method, StatusCode};
use warp::reply::Response;

/// How a ruleset is installed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Installation {
    /// What the ruleset reads as its configuration.
    #[serde(default)]
    config: Value,
}

/// The rulesets of a pico.
#[derive(Serialize, ToSchema)]
struct Rulesets {
    /// The rulesets, the standard ones first.
    items: Value,
}

const ONE: &str = "/v1/picos/{pico}/rulesets/{rid}";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        Operation::new(
            Method::GET,
            "/v1/picos/{pico}/rulesets",
            "ruleset_list",
            "List the rulesets of a pico",
            |api, call| Box::pin(list(api, call)),
        )
        .about("With the events that select their rules and the functions that they share.")
        .answers::<Rulesets>(StatusCode::OK),
        Operation::new(
            Method::PUT,
            ONE,
            "ruleset_install",
            "Install a ruleset",
            |api, call| Box::pin(install(api, call)),
        )
        .takes::<Installation>()
        .answers_nothing(),
        Operation::new(
            Method::DELETE,
            ONE,
            "ruleset_remove",
            "Remove a ruleset",
            |api, call| Box::pin(remove(api, call)),
        )
        .about("With all that it keeps in this pico.")
        .answers_nothing(),
    ];
    family("rulesets", rows)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let pico = call.pico(&api.engine)?;
    ok(&Rulesets {
        items: api.ask(&pico, SYSTEM_RID, "rulesets", json!({})).await?,
    })
}

async fn install(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let Installation { config } = call.json_or_default()?;
    let attrs = json!({ "rid": call.rid()?, "config": config });
    api.act(&call.pico(&api.engine)?, "pico", "install_ruleset", attrs)
        .await?;
    nothing()
}

async fn remove(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let attrs = json!({ "rid": call.rid()? });
    api.act(&call.pico(&api.engine)?, "pico", "uninstall_ruleset", attrs)
        .await?;
    nothing()
}
