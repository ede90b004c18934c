//! Events from pico to pico: taken in by a channel once the turn that sent them is durable.
//!
//! Within this engine an event acts once, however often the job is tried. To another engine it
//! goes over HTTP as pico-engine sends it, and may arrive twice when an answer is lost.

use crate::engine::{Engine, EngineError, JobOutcome, Worker};
use crate::net;
use crate::store::LeasedJob;
use bytes::Bytes;
use picomesh_pico::{Eci, Event, Origin, PicoId};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::future::Future;
use std::pin::Pin;
use url::Url;

/// Sends events to other picos.
pub struct SendEvent {
    client: net::Client,
}

#[derive(Deserialize)]
struct Sent {
    eci: String,
    domain: String,
    name: String,
    #[serde(default)]
    attrs: Map<String, Value>,
    from: PicoId,
    /// The engine that the pico lives in; `None` for this one.
    host: Option<String>,
}

impl SendEvent {
    /// A worker that reaches other engines through `client`.
    pub fn new(client: net::Client) -> Self {
        Self { client }
    }

    async fn send(&self, engine: &Engine, job: &LeasedJob) -> JobOutcome {
        let sent: Sent = match serde_json::from_value(job.job.body.clone()) {
            Ok(sent) => sent,
            Err(error) => return JobOutcome::Impossible(error.to_string()),
        };
        match &sent.host {
            Some(host) => self.post(host, &sent).await,
            None => here(engine, &job.job.id, sent).await,
        }
    }

    async fn post(&self, host: &str, sent: &Sent) -> JobOutcome {
        let path = ["c", &sent.eci, "event", &sent.domain, &sent.name];
        let url = Url::parse(host).ok().and_then(|mut url| {
            url.path_segments_mut().ok()?.pop_if_empty().extend(path);
            Some(url)
        });
        let Some(url) = url else { return JobOutcome::Impossible(format!("not a host: {host}")) };
        let body = Bytes::from(Value::Object(sent.attrs.clone()).to_string());
        match self.client.post(&url, "application/json", body).await {
            Ok(answer) if answer.status.is_success() => JobOutcome::Done(Map::new()),
            Ok(answer) if answer.status.is_server_error() => {
                JobOutcome::Unreachable(format!("status {}", answer.status))
            }
            Ok(answer) => JobOutcome::Impossible(format!("status {}", answer.status)),
            Err(error) => JobOutcome::Unreachable(error.to_string()),
        }
    }
}

async fn here(engine: &Engine, id: &str, sent: Sent) -> JobOutcome {
    let Ok(eci) = Eci::parse(&sent.eci) else {
        return JobOutcome::Impossible(format!("ECI not found {}", sent.eci));
    };
    let event = Event {
        id: id.to_owned(),
        domain: sent.domain,
        name: sent.name,
        attrs: sent.attrs,
        origin: Origin::Pico(sent.from),
        eci: None,
        once: Some(Sha256::digest(["event/", id].concat()).into()),
        for_rid: None,
        at: None,
    };
    match engine.channel_event(&eci, event).await {
        Ok(_) => JobOutcome::Done(Map::new()),
        Err(
            error @ (EngineError::NoPico(_) | EngineError::NoChannel(_) | EngineError::Policy(_)),
        ) => JobOutcome::Impossible(error.to_string()),
        Err(error) => JobOutcome::Unreachable(error.to_string()),
    }
}

impl Worker for SendEvent {
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.send(engine, job))
    }
}
