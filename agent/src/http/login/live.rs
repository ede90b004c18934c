//! How far a login is, live: server-sent events, and a poll where those do not work.
//!
//! Source: WHATWG HTML §Server-sent events; bad-input row 93: another browser learns nothing.

use super::call::{Call, No};
use super::{Doors, answer, page};
use crate::engine::Happening;
use crate::rulesets::login::state_note;
use futures::stream::unfold;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use warp::Reply as _;
use warp::http::StatusCode;
use warp::http::header::{CACHE_CONTROL, HeaderName};
use warp::reply::Response;
use warp::sse::Event;

/// The state is looked at after such a silence, even if nobody told that it changed.
const SILENCE: Duration = Duration::from_secs(10);
/// Pause before a browser connects again.
const RETRY: Duration = Duration::from_secs(1);

/// `GET /login/{sid}/status`: one look.
pub(super) async fn status(doors: &Doors, call: &Call, sid: &str) -> Response {
    let cookie = doors.cookie.read(&call.headers);
    match look(doors, sid, &cookie).await {
        Ok(status) => answer::json(StatusCode::OK, &status),
        Err(no) => refused(&no),
    }
}

/// `GET /login/{sid}/events`: the state now, and each time that it changes.
pub(super) async fn events(doors: Arc<Doors>, call: &Call, sid: String) -> Response {
    let cookie = doors.cookie.read(&call.headers);
    // First listen, then look: what happens between the two is told.
    let receiver = doors.agent.engine.feed().subscribe();
    let first = match look(&doors, &sid, &cookie).await {
        Ok(first) => first,
        Err(no) => return refused(&no),
    };
    let watch = Watch { note: state_note(&sid), doors, sid, cookie, receiver, told: Value::Null };
    let stream = unfold((Some(first), Some(watch)), |(next, watch)| async move {
        let mut watch = watch?;
        let next = match next {
            Some(first) => first,
            None => watch.next().await?,
        };
        watch.told = next["state"].clone();
        let is_over = next["is_over"] == json!(true);
        let event = Event::default().retry(RETRY).data(next.to_string());
        // The last word: the page closes the stream too.
        Some((Ok::<_, Infallible>(event), (None, (!is_over).then_some(watch))))
    });
    let stream = warp::sse::keep_alive().interval(SILENCE).stream(stream);
    let mut response = warp::sse::reply(stream).into_response();
    answer::set(&mut response, CACHE_CONTROL, "no-store");
    // Nginx would keep the events to itself until a buffer is full.
    answer::set(&mut response, HeaderName::from_static("x-accel-buffering"), "no");
    response
}

/// What one stream watches.
struct Watch {
    doors: Arc<Doors>,
    sid: String,
    cookie: String,
    note: String,
    receiver: Receiver<Happening>,
    told: Value,
}

impl Watch {
    /// The next state that differs from the one that was told; `None` when the stream ends.
    async fn next(&mut self) -> Option<Value> {
        let (mut left, stop) = (SILENCE, self.doors.stop.clone());
        loop {
            tokio::select! {
                changed = self.changed() => changed?,
                () = tokio::time::sleep(left) => {}
                () = stop.cancelled() => return None,
            }
            let status = look(&self.doors, &self.sid, &self.cookie).await.ok()?;
            if status["state"] != self.told {
                return Some(status);
            }
            let seconds = status["seconds_left"].as_u64().unwrap_or(0);
            left = SILENCE.min(Duration::from_secs(seconds + 1));
        }
    }

    /// Returns when the state of this session has changed, or may have.
    async fn changed(&mut self) -> Option<()> {
        loop {
            match self.receiver.recv().await {
                Ok(happening) if happening.directives.contains(&self.note) => return Some(()),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(()),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

async fn look(doors: &Doors, sid: &str, cookie: &str) -> Result<Value, No> {
    let found = doors.ask("status", json!({ "sid": sid, "cookie": cookie })).await?;
    let status = &found["status"];
    Ok(json!({
        "state": status["state"],
        "is_over": status["is_over"],
        "words": page::words(status),
        "seconds_left": found["seconds_left"],
    }))
}

fn refused(no: &No) -> Response {
    let error = match no.status {
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        _ => "unavailable",
    };
    answer::json(no.status, &json!({ "error": error }))
}
