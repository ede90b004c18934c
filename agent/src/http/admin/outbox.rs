//! The outbox of a pico: what waits to be done, and what nobody tries any more.

use super::answer::{nothing, page};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::http::Problem;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
use warp::reply::Response;

/// A page of jobs.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the store answers")]
struct Jobs {
    /// The jobs.
    items: Vec<Job>,
    /// `after` of the following page; null on the last.
    next: Option<String>,
}

/// A message to be delivered, or another job. What it carries is not shown.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what the store answers")]
struct Job {
    /// Its id; the same at every try.
    id: String,
    /// What kind of job it is.
    kind: String,
    /// When it was asked for, in unix milliseconds.
    created_at: i64,
    /// Next try, in unix milliseconds.
    due_at: i64,
    /// Tries so far.
    attempts: i64,
    /// When it was given up, in unix milliseconds.
    dead_at: Option<i64>,
    /// Why the last try failed.
    error: String,
}

const DEAD: &str = "/v1/picos/{pico}/dead-letters";
const ONE: &str = "/v1/picos/{pico}/dead-letters/{job}";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(GET "/v1/picos/{pico}/outbox", waiting, "outbox_list", "List what a pico has in its outbox")
        .about("Dead letters among them.")
        .pages()
        .answers::<Jobs>(StatusCode::OK),
        row!(GET DEAD, dead, "dead_letter_list", "List dead letters")
        .pages()
        .answers::<Jobs>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/dead-letters/{job}/redrive", redrive, "dead_letter_redrive", "Try a dead letter again")
        .answers_nothing(),
        row!(DELETE ONE, delete, "dead_letter_delete", "Delete a dead letter")
        .answers_nothing(),
    ];
    family("outbox", rows)
}

async fn waiting(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    list(&api, &call, false).await
}

async fn dead(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    list(&api, &call, true).await
}

async fn list(api: &Api, call: &Call, dead_only: bool) -> Result<Response, Problem> {
    let (pico, wanted) = (call.pico(&api.engine)?, call.page()?);
    if !api.engine.has_pico(&pico).await? {
        return Err(Problem::not_found());
    }
    let limit = i64::from(wanted.limit);
    let jobs = api.engine.store().outbox_list(&pico, dead_only, &wanted.after, limit).await?;
    page(json!(jobs), wanted.limit, "id")
}

async fn redrive(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    match api.engine.redrive(&call.pico(&api.engine)?, call.text("job")).await? {
        true => nothing(),
        false => Err(Problem::not_found()),
    }
}

async fn delete(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    match api.engine.store().outbox_discard(&call.pico(&api.engine)?, call.text("job")).await? {
        true => nothing(),
        false => Err(Problem::not_found()),
    }
}
