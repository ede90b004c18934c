//! Rulesets of a pico: list, install, remove.

use super::answer::{nothing, ok};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use picomesh_pico::SYSTEM_RID;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// A ruleset to be installed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Installation {
    /// Id of the ruleset.
    rid: String,
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

const ALL: &str = "/v1/picos/{pico}/rulesets";
const ONE: &str = "/v1/picos/{pico}/rulesets/{rid}";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET ALL, list, "ruleset_list", "List the rulesets of a pico")
            .about("With the events that select their rules and the functions that they share.")
            .answers::<Rulesets>(StatusCode::OK),
        row!(POST ALL, install, "ruleset_install", "Install a ruleset")
            .takes::<Installation>()
            .answers_nothing(),
        row!(DELETE ONE, remove, "ruleset_remove", "Remove a ruleset")
            .about("With all that it keeps in this pico.")
            .answers_nothing(),
    ];
    family("rulesets", rows)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let pico = call.pico(&api.engine)?;
    ok(&Rulesets { items: api.ask(&pico, SYSTEM_RID, "rulesets", json!({})).await? })
}

async fn install(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let installation: Installation = call.json()?;
    let pico = call.pico(&api.engine)?;
    api.act(&pico, "pico", "install_ruleset", json!(installation)).await?;
    nothing()
}

async fn remove(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let attrs = json!({ "rid": call.rid()? });
    api.act(&call.pico(&api.engine)?, "pico", "uninstall_ruleset", attrs).await?;
    nothing()
}
