//! Resolving DIDs: from the DID itself, from what a peer told its connection, or by fetching.

use crate::net::Client;
use picomesh_did_resolver::{Did, DidDocument, Error, resolve, resolve_local};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Documents kept in memory.
const DOCUMENTS_MAX: usize = 10_000;
/// How long a fetched document counts.
const FETCHED_TIME_MAX: Duration = Duration::from_secs(300);

/// A document, and when it was fetched if it was.
type Known = (Arc<DidDocument>, Option<Instant>);

/// Resolves DIDs and remembers their documents for a while.
#[derive(Clone)]
pub struct Resolver {
    client: Client,
    documents: Arc<Cache<String, Known>>,
}

impl Resolver {
    /// A resolver that fetches with this client.
    pub fn new(client: Client) -> Self {
        Self { client, documents: Arc::new(Cache::new(DOCUMENTS_MAX)) }
    }

    /// The document of a DID that carries it or publishes it.
    pub async fn resolve(&self, did: &str) -> Result<Arc<DidDocument>, Error> {
        if let Some((document, fetched)) = self.documents.get(did)
            && fetched.is_none_or(|fetched| fetched.elapsed() < FETCHED_TIME_MAX)
        {
            return Ok(document);
        }
        let parsed: Did = did.parse()?;
        let (document, fetched) = match resolve_local(&parsed) {
            Some(document) => (document?, None),
            None => (resolve(&parsed, &self.client).await?, Some(Instant::now())),
        };
        let document = Arc::new(document);
        self.documents.insert(did.to_owned(), (document.clone(), fetched));
        Ok(document)
    }
}
