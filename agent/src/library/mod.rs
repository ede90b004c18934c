//! The library: rulesets that were brought in by URL, compiled, each version by its hash.
//!
//! A URL names a ruleset; its source is kept by the hash of its content. Flushing a URL fetches
//! the source again, and if that compiles it is what every pico with this URL runs from its next
//! event on. If it does not compile, the version before stays.
//!
//! Absent on purpose: which pico has which ruleset, which is the pico's own state.

mod fetch;

pub use fetch::{Fetcher, SOURCE_BYTES_MAX};

use crate::store::{RulesetRow, Store, StoreError};
use picomesh_pico::{CompileError, Source, compile};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Longest URL of a ruleset, in bytes.
pub const URL_BYTES_MAX: usize = 2000;
/// Compiled rulesets kept in memory.
const CACHED_MAX: usize = 10_000;

/// Where the sources of rulesets come from.
pub trait Sources: Send + Sync {
    /// The text at a URL; an error is what the program that asked sees.
    fn fetch<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>>;
}

/// A version of a ruleset.
#[derive(Clone, Debug)]
pub struct Version {
    /// The compiled program.
    pub source: Source,
    /// Its text.
    pub krl: Arc<str>,
    /// When it was flushed last, in unix milliseconds.
    pub flushed_at: i64,
}

impl Version {
    /// What pico-engine tells of it.
    pub fn about(&self) -> Value {
        json!({
            "url": &*self.source.url,
            "rid": self.source.rid(),
            "hash": &*self.source.hash,
            "flushed": iso(self.flushed_at),
            "compiler": { "version": COMPILER, "warnings": self.source.warnings() },
        })
    }

    /// What `ctx:rulesets` tells of it.
    pub fn meta(&self) -> Value {
        json!({
            "krl": &*self.krl,
            "krlMeta": self.source.meta(),
            "hash": &*self.source.hash,
            "flushed": iso(self.flushed_at),
            "compiler": { "version": COMPILER, "warnings": self.source.warnings() },
        })
    }
}

/// The version of the language's reference compiler that ours stands for.
const COMPILER: &str = "1.4.0";

fn iso(time: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(time).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// The rulesets that were brought in by URL.
pub struct Library {
    store: Arc<Store>,
    sources: Box<dyn Sources>,
    cached: RwLock<HashMap<Arc<str>, Version>>,
    epoch: AtomicU64,
    /// One fetch at a time for each URL would be enough; one in all is simpler.
    flushing: tokio::sync::Mutex<()>,
}

impl Library {
    /// A library over a store.
    pub fn new(store: Arc<Store>, sources: Box<dyn Sources>) -> Self {
        let (cached, epoch) = (RwLock::default(), AtomicU64::new(1));
        Self { store, sources, cached, epoch, flushing: tokio::sync::Mutex::default() }
    }

    /// Changes whenever a version is replaced.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Whether a compiled ruleset is the one that its URL names now.
    pub fn is_current(&self, source: &Source) -> bool {
        self.cached(&source.url).is_some_and(|version| version.source == *source)
    }

    /// The ruleset of a URL as it is in the store.
    pub async fn find(&self, url: &Arc<str>) -> Result<Option<Source>, StoreError> {
        Ok(self.version(url).await?.map(|version| version.source))
    }

    /// The version of a URL as it is in the store.
    pub async fn version(&self, url: &Arc<str>) -> Result<Option<Version>, StoreError> {
        if let Some(version) = self.cached(url) {
            return Ok(Some(version));
        }
        let Some(row) = self.store.ruleset(url).await? else { return Ok(None) };
        let corrupt =
            |e: CompileError| StoreError::Corrupt { what: "ruleset", reason: e.to_string() };
        let source = compile(url, &row.hash, &row.krl).map_err(corrupt)?;
        let version = Version { source, krl: row.krl.into(), flushed_at: row.flushed_at };
        self.keep(version.clone(), false);
        Ok(Some(version))
    }

    /// Brings a ruleset in, from the store if it is there and `is_fresh` does not forbid it.
    ///
    /// An error is what the program that asked sees; the version before stays.
    pub async fn bring(&self, url: &str, is_fresh: bool) -> Result<Version, String> {
        let failed = |error: StoreError| format!("Error: {error}");
        if url.len() > URL_BYTES_MAX {
            return Err("Error: limit URL_BYTES_MAX reached".into());
        }
        let url: Arc<str> = url.into();
        if !is_fresh && let Some(version) = self.version(&url).await.map_err(failed)? {
            return Ok(version);
        }
        let krl = self.sources.fetch(&url).await?;
        self.put(&url, krl).await
    }

    /// Compiles a source and makes it the version of a URL.
    pub async fn put(&self, url: &Arc<str>, krl: String) -> Result<Version, String> {
        let failed = |error: StoreError| format!("Error: {error}");
        let _one = self.flushing.lock().await;
        let hash = hex::encode(Sha256::digest(krl.as_bytes()));
        if let Some(version) = self.version(url).await.map_err(failed)?
            && *version.source.hash == *hash
        {
            return Ok(version);
        }
        let source = compile(url, &hash, &krl).map_err(|error| error.to_string())?;
        self.refuse_cycles(&source)?;
        let flushed_at = chrono::Utc::now().timestamp_millis();
        let rid = source.rid().to_owned();
        let row = RulesetRow { url: url.to_string(), rid, hash, krl, flushed_at };
        self.store.ruleset_put(&row).await.map_err(failed)?;
        let version = Version { source, krl: row.krl.into(), flushed_at };
        self.keep(version.clone(), true);
        Ok(version)
    }

    /// Modules may not use one another in a circle.
    fn refuse_cycles(&self, new: &Source) -> Result<(), String> {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        let mut uses: HashMap<&str, Vec<&str>> = HashMap::new();
        for version in cached.values().filter(|version| version.source.url != new.url) {
            uses.entry(version.source.rid()).or_default().extend(version.source.uses());
        }
        uses.insert(new.rid(), new.uses().collect());
        // Depth first with a stack of our own; the path is what is told.
        let mut path = vec![(new.rid(), 0)];
        while let Some((rid, next)) = path.last_mut() {
            let Some(used) = uses.get(*rid).and_then(|used| used.get(*next)).copied() else {
                path.pop();
                continue;
            };
            *next += 1;
            if let Some(start) = path.iter().position(|(rid, _)| *rid == used) {
                let mut names: Vec<&str> = path[start..].iter().map(|(rid, _)| *rid).collect();
                names.push(used);
                return Err(format!("Error: Dependency Cycle Found: {}", names.join(" -> ")));
            }
            if path.len() < uses.len() + 1 {
                path.push((used, 0));
            }
        }
        Ok(())
    }

    fn cached(&self, url: &str) -> Option<Version> {
        self.cached.read().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    fn keep(&self, version: Version, is_new: bool) {
        let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
        if cached.len() >= CACHED_MAX {
            cached.clear();
        }
        cached.insert(version.source.url.clone(), version);
        drop(cached);
        if is_new {
            self.epoch.fetch_add(1, Ordering::AcqRel);
        }
    }
}
