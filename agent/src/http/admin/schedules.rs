//! Schedules of a pico: list, make, delete.

use super::answer::{directive, json_with, nothing, ok};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use picomesh_pico::SYSTEM_RID;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// An event to be raised later; give `at`, `every_seconds` or both.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSchedule {
    /// The event's domain.
    domain: String,
    /// The event's name.
    name: String,
    /// The event's attributes.
    #[serde(default)]
    attrs: Map<String, Value>,
    /// First time, in unix milliseconds; after one period unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    /// Again after each such time, at least 1; once unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    every_seconds: Option<u32>,
}

/// The schedules of a pico.
#[derive(Serialize, ToSchema)]
struct Schedules {
    /// The schedules.
    items: Value,
}

const ALL: &str = "/v1/picos/{pico}/schedules";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET ALL, list, "schedule_list", "List the schedules of a pico")
        .answers::<Schedules>(StatusCode::OK),
        row!(POST ALL, create, "schedule_create", "Schedule an event")
        .takes::<NewSchedule>()
        .answers::<Value>(StatusCode::CREATED),
        row!(DELETE "/v1/picos/{pico}/schedules/{schedule}", delete, "schedule_delete", "Delete a schedule")
        .answers_nothing(),
    ];
    family("schedules", rows)
}

async fn list(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let pico = call.pico(&api.engine)?;
    ok(&Schedules { items: api.ask(&pico, SYSTEM_RID, "schedules", json!({})).await? })
}

async fn create(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let schedule: NewSchedule = call.json()?;
    let answer = api.act(&call.pico(&api.engine)?, "pico", "schedule", json!(schedule)).await?;
    json_with(StatusCode::CREATED, &directive(answer, "schedule")?)
}

async fn delete(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let attrs = json!({ "id": call.text("schedule") });
    api.act(&call.pico(&api.engine)?, "pico", "unschedule", attrs).await?;
    nothing()
}
