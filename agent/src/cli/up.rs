//! `picomesh up`: puts the parts together and runs until it is told to stop.

use crate::config::Config;
use crate::http::problem::recover;
use crate::http::{health, serve};
use crate::telemetry;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use warp::Filter as _;

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
    let doors = health::health(Arc::new(|| Ok(())), metrics).recover(recover);
    let options = serve::Options {
        connections_max: config.limits.connections_max,
        allow: Arc::new(|path| health::allow(path).map(str::to_owned)),
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
    tracing::info!("stopped");
    Ok(())
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
