//! `/v1`: the admin API, for the operator and the programs that act for them.
//!
//! [`operations`] is the one table of what there is: requests are routed by it, the Allow header
//! of a 405 and the OpenAPI description are made from it, and the test of who may do what walks
//! through all of it. So a route is a row and a handler, not a warp filter of its own.
//!
//! Absent on purpose: protocol knowledge. A handler turns a request into an event or a query of a
//! pico and its answer into JSON; what it means is decided in the turn.

mod answer;
mod call;
mod channels;
mod connections;
mod credentials;
mod description;
mod events;
mod guard;
mod invitations;
mod login;
mod messages;
mod operation;
mod outbox;
mod page;
mod picos;
mod presentations;
mod rulesets;
mod schedules;
mod stream;
#[cfg(test)]
mod tests;

pub use call::Call;
pub use guard::Guard;
pub use operation::{Handler, Operation, Parameter, SchemaOf, Schemas};

use super::Problem;
use super::body_limited;
use super::serve::Peer;
use crate::engine::Engine;
use operation::{Match, find};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method};
use warp::reply::Response;
use warp::{Filter, Reply};

/// What the handlers work with.
pub struct Api {
    /// The picos.
    pub engine: Engine,
    /// Who may come in.
    pub guard: Guard,
    /// Largest request, in bytes.
    pub request_bytes_max: usize,
    /// Event streams end with it.
    pub stop: CancellationToken,
    operations: Vec<Operation>,
    keys: events::Keys,
}

impl Api {
    /// The API over an engine.
    #[must_use]
    pub fn new(
        engine: Engine,
        guard: Guard,
        request_bytes_max: usize,
        stop: CancellationToken,
    ) -> Arc<Self> {
        let keys = events::Keys::default();
        let operations = operations();
        Arc::new(Self { engine, guard, request_bytes_max, stop, operations, keys })
    }
}

/// All there is, in the order of the description.
#[must_use]
pub fn operations() -> Vec<Operation> {
    [
        picos::operations(),
        channels::operations(),
        rulesets::operations(),
        events::operations(),
        stream::operations(),
        schedules::operations(),
        invitations::operations(),
        connections::operations(),
        messages::operations(),
        credentials::operations(),
        presentations::operations(),
        login::operations(),
        outbox::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The door of the API and of the page to try it.
pub fn admin(api: Arc<Api>) -> BoxedFilter<(Response,)> {
    let limit = api.request_bytes_max;
    let description = description::description(&api.operations);
    let page = page::page(description);
    let calls = warp::path("v1")
        .and(matched(api.clone()))
        .untuple_one()
        .and(query())
        .and(body_limited(limit))
        .then(move |found: Match, headers: HeaderMap, query: String, body| {
            let api = Arc::clone(&api);
            async move {
                let result = match Call::new(found.parameters, &found.query, &headers, &query, body)
                {
                    Ok(call) => (found.handler)(api, call).await,
                    Err(problem) => Err(problem),
                };
                result.unwrap_or_else(Reply::into_response)
            }
        });
    page.or(calls).unify().boxed()
}

/// Finds the operation and lets the caller in, before a byte of the body is read.
fn matched(
    api: Arc<Api>,
) -> impl Filter<Extract = ((Match, HeaderMap),), Error = warp::Rejection> + Clone {
    warp::method()
        .and(warp::path::full())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and_then(move |method: Method, path: warp::path::FullPath, headers: HeaderMap, peer| {
            let found = api
                .guard
                .check(&headers, peer)
                .and_then(|()| match page::allow(path.as_str()) {
                    Some(allow) => Err(Problem::method_not_allowed(allow)),
                    None => find(&api.operations, &method, path.as_str()),
                })
                .map(|found| (found, headers))
                .map_err(warp::reject::custom::<Problem>);
            std::future::ready(found)
        })
}

/// The query as it came; nothing is an empty one.
fn query() -> impl Filter<Extract = (String,), Error = std::convert::Infallible> + Clone {
    warp::query::raw()
        .or_else(|_| std::future::ready(Ok::<_, std::convert::Infallible>((String::new(),))))
}
