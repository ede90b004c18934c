//! Names to addresses, without those that we do not call.

use futures::future::BoxFuture;
use picomesh_did_resolver::address::Policy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Asks the name service; given so that tests can lie.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The name service of the system.
pub(super) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name, 0)).await?;
            Ok(addresses.map(|address| address.ip()).collect())
        })
    })
}

/// The name leads only to addresses that we do not call.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no address that may be called")]
pub(super) struct NotPermitted;

/// A resolver that drops addresses which `policy` does not permit.
pub(super) struct Filtered {
    pub(super) policy: Policy,
    pub(super) lookup: Lookup,
}

impl Resolve for Filtered {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        let addresses = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let permitted: Vec<SocketAddr> = addresses
                .await?
                .into_iter()
                .filter(|address| policy.permits(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if permitted.is_empty() {
                return Err(NotPermitted.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
