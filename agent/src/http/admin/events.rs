//! Events and queries: the way into any ruleset.
//!
//! By a pico's id one speaks as the operator; by a channel's ECI one speaks as anybody who knows
//! it, and the channel's policy decides.
//!
//! An event with an `Idempotency-Key` acts once: sent again it changes nothing, and sent again
//! with another body it is refused, as far as this process remembers the first.

use super::answer::{event_id, ok};
use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::engine::Answer;
use crate::http::Problem;
use picomesh_pico::{Event, Fault, Origin, Query};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use utoipa::ToSchema;
use warp::http::StatusCode;
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

/// An event to be raised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewEvent {
    /// The family of events that it belongs to.
    domain: String,
    /// What happened.
    name: String,
    /// The facts, by name.
    #[serde(default)]
    attrs: Map<String, Value>,
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

/// Arguments by name.
#[derive(ToSchema)]
#[schema(value_type = std::collections::HashMap<String, Value>)]
#[allow(dead_code, reason = "describes a body that is read as a map")]
struct Named(Map<String, Value>);

const KEY: &str =
    "The answer means that all of it is on disk. With an `Idempotency-Key` it acts once.";

pub(super) fn operations() -> Vec<Operation> {
    let rows = vec![
        row!(POST "/v1/channels/{eci}/events", channel_event, "channel_event", "Raise an event by a channel")
        .about(KEY)
        .takes::<NewEvent>()
        .answers::<EventAnswer>(StatusCode::OK),
        row!(POST "/v1/picos/{pico}/events", pico_event, "pico_event", "Raise an event as the operator")
        .about(KEY)
        .takes::<NewEvent>()
        .answers::<EventAnswer>(StatusCode::OK),
        row!(GET "/v1/channels/{eci}/queries/{rid}/{name}", channel_query, "channel_query", "Query by a channel")
        .about("The query's parameters are the arguments, all text.")
        .query("*", "Any argument."),
        row!(POST "/v1/channels/{eci}/queries/{rid}/{name}", channel_query, "channel_query_with", "Query by a channel, with arguments in the body")
        .takes::<Named>(),
        row!(GET "/v1/picos/{pico}/queries/{rid}/{name}", pico_query, "pico_query", "Query as the operator")
        .about("The query's parameters are the arguments, all text.")
        .query("*", "Any argument."),
        row!(POST "/v1/picos/{pico}/queries/{rid}/{name}", pico_query, "pico_query_with", "Query as the operator, with arguments in the body")
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
    ok(&api.engine.channel_query(&call.eci()?, query(&call)?).await?.unwrap_or_default())
}

async fn pico_query(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    ok(&api.engine.query(&call.pico(&api.engine)?, query(&call)?).await?)
}

fn event(api: &Api, call: &Call, origin: Origin) -> Result<Event, Problem> {
    let NewEvent { domain, name, attrs } = call.json()?;
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
    Ok(Event {
        id: event_id(),
        domain,
        name,
        attrs,
        origin,
        eci: None,
        once,
        for_rid: None,
        at: None,
    })
}

fn query(call: &Call) -> Result<Query, Problem> {
    let mut args = call.arguments();
    args.extend(call.json_or_default::<Map<String, Value>>()?);
    Ok(Query { rid: call.rid()?, name: call.text("name").to_owned(), args })
}

fn answer(event: String, answer: Answer) -> Result<Response, Problem> {
    let directives = answer.directives.into_iter().map(|directive| DirectiveAnswer {
        name: directive.name,
        options: directive.options,
        rid: directive.rid.into(),
        rule: directive.rule,
    });
    let fault = answer.fault.map(|failed| {
        let (code, reason) = match failed.fault {
            Fault::Refused { code, reason } => (code, reason),
            Fault::Limit { name } => ("limit".to_owned(), format!("limit {name} reached")),
            broken @ (Fault::Missing(_) | Fault::Broken(_) | _) => {
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
