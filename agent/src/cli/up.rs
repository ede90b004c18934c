//! `picomesh up`: puts the parts together and runs until it is told to stop.

use crate::assemble::Agent;
use crate::config::Config;
use crate::http::problem::recover;
use crate::http::{didcomm, health, serve, sky};
use crate::telemetry;
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use warp::reply::Response;
use warp::{Filter, Rejection};

/// How often the store is asked whether it answers.
const READY_PERIOD: Duration = Duration::from_secs(1);

/// Runs until SIGTERM or SIGINT; the error is one line for the operator.
///
/// # Errors
/// When a part cannot start.
pub async fn up(config: Config) -> Result<(), String> {
    let listener = serve::bind(config.listen)
        .map_err(|error| format!("cannot listen on {}: {error}", config.listen))?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_at_signal(stop.clone()));
    let metrics = telemetry::metrics();
    tokio::spawn(telemetry::upkeep(metrics.clone()));
    let public_url = config
        .public_url(bound)
        .ok_or("public-url: cannot be made from listen")?;
    let agent = Agent::start(&config, public_url)
        .await
        .map_err(|error| error.to_string())?;
    let doors = doors(&agent, &config, metrics).recover(recover);
    let options = serve::Options {
        connections_max: config.limits.connections_max,
        allow: Arc::new(|path| allow(path).map(str::to_owned)),
        stop,
        timeouts: serve::Timeouts::default(),
    };
    tracing::info!(address = %bound, "listening");
    serve::serve(
        listener,
        TowerToHyperService::new(warp::service(doors)),
        options,
    )
    .await;
    agent.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// All doors of an agent.
fn doors(
    agent: &Agent,
    config: &Config,
    metrics: PrometheusHandle,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + use<> {
    let ready = watch_ready(agent);
    didcomm::didcomm(agent.clone(), config.limits.message_bytes_max)
        .or(sky::sky(agent.clone()))
        .unify()
        .or(health::health(ready, metrics))
        .unify()
}

/// The methods of a path, for the Allow header.
fn allow(path: &str) -> Option<&'static str> {
    match path {
        "/didcomm" => Some("POST"),
        _ => health::allow(path),
    }
}

/// Looks at the store now and then, so that whoever asks need not wait.
fn watch_ready(agent: &Agent) -> health::Ready {
    let is_ready = Arc::new(AtomicBool::new(true));
    let (watched, engine) = (Arc::downgrade(&is_ready), agent.engine.clone());
    tokio::spawn(async move {
        while let Some(is_ready) = watched.upgrade() {
            is_ready.store(engine.is_ready().await, Ordering::Relaxed);
            drop(is_ready);
            tokio::time::sleep(READY_PERIOD).await;
        }
    });
    Arc::new(move || match is_ready.load(Ordering::Relaxed) {
        true => Ok(()),
        false => Err("the store does not answer".into()),
    })
}

/// Cancels `stop` at the first SIGTERM or SIGINT.
pub async fn stop_at_signal(stop: CancellationToken) {
    let (Ok(mut term), Ok(mut int)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        tracing::error!("cannot listen for signals; stop me with SIGKILL");
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
}
