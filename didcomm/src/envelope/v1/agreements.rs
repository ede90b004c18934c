//! Key agreements between keys that write to each other often, remembered.
//!
//! RFC 0019 boxes the content key between two static keys, so their agreement is the same for
//! every message of a connection, and it is a third of the cost of an envelope.

use crypto_box::{PublicKey, SalsaBox, SecretKey};
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Agreements kept in memory; each is 32 secret bytes, wiped when it goes.
const AGREEMENTS_MAX: usize = 10_000;

/// The agreements made lately, by our private key's public half and the other's.
pub struct Agreements(Option<Boxes>);

/// By the public halves of our key and of theirs.
type Boxes = Cache<([u8; 32], [u8; 32]), Arc<SalsaBox>>;

impl Agreements {
    /// Remembers the agreements made last.
    #[must_use]
    pub fn remembering() -> Self {
        Self(Some(Cache::new(AGREEMENTS_MAX)))
    }

    /// Remembers nothing: for a single envelope.
    pub(super) fn forgetting() -> Self {
        Self(None)
    }

    /// The box between two keys; `mine` names our key, which need not be derived again.
    pub(super) fn between(
        &self,
        mine: &[u8; 32],
        secret: &SecretKey,
        theirs: &PublicKey,
    ) -> Arc<SalsaBox> {
        let Some(cache) = &self.0 else { return Arc::new(SalsaBox::new(theirs, secret)) };
        let name = (*mine, *theirs.as_bytes());
        if let Some(known) = cache.get(&name) {
            return known;
        }
        let made = Arc::new(SalsaBox::new(theirs, secret));
        cache.insert(name, made.clone());
        made
    }
}

impl std::fmt::Debug for Agreements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Agreements({})", self.0.as_ref().map_or(0, Cache::len))
    }
}
