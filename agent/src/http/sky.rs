//! Events and queries by channel: `/c/{eci}/…`, the paths of pico-engine 1.4.
//!
//! Answers have status 200 and, when something is wrong, `{"error": "Error: …"}`, as programs
//! written for it expect. Unlike it, an answer to `event` means that the event is durable.

use super::body_limited;
use crate::assemble::Agent;
use crate::engine::{Answer, EngineError};
use bytes::Bytes;
use picomesh_pico::{Eci, Event, Fault, Origin, Query, Rid};
use serde_json::{Map, Value, json};
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

/// Largest body of an event or a query, in bytes.
const BODY_BYTES_MAX: usize = 100 * 1024;

/// `POST /c/{eci}/event/{domain}/{name}`, `…/event-wait/…` and `GET|POST /c/{eci}/query/{rid}/{name}`.
pub fn sky(agent: Agent) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    let with_agent = warp::any().map(move || agent.clone());
    let attrs = warp::query::<Map<String, Value>>()
        .and(warp::header::optional::<String>("content-type"))
        .and(body_limited(BODY_BYTES_MAX))
        .map(merge);
    let event = warp::path!("c" / String / "event" / String / String)
        .and(warp::post())
        .and(attrs.clone())
        .and(with_agent.clone())
        .then(|eci, domain, name, attrs, agent| take(agent, eci, domain, name, attrs, false));
    let wait = warp::path!("c" / String / "event-wait" / String / String)
        .and(warp::post())
        .and(attrs.clone())
        .and(with_agent.clone())
        .then(|eci, domain, name, attrs, agent| take(agent, eci, domain, name, attrs, true));
    let query = warp::path!("c" / String / "query" / String / String)
        .and(warp::get().or(warp::post()).unify())
        .and(attrs)
        .and(with_agent)
        .then(|eci, rid, name, attrs, agent| ask(agent, eci, rid, name, attrs));
    event.or(wait).unify().or(query).unify()
}

/// Attributes: the query string, overlaid by a JSON or form body.
fn merge(
    mut attrs: Map<String, Value>,
    media_type: Option<String>,
    body: Bytes,
) -> Result<Map<String, Value>, String> {
    if body.is_empty() {
        return Ok(attrs);
    }
    if media_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let pairs = url::form_urlencoded::parse(&body).into_owned();
        attrs.extend(pairs.map(|(name, value)| (name, Value::String(value))));
        return Ok(attrs);
    }
    let body = serde_json::from_slice::<Map<String, Value>>(&body);
    attrs.extend(body.map_err(|error| format!("SyntaxError: {error}"))?);
    Ok(attrs)
}

async fn take(
    agent: Agent,
    eci: String,
    domain: String,
    name: String,
    attrs: Result<Map<String, Value>, String>,
    is_waiting: bool,
) -> Response {
    let attrs = match attrs {
        Ok(attrs) => attrs,
        Err(error) => return failed(&error),
    };
    let Ok(eci) = Eci::parse(&eci) else {
        return failed(&format!("ECI not found {eci}"));
    };
    let id = fresh_id(&agent);
    let origin = Origin::Channel;
    let event = Event { id: id.clone(), domain, name, attrs, origin, eci: None, once: None, for_rid: None, at: None };
    match agent.engine.channel_event(&eci, event).await {
        Ok(answer) => match (&answer.fault, is_waiting) {
            (Some(failed_rule), true) => failed(&failed_rule.fault.to_string()),
            (_, true) => reply(&directives(&id, &answer)),
            (_, false) => reply(&json!(id)),
        },
        Err(error) => failed(&text(&error)),
    }
}

async fn ask(
    agent: Agent,
    eci: String,
    rid: String,
    name: String,
    args: Result<Map<String, Value>, String>,
) -> Response {
    let args = match args {
        Ok(args) => args,
        Err(error) => return failed(&error),
    };
    let Ok(eci) = Eci::parse(&eci) else {
        return failed(&format!("ECI not found {eci}"));
    };
    let Ok(rid) = Rid::parse(&rid) else {
        return failed("Pico doesn't have RID installed.");
    };
    match agent.engine.channel_query(&eci, Query { rid, name, args }).await {
        Ok(value) => reply(&value),
        Err(error) => failed(&text(&error)),
    }
}

fn directives(eid: &str, answer: &Answer) -> Value {
    let one = |directive: &picomesh_pico::Directive| {
        json!({
            "type": "directive",
            "name": directive.name,
            "options": directive.options,
            "meta": { "rid": directive.rid, "rule_name": directive.rule, "txnId": eid },
        })
    };
    json!({ "eid": eid, "directives": answer.directives.iter().map(one).collect::<Value>() })
}

/// The texts of pico-engine 1.4 where it has them.
fn text(error: &EngineError) -> String {
    if let EngineError::Query(Fault::Refused { reason, .. }) = error {
        return reason.clone();
    }
    error.to_string()
}

fn reply(value: &Value) -> Response {
    warp::reply::json(value).into_response()
}

fn failed(error: &str) -> Response {
    reply(&json!({ "error": format!("Error: {error}") }))
}

fn fresh_id(agent: &Agent) -> String {
    let seed = crate::engine::Engine::seed();
    picomesh_pico::Entropy::new(seed).ordered_id(agent.engine.clock().now())
}
