//! Events and queries: the way into any ruleset.
//!
//! By a pico's id one speaks as the operator; by a channel's ECI one speaks as anybody who knows
//! it, and the channel's policy decides.
//!
//! An event with an `Idempotency-Key` acts once: sent again it changes nothing, and sent again
//! with another body it is refused, as far as this process remembers the first.

use super::answer::{event_id, ok};
use super::operation::family;
use super::{Api, Call, Operation};
use crate::engine::Answer;
use crate::http::Problem;
use picomesh_pico::{Event, Fault, Origin, Query};
use quick_cache::sync::Cache;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::{Method, StatusCode};
use warp::reply::Response;

/// Keys whose bodies are remembered.
const KEYS_MAX: usize = 10_000;

/// Bodies by `Idempotency-Key`, as hashes.
pub(super) struct Keys(Cache<[u8; 32], [u8; 32]>);

impl Default for Keys {
    fn default() -> Self {
        Self(Cache::new(KEYS_MAX))
    }
}

/// What an event came to; all of it is on disk.
#[derive(Serialize, ToSchema)]
struct EventAnswer {
    /// Names the event in logs.
    event: String,
    /// How many rules did their work.
    fired: usize,
    /// The event had acted before; nothing happened this time.
    repeat: bool,
    /// What the rules tell the sender.
    directives: Vec<DirectiveAnswer>,
    /// The rule that failed and ended the turn; what other rules did before stays.
    fault: Option<RuleFault>,
}

/// What a rule tells the sender.
#[derive(Serialize, ToSchema)]
struct DirectiveAnswer {
    /// What kind of answer this is.
    name: String,
    /// The answer.
    options: Value,
    /// The ruleset that answers.
    rid: String,
    /// The rule that answers.
    rule: String,
}

/// A rule that failed.
#[derive(Serialize, ToSchema)]
struct RuleFault {
    /// Its ruleset.
    rid: String,
    /// Its name.
    rule: String,
    /// Short name of the refusal; `internal` when it is not the sender's fault.
    code: String,
    /// Why, in words.
    reason: String,
}

/// Attributes or arguments by name.
#[derive(ToSchema)]
#[schema(value_type = std::collections::HashMap<String, Value>)]
#[allow(dead_code, reason = "describes a body that is read as a map")]
struct Named(Map<String, Value>);

const ATTRIBUTES: &str = "The body holds the attributes by name; nothing is an empty map.";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        Operation::new(
            Method::POST,
            "/v1/channels/{eci}/events/{domain}/{name}",
            "channel_event",
            "Raise an event by a channel",
            |api, call| Box::pin(channel_event(api, call)),
        )
        .about(ATTRIBUTES)
        .takes::<Named>()
        .answers::<EventAnswer>(StatusCode::OK),
        Operation::new(
            Method::POST,
            "/v1/picos/{pico}/events/{domain}/{name}",
            "pico_event",
            "Raise an event as the operator",
            |api, call| Box::pin(pico_event(api, call)),
        )
        .about(ATTRIBUTES)
        .takes::<Named>()
        .answers::<EventAnswer>(StatusCode::OK),
        Operation::new(
            Method::GET,
            "/v1/channels/{eci}/queries/{rid}/{name}",
            "channel_query",
            "Query by a channel",
            |api, call| Box::pin(channel_query(api, call)),
        )
        .about("The query's parameters are the arguments, all text.")
        .query("*", "Any argument."),
        Operation::new(
            Method::POST,
            "/v1/channels/{eci}/queries/{rid}/{name}",
            "channel_query_with",
            "Query by a channel, with arguments in the body",
            |api, call| Box::pin(channel_query(api, call)),
        )
        .takes::<Named>(),
        Operation::new(
            Method::GET,
            "/v1/picos/{pico}/queries/{rid}/{name}",
            "pico_query",
            "Query as the operator",
            |api, call| Box::pin(pico_query(api, call)),
        )
        .about("The query's parameters are the arguments, all text.")
        .query("*", "Any argument."),
        Operation::new(
            Method::POST,
            "/v1/picos/{pico}/queries/{rid}/{name}",
            "pico_query_with",
            "Query as the operator, with arguments in the body",
            |api, call| Box::pin(pico_query(api, call)),
        )
        .takes::<Named>(),
    ];
    family("events and queries", rows)
}

async fn channel_event(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let event = event(&api, &call, Origin::Channel)?;
    let id = event.id.clone();
    answer(id, api.engine.channel_event(&call.eci()?, event).await?)
}

async fn pico_event(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let event = event(&api, &call, Origin::Operator)?;
    let id = event.id.clone();
    answer(id, api.engine.event(&call.pico(&api.engine)?, event).await?)
}

async fn channel_query(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    ok(&api
        .engine
        .channel_query(&call.eci()?, query(&call)?)
        .await?)
}

async fn pico_query(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    ok(&api
        .engine
        .query(&call.pico(&api.engine)?, query(&call)?)
        .await?)
}

fn event(api: &Api, call: &Call, origin: Origin) -> Result<Event, Problem> {
    let attrs = call.json_or_default()?;
    let once = match call.idempotency() {
        None => None,
        Some((key, body)) => {
            if api.keys.0.get(&key).is_some_and(|first| first != body) {
                let reason = "this Idempotency-Key was used with another body";
                return Err(Problem::unprocessable(reason));
            }
            api.keys.0.insert(key, body);
            Some(key)
        }
    };
    let (domain, name) = (call.text("domain").to_owned(), call.text("name").to_owned());
    Ok(Event {
        id: event_id(),
        domain,
        name,
        attrs,
        origin,
        eci: None,
        once,
    })
}

fn query(call: &Call) -> Result<Query, Problem> {
    let mut args = call.arguments();
    args.extend(call.json_or_default::<Map<String, Value>>()?);
    Ok(Query {
        rid: call.rid()?,
        name: call.text("name").to_owned(),
        args,
    })
}

fn answer(event: String, answer: Answer) -> Result<Response, Problem> {
    let directives = answer
        .directives
        .into_iter()
        .map(|directive| DirectiveAnswer {
            name: directive.name,
            options: directive.options,
            rid: directive.rid.into(),
            rule: directive.rule,
        });
    let fault = answer.fault.map(|failed| {
        let (code, reason) = match failed.fault {
            Fault::Refused { code, reason } => (code, reason),
            Fault::Limit { name } => ("limit".to_owned(), format!("limit {name} reached")),
            broken => {
                tracing::error!(%event, rid = %failed.rid, rule = failed.rule, %broken, "a rule broke");
                ("internal".to_owned(), "something went wrong on our side".to_owned())
            }
        };
        RuleFault { rid: failed.rid.into(), rule: failed.rule, code, reason }
    });
    ok(&EventAnswer {
        event,
        fired: answer.fired,
        repeat: answer.is_repeat,
        directives: directives.collect(),
        fault,
    })
}
