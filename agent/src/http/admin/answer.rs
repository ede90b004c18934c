//! From what the engine says to what the caller reads.

use super::{Api, Call};
use crate::engine::{Answer, EngineError};
use crate::http::Problem;
use crate::store::StoreError;
use picomesh_pico::{Event, Fault, Origin, PicoId, Query, Rid};
use rand_core::{OsRng, RngCore as _};
use serde::Serialize;
use serde_json::{Map, Value, json};
use warp::Reply as _;
use warp::http::StatusCode;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use warp::reply::Response;

/// JSON with a status. Answers may hold what others must not see, so nobody keeps them.
pub(super) fn json_with(status: StatusCode, value: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "an answer is not JSON");
        Problem::internal()
    })?;
    let reply = warp::reply::with_status(body, status);
    let reply = warp::reply::with_header(reply, CONTENT_TYPE, "application/json");
    Ok(warp::reply::with_header(reply, CACHE_CONTROL, "no-store").into_response())
}

/// JSON with status 200.
pub(super) fn ok(value: &impl Serialize) -> Result<Response, Problem> {
    json_with(StatusCode::OK, value)
}

/// 204.
pub(super) fn nothing() -> Result<Response, Problem> {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A page of a listing; `next` is where the following one begins.
///
/// A query answers with a list, or with a list and `next` side by side where its rows are
/// filtered and the last one does not tell.
pub(super) fn page(answer: Value, limit: u32, id: &str) -> Result<Response, Problem> {
    let (items, next) = if let Value::Object(mut members) = answer {
        let next = members.remove("next").unwrap_or(Value::Null);
        let lists = members.into_iter().map(|(_, list)| list);
        (lists.into_iter().find(Value::is_array).unwrap_or_else(|| json!([])), next)
    } else {
        let rows = answer.as_array().filter(|rows| rows.len() >= limit as usize);
        let next = rows.and_then(|rows| rows.last()?.get(id)).cloned();
        (answer, next.unwrap_or(Value::Null))
    };
    ok(&json!({ "items": items, "next": next }))
}

/// A name for an event that came by the API.
pub(super) fn event_id() -> String {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}

impl Api {
    /// Tells a pico something in the operator's name. A rule that failed is a problem.
    pub(super) async fn act(
        &self,
        pico: &PicoId,
        domain: &str,
        name: &str,
        attrs: Value,
    ) -> Result<Answer, Problem> {
        let attrs = match attrs {
            Value::Object(attrs) => attrs,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        let event = Event {
            id: event_id(),
            domain: domain.to_owned(),
            name: name.to_owned(),
            attrs,
            origin: Origin::Operator,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        let answer = self.engine.event(pico, event).await?;
        match answer.fault {
            None => Ok(answer),
            Some(failed) => Err(failed.fault.into()),
        }
    }

    /// Asks a ruleset of a pico in the operator's name.
    pub(super) async fn ask(
        &self,
        pico: &PicoId,
        rid: &'static str,
        name: &str,
        args: Value,
    ) -> Result<Value, Problem> {
        let args = args.as_object().cloned().unwrap_or_default();
        let query = Query { rid: Rid::literal(rid), name: name.to_owned(), args };
        Ok(self.engine.query(pico, query).await?)
    }
}

/// A command: the domain and name of the event, and the directive that answers it.
pub(super) struct Command(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
);

impl Api {
    /// Raises the event of a command with the body as attributes, and `more` from the path; what
    /// is null is left out. Answers with the directive.
    pub(super) async fn command<T: Serialize>(
        &self,
        pico: &PicoId,
        Command(domain, name, answers): Command,
        body: &T,
        more: Value,
    ) -> Result<Value, Problem> {
        let mut attrs = json!(body).as_object().cloned().unwrap_or_default();
        attrs.extend(more.as_object().cloned().unwrap_or_default());
        attrs.retain(|_, value| !value.is_null());
        let answer = self.act(pico, domain, name, Value::Object(attrs)).await?;
        if answer.fired == 0 {
            return Err(nobody());
        }
        // What was asked for may have come to something else: an invitation to a request.
        let told = answer.directive(answers).or(answer.directives.first().map(|one| &one.options));
        Ok(told.cloned().unwrap_or_else(|| json!({})))
    }

    /// A page of what a query lists, narrowed by these parameters of the call.
    pub(super) async fn listing(
        &self,
        call: &Call,
        pico: &PicoId,
        (rid, name): (&'static str, &str),
        filters: &[&str],
    ) -> Result<Response, Problem> {
        let wanted = call.page()?;
        let mut args = json!({ "limit": wanted.limit });
        if !wanted.after.is_empty() {
            args["after"] = json!(wanted.after);
        }
        for filter in filters {
            if let Some(value) = call.asked(filter) {
                args[*filter] = json!(value);
            }
        }
        let items = self.ask(pico, rid, name, args).await?;
        page(items, wanted.limit, "id")
    }

    /// What a query answers about the id of this name in the path; null is 404.
    pub(super) async fn one(
        &self,
        call: &Call,
        (rid, name): (&'static str, &str),
        id: &str,
    ) -> Result<Response, Problem> {
        let args = json!({ "id": call.text(id) });
        found(&self.ask(&call.pico(&self.engine)?, rid, name, args).await?)
    }
}

/// JSON with status 200; null is 404.
pub(super) fn found(value: &Value) -> Result<Response, Problem> {
    if value.is_null() { Err(Problem::not_found()) } else { ok(value) }
}

/// The directive that an action must give; without it no rule took the event.
pub(super) fn directive(answer: Answer, name: &str) -> Result<Value, Problem> {
    let found = answer.directives.into_iter().find(|directive| directive.name == name);
    found.map(|directive| directive.options).ok_or_else(nobody)
}

fn nobody() -> Problem {
    Problem::conflict("no ruleset of this pico does this; is it installed?")
}

/// A reason that begins with a place (`/a/b: why`) tells it as the pointer.
fn invalid(reason: String) -> Problem {
    match reason.split_once(": ") {
        Some((place, why)) if place.starts_with('/') => Problem::bad_request(why).pointer(place),
        Some(_) | None => Problem::bad_request(reason),
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused { code, reason } => match &*code {
                "invalid" => invalid(reason),
                "not-found" => Self::not_found().detail(reason),
                "forbidden" => Self::forbidden(reason),
                _ => Self { code: Some(code.into()), ..Self::conflict(reason) },
            },
            Fault::Limit { name } => Self::unprocessable(format!("limit {name} reached")),
            Fault::Missing(_) | Fault::Broken(_) | _ => {
                tracing::error!(%fault, "a turn broke");
                Self::internal()
            }
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NoPico(_) | EngineError::NoChannel(_) => Self::not_found(),
            EngineError::Policy(refusal) => Self::forbidden(refusal.to_string()),
            EngineError::Query(fault) => fault.into(),
            EngineError::Busy => Self::unavailable("too many inputs wait for this pico"),
            EngineError::Stopping => Self::unavailable("the server is stopping"),
            EngineError::Unavailable(reason) => {
                tracing::warn!(reason, "the store did not take an input");
                Self::unavailable("the store is not available")
            }
            EngineError::Refused(reason) => {
                tracing::error!(reason, "the store refused a turn");
                Self::internal()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        EngineError::from(error).into()
    }
}
