//! All doors of an agent, in one place.

use super::problem::recover;
use super::{admin, compat, didcomm, health, login};
use crate::assemble::Agent;
use crate::config::Config;
use crate::telemetry;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use warp::reply::Response;
use warp::{Filter, Reply};

/// How often the store is asked whether it answers.
const READY_PERIOD: Duration = Duration::from_secs(1);

/// All doors of an agent; streams end when `stop` is cancelled.
pub fn doors(
    agent: &Agent,
    config: &Config,
    stop: &CancellationToken,
) -> impl Filter<Extract = (impl Reply + use<>,), Error = Infallible> + Clone + use<> {
    let metrics = telemetry::metrics();
    tokio::spawn(telemetry::upkeep(metrics.clone()));
    let ready = watch_ready(agent, stop.clone());
    let guard = admin::Guard::new(config.operator_token.as_ref());
    let request_bytes_max = config.limits.request_bytes_max;
    let api = admin::Api::new(agent.engine.clone(), guard.clone(), request_bytes_max, stop.clone());
    let all = didcomm::didcomm(agent.clone(), config.limits.message_bytes_max)
        .or(compat::compat(agent, config, guard.clone()))
        .unify()
        .or(health::health(ready, metrics, guard))
        .unify()
        .or(admin::admin(api))
        .unify()
        .or(login::login(agent, stop))
        .unify()
        .boxed();
    all.map(Reply::into_response).recover(recover).map(one_kind)
}

fn one_kind(answer: impl Reply) -> Response {
    answer.into_response()
}

/// The methods of a path, for the Allow header.
pub fn allow(path: &str) -> Option<&'static str> {
    match path {
        "/didcomm" => Some("POST"),
        _ if compat::is_ours(path) => Some("POST"),
        _ => health::allow(path).or_else(|| login::allow(path)),
    }
}

/// Looks at the store now and then, so that whoever asks need not wait.
fn watch_ready(agent: &Agent, stop: CancellationToken) -> health::Ready {
    let is_ready = Arc::new(AtomicBool::new(true));
    let (seen, engine) = (is_ready.clone(), agent.engine.clone());
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            is_ready.store(engine.is_ready().await, Ordering::Relaxed);
            tokio::time::sleep(READY_PERIOD).await;
        }
        is_ready.store(false, Ordering::Relaxed);
    });
    Arc::new(move || match seen.load(Ordering::Relaxed) {
        true => Ok(()),
        false => Err("the store does not answer".into()),
    })
}
