//! What happens in a pico, as it happens: server-sent events.
//!
//! Source: WHATWG HTML §Server-sent events. Nothing is kept for those who come later, and
//! attributes are not told: they may be secret.

use super::operation::{family, row};
use super::{Api, Call, Operation};
use crate::engine::Happening;
use crate::http::Problem;
use futures::stream::{Stream, unfold};
use picomesh_pico::PicoId;
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use warp::Reply as _;
use warp::http::header::CACHE_CONTROL;
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;
use warp::sse::Event;

/// A comment goes out after such a silence, so that those between us keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One message of the stream: `event: happening`. A listener who was too slow is told
/// `event: missed` with the number of messages that it missed.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes the messages of the stream")]
struct HappeningMessage {
    /// The pico.
    pico: String,
    /// The event's id.
    event: String,
    /// The event's domain.
    domain: String,
    /// The event's name.
    name: String,
    /// When it was taken in, in unix milliseconds.
    at: i64,
    /// How many rules did their work.
    fired: usize,
    /// Names of the directives.
    directives: Vec<String>,
    /// Why the turn ended early, if it did.
    fault: Option<String>,
}

pub(super) fn operations() -> Vec<Operation> {
    let row = row!(GET "/v1/picos/{pico}/stream", listen, "pico_stream", "Listen to what happens in a pico")
    .answers::<HappeningMessage>(StatusCode::OK)
    .sends("text/event-stream");
    family("events and queries", vec![row])
}

async fn listen(api: Arc<Api>, call: Call) -> Result<Response, Problem> {
    let pico = call.pico(&api.engine)?;
    // First listen, then look: what happens between the two is told.
    let receiver = api.engine.feed().subscribe();
    if !api.engine.has_pico(&pico).await? {
        return Err(Problem::not_found());
    }
    let messages = messages(receiver, pico, api.stop.clone());
    let messages = warp::sse::keep_alive().interval(KEEP_ALIVE).stream(messages);
    let mut response = warp::sse::reply(messages).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn messages(
    receiver: Receiver<Happening>,
    pico: PicoId,
    stop: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + Sync {
    let start = Event::default().comment("listening");
    let rest = unfold((receiver, pico, stop), |(mut receiver, pico, stop)| async move {
        loop {
            let received = tokio::select! {
                received = receiver.recv() => received,
                () = stop.cancelled() => return None,
            };
            let message = match received {
                Ok(happening) if happening.pico == pico => {
                    match Event::default().event("happening").json_data(&happening) {
                        Ok(message) => message,
                        Err(error) => {
                            tracing::error!(%error, "a happening is not JSON");
                            continue;
                        }
                    }
                }
                Ok(_) => continue,
                Err(RecvError::Lagged(missed)) => {
                    Event::default().event("missed").data(missed.to_string())
                }
                Err(RecvError::Closed) => return None,
            };
            return Some((Ok(message), (receiver, pico, stop)));
        }
    });
    use futures::StreamExt as _;
    futures::stream::iter([Ok(start)]).chain(rest)
}
