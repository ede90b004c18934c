//! A running agent with its doors: bound, started, served until it is told to stop.

use crate::assemble::{Agent, StartError};
use crate::config::Config;
use crate::http::{doors, serve};
use hyper_util::service::TowerToHyperService;
use picomesh_pico::Registry;
use std::net::SocketAddr;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Why an agent with its doors does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// No public URL was given and none can be made.
    #[error("public-url: cannot be made from the address {0}")]
    PublicUrl(SocketAddr),
    /// The agent does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// An agent that is being served.
pub struct Running {
    /// The agent.
    pub agent: Agent,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where others reach it.
    pub public_url: Url,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Running {
    /// Binds, starts and serves; returns once requests are answered.
    pub async fn start(config: &Config) -> Result<Self, RunError> {
        Self::start_with(config, |registry| registry).await
    }

    /// As [`Running::start`], with rulesets of one's own; see [`Agent::start_with`].
    pub async fn start_with(
        config: &Config,
        more: impl FnOnce(Registry) -> Registry,
    ) -> Result<Self, RunError> {
        let listen = |error| RunError::Listen { address: config.listen, error };
        let listener = serve::bind(config.listen).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let public_url = config.public_url(address).ok_or(RunError::PublicUrl(address))?;
        let agent = Agent::start_with(config, public_url.clone(), more).await?;
        let stop = CancellationToken::new();
        let options = serve::Options {
            connections_max: config.limits.connections_max,
            allow: std::sync::Arc::new(|path| doors::allow(path).map(str::to_owned)),
            stop: stop.clone(),
            timeouts: serve::Timeouts::default(),
        };
        let service = TowerToHyperService::new(warp::service(doors::doors(&agent, config, &stop)));
        let serving = tokio::spawn(serve::serve(listener, service, options));
        tracing::info!(%address, url = %public_url, "listening");
        Ok(Self { agent, address, public_url, stop, serving })
    }

    /// Takes no more requests, lets those under way finish, closes the store.
    pub async fn stop(self) {
        self.stop.cancel();
        // A panic in the accept loop was logged there; the store must close all the same.
        let _ = self.serving.await;
        self.agent.stop().await;
    }
}
