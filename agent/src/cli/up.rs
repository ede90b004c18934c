//! `picomesh up`: runs until it is told to stop.

use crate::config::Config;
use crate::running::Running;
use tokio::signal::unix::{SignalKind, signal};

/// Runs until SIGTERM or SIGINT; the error is one line for the operator.
///
/// # Errors
/// When a part cannot start.
pub async fn up(config: Config) -> Result<(), String> {
    let running = Running::start(&config).await.map_err(|error| error.to_string())?;
    stop_signal().await;
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}

/// Returns at the first SIGTERM or SIGINT.
pub async fn stop_signal() {
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("cannot listen for signals; stop me with SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping");
}
