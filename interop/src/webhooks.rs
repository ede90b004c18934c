//! A small HTTP server that keeps what ACA-Py reports to its controller.
//!
//! Source: ACA-Py, webhooks: `POST <url>/topic/<topic>/` with a JSON body.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Result, until};

type Events = Arc<Mutex<Vec<(String, Value)>>>;

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Webhooks {
    url: String,
    events: Events,
    server: JoinHandle<()>,
}

impl Webhooks {
    /// Starts to listen on a free port of the loopback interface.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let events = Events::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&events)));
        Ok(Self { url, events, server })
    }

    /// What to hand to `--webhook-url`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bodies of one topic so far, oldest first.
    #[must_use]
    pub fn of_topic(&self, topic: &str) -> Vec<Value> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.iter().filter(|(of, _)| of == topic).map(|(_, body)| body.clone()).collect()
    }

    /// Waits for a report on `topic` that `is_wanted`.
    pub async fn wait(
        &self,
        topic: &str,
        seconds: u64,
        is_wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        until(&format!("a report on {topic}"), seconds, async || {
            let seen = self.of_topic(topic);
            Ok(seen.iter().find(|body| is_wanted(body)).cloned().ok_or_else(|| format!("{seen:?}")))
        })
        .await
    }
}

impl Drop for Webhooks {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, events: Events) {
    // The listener fails only when the process has no descriptors left; then the test is over.
    while let Ok((stream, _)) = listener.accept().await {
        let events = Arc::clone(&events);
        tokio::spawn(async move {
            let service =
                hyper::service::service_fn(move |request| keep(request, Arc::clone(&events)));
            // A peer that breaks off has nothing more to report.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn keep(
    request: Request<Incoming>,
    events: Events,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let topic = request.uri().path().trim_matches('/').trim_start_matches("topic/").to_owned();
    if let Ok(body) = request.into_body().collect().await {
        let body = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
        events.lock().unwrap_or_else(PoisonError::into_inner).push((topic, body));
    }
    Ok(Response::new(Full::default()))
}
