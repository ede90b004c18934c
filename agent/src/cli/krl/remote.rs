//! `krl install` and `krl flush`: a running engine, over its pico-engine interface.

use super::{Engine, Task};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use url::Url;

/// How long the engine may take for one answer: it fetches and compiles meanwhile.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// How often watched files are looked at.
const WATCH_PERIOD: Duration = Duration::from_millis(300);

/// A ruleset to be sent: its URL, and its file when there is one to watch.
struct Source {
    url: Url,
    file: Option<PathBuf>,
    seen: Option<Seen>,
}

/// What a file looked like.
#[derive(Clone, Copy, PartialEq)]
struct Seen {
    modified: Option<SystemTime>,
    size_bytes: u64,
}

/// Does it; whether all went well.
pub(super) fn run(task: Task) -> Result<bool, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the runtime: {error}"))?;
    // Two providers are linked; whoever asks for the default gets ring. A second time is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    runtime.block_on(async {
        match task {
            Task::Install { engine, eci, sources, config, is_watching } => {
                let remote = Remote::new(engine)?;
                let sources = parse(&sources)?;
                let eci = match eci {
                    Some(eci) => eci,
                    None => remote.root_eci().await?,
                };
                let mut is_well = true;
                for source in &sources {
                    let done = remote.install(&eci, &source.url, &config).await;
                    is_well &= told(done.map(|()| format!("installed {}", source.url)));
                }
                remote.watch(sources, is_watching, is_well).await
            }
            Task::Flush { engine, sources, is_watching } => {
                let remote = Remote::new(engine)?;
                let sources = parse(&sources)?;
                let mut is_well = true;
                for source in &sources {
                    is_well &= told(remote.flush(&source.url).await);
                }
                remote.watch(sources, is_watching, is_well).await
            }
            Task::Check { .. } | Task::Format { .. } | Task::Evaluate { .. } => Ok(true),
        }
    })
}

/// Prints how it went; whether it went well.
fn told(done: Result<String, String>) -> bool {
    match done {
        Ok(text) => println!("{text}"),
        Err(reason) => {
            eprintln!("picomesh: {reason}");
            return false;
        }
    }
    true
}

fn parse(sources: &[String]) -> Result<Vec<Source>, String> {
    sources.iter().map(|source| Source::parse(source)).collect()
}

impl Source {
    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(url) = Url::parse(text)
            && matches!(url.scheme(), "http" | "https" | "file")
        {
            let file = if url.scheme() == "file" { url.to_file_path().ok() } else { None };
            let seen = file.as_deref().and_then(Seen::of);
            return Ok(Self { url, file, seen });
        }
        let unknown = |error: std::io::Error| format!("{text}: {error}");
        let file = Path::new(text).canonicalize().map_err(unknown)?;
        let url = Url::from_file_path(&file).map_err(|()| format!("{text}: is no file"))?;
        let seen = Seen::of(&file);
        Ok(Self { url, file: Some(file), seen })
    }

    /// Whether the file was written since the last time; one that is away for a moment was not.
    fn is_changed(&mut self) -> bool {
        let now = self.file.as_deref().and_then(Seen::of);
        let is_changed = now.is_some() && now != self.seen;
        if is_changed {
            self.seen = now;
        }
        is_changed
    }
}

impl Seen {
    fn of(file: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(file).ok()?;
        Some(Self { modified: metadata.modified().ok(), size_bytes: metadata.len() })
    }
}

struct Remote {
    engine: Engine,
    client: reqwest::Client,
}

impl Remote {
    fn new(engine: Engine) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(CALL_TIMEOUT)
            .build();
        Ok(Self { engine, client: client.map_err(|error| error.to_string())? })
    }

    /// The root pico's channel for the developer's pages.
    async fn root_eci(&self) -> Result<String, String> {
        let context = self.call("api/ui-context", &json!({}), reqwest::Method::GET).await?;
        let eci = context.get("eci").and_then(Value::as_str).map(str::to_owned);
        eci.ok_or_else(|| format!("{} names no root pico", self.engine.base))
    }

    async fn install(&self, eci: &str, url: &Url, config: &Value) -> Result<(), String> {
        let path = format!("c/{eci}/event-wait/engine_ui/install");
        let body = match config {
            Value::Null => json!({ "url": url.as_str() }),
            config @ Value::Bool(_)
            | config @ Value::Number(_)
            | config @ Value::String(_)
            | config @ Value::Array(_)
            | config @ Value::Object(_) => json!({ "url": url.as_str(), "config": config }),
        };
        self.call(&path, &body, reqwest::Method::POST).await.map(drop)
    }

    async fn flush(&self, url: &Url) -> Result<String, String> {
        let body = json!({ "url": url.as_str() });
        let flushed = self.call("api/flush", &body, reqwest::Method::POST).await?;
        let text = |name: &str| flushed.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut told = format!("flushed {} {} {}", text("rid"), text("hash"), text("url"));
        let warnings = flushed.pointer("/compiler/warnings").and_then(Value::as_array);
        for warning in warnings.into_iter().flatten() {
            let message = warning.get("message").and_then(Value::as_str);
            told.push_str("\n  warning: ");
            told.push_str(message.map_or_else(|| warning.to_string(), str::to_owned).as_str());
        }
        Ok(told)
    }

    /// Flushes files as they change, until the program is stopped.
    async fn watch(
        &self,
        mut sources: Vec<Source>,
        is_watching: bool,
        is_well: bool,
    ) -> Result<bool, String> {
        sources.retain(|source| source.file.is_some());
        if !is_watching {
            return Ok(is_well);
        }
        if sources.is_empty() {
            return Err("--watch needs a file".into());
        }
        eprintln!("watching {} file(s); stop me with ^C", sources.len());
        loop {
            for source in &mut sources {
                if source.is_changed() {
                    told(self.flush(&source.url).await);
                }
            }
            tokio::time::sleep(WATCH_PERIOD).await;
        }
    }

    /// Errors come with status 200, in `error`.
    async fn call(
        &self,
        path: &str,
        body: &Value,
        method: reqwest::Method,
    ) -> Result<Value, String> {
        let base = self.engine.base.as_str();
        let url = format!("{}/{path}", base.trim_end_matches('/'));
        let has_body = method != reqwest::Method::GET;
        let mut request = self.client.request(method, &url);
        if has_body {
            request = request.json(body);
        }
        if let Some(token) = &self.engine.token {
            request = request.bearer_auth(token);
        }
        let unreachable = |error: reqwest::Error| format!("{url}: {}", error.without_url());
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text =
            answer.text().await.map_err(|error| format!("{url}: {}", error.without_url()))?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        match value.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None if status.is_success() => Ok(value),
            None => Err(format!("{url}: status {status}")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_source_is_a_url_or_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a b.krl");
        std::fs::write(&file, "ruleset a {}").unwrap();
        let mut source = Source::parse(file.to_str().unwrap()).unwrap();
        assert!(source.url.as_str().ends_with("/a%20b.krl") && source.url.scheme() == "file");
        assert!(!source.is_changed());
        std::fs::write(&file, "ruleset a { }").unwrap();
        assert!(source.is_changed() && !source.is_changed());
        std::fs::remove_file(&file).unwrap();
        assert!(!source.is_changed(), "an editor may be writing it");
        let source = Source::parse("https://mesh.example/a.krl").unwrap();
        assert!(source.file.is_none());
        assert!(Source::parse("/nowhere/a.krl").is_err());
    }
}
