//! Logs and measurements.
//!
//! Logs go to standard error, for people or as one JSON object a line. Measurements are kept in
//! the process and rendered when `/metrics` is asked.
//!
//! Absent on purpose: a listener of its own, and any place where a message body or a secret could
//! enter a log line; that is the duty of whoever logs.

use crate::config::LogFormat;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Upper bounds of the duration histograms, in seconds.
const DURATION_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How often old samples are folded.
const UPKEEP_PERIOD: Duration = Duration::from_secs(5);

static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts to write logs. A second call changes nothing.
///
/// `filter` are `tracing` directives, checked by the configuration; what they do not name
/// (database and HTTP libraries) stays at warnings.
pub fn logs(format: LogFormat, filter: &str) {
    let quiet = "sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,warp=warn,rustls=warn";
    let filter = EnvFilter::try_new(format!("{quiet},{filter}"))
        .or_else(|_| EnvFilter::try_new("info"))
        .unwrap_or_default();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        LogFormat::Human => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logs were already started");
    }
}

/// Starts to measure; returns what renders the measurements. One recorder serves the process.
pub fn metrics() -> PrometheusHandle {
    let start = || {
        // Refused only for an empty list.
        let builder = PrometheusBuilder::new().set_buckets(DURATION_SECONDS).unwrap_or_default();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::debug!("measuring had already started");
        }
        handle
    };
    METRICS.get_or_init(start).clone()
}

/// Folds old samples for ever, so that histograms do not grow between two looks at `/metrics`.
pub async fn upkeep(handle: PrometheusHandle) {
    let mut tick = tokio::time::interval(UPKEEP_PERIOD);
    loop {
        tick.tick().await;
        handle.run_upkeep();
    }
}
