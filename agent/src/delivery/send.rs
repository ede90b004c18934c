//! The worker of `deliver` jobs.

use super::pack::{PackError, Packer};
use crate::engine::{Engine, JobOutcome, Worker};
use crate::net::Client;
use crate::rulesets::connection::{self, Connection};
use crate::rulesets::wire::{Delivery, Destination};
use crate::store::LeasedJob;
use picomesh_pico::{Query, Rid};
use serde_json::{Map, json};
use std::future::Future;
use std::pin::Pin;

/// Delivers messages.
pub struct Deliver {
    packer: Packer,
    client: Client,
}

impl Deliver {
    /// A worker that packs and sends with these.
    pub fn new(packer: Packer, client: Client) -> Self {
        Self { packer, client }
    }

    async fn deliver(&self, engine: &Engine, leased: &LeasedJob) -> JobOutcome {
        let mut delivery: Delivery = match serde_json::from_value(leased.job.body.clone()) {
            Ok(delivery) => delivery,
            Err(error) => return JobOutcome::Impossible(format!("not a delivery: {error}")),
        };
        if leased.attempts > 0 {
            refresh(engine, leased, &mut delivery).await;
        }
        let packed = match self.packer.pack(engine, &delivery.message, &delivery.to).await {
            Ok(packed) => packed,
            Err(error) => return failed_pack(&error),
        };
        let body = packed.envelope.into();
        match self.client.post(&packed.endpoint, packed.media_type, body).await {
            Ok(answer) if answer.status.is_success() => JobOutcome::Done(Map::new()),
            Ok(answer) if answer.status.is_server_error() || answer.status == 429 => {
                JobOutcome::Unreachable(format!("peer answered {}", answer.status))
            }
            Ok(answer) => JobOutcome::Failed(format!("peer answered {}", answer.status)),
            Err(error) if error.is_transient() => JobOutcome::Unreachable(error.to_string()),
            Err(error) => JobOutcome::Failed(error.to_string()),
        }
    }
}

fn failed_pack(error: &PackError) -> JobOutcome {
    let reason = error.to_string();
    match error {
        PackError::Resolve(inner) if inner.is_transient() => JobOutcome::Unreachable(reason),
        PackError::Engine(_) => JobOutcome::Unreachable(reason),
        PackError::Resolve(_) | PackError::Recipient(_) | PackError::Envelope(_) => {
            JobOutcome::Failed(reason)
        }
        PackError::Sender(_) => JobOutcome::Impossible(reason),
    }
}

/// The route may have changed since the message was written.
async fn refresh(engine: &Engine, leased: &LeasedJob, delivery: &mut Delivery) {
    let Some(id) = &delivery.connection else {
        return;
    };
    let query = Query {
        rid: Rid::literal(connection::RID),
        name: "connection".into(),
        args: Map::from_iter([("id".to_owned(), json!(id))]),
    };
    let Ok(found) = engine.query(&leased.pico, query).await else {
        return;
    };
    let Ok(connection) = serde_json::from_value::<Connection>(found) else {
        return;
    };
    match &mut delivery.to {
        Destination::V1 { route, .. } => {
            if let Some(current) = connection.route {
                *route = current;
            }
        }
        Destination::V2 { to, .. } => {
            if let Some(current) = connection.their_did {
                *to = current;
            }
        }
    }
}

impl Worker for Deliver {
    fn perform<'a>(
        &'a self,
        engine: &'a Engine,
        job: &'a LeasedJob,
    ) -> Pin<Box<dyn Future<Output = JobOutcome> + Send + 'a>> {
        Box::pin(self.deliver(engine, job))
    }
}
