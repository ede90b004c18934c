//! Fetching sources: over HTTP through the address filter, and from files where that is allowed.
//!
//! What goes wrong is told in the words of pico-engine, which programs compare.

use super::Sources;
use crate::config::RulesetFiles;
use crate::net;
use std::future::Future;
use std::io::ErrorKind;
use std::path::Path;
use std::pin::Pin;
use url::Url;

/// Largest source of a ruleset, in bytes.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;

/// Fetches sources for a running agent.
pub struct Fetcher {
    client: net::Client,
    files: RulesetFiles,
}

impl Fetcher {
    /// A fetcher; `files` says which `file:` URLs it reads.
    pub fn new(client: net::Client, files: RulesetFiles) -> Self {
        Self { client, files }
    }

    async fn text(&self, url: &str) -> Result<String, String> {
        let parsed = Url::parse(url).map_err(|_| "TypeError: Only absolute URLs are supported")?;
        let bytes = match parsed.scheme() {
            "http" | "https" => {
                let answer = self.client.get(&parsed, "*/*").await.map_err(|error| {
                    format!("FetchError: request to {parsed} failed, reason: {error}")
                })?;
                if !answer.status.is_success() {
                    let status = answer.status.as_u16();
                    return Err(format!("Error: Got a statusCode={status} for: {url}"));
                }
                answer.body.to_vec()
            }
            "file" => self.file(&parsed).await?,
            _ => return Err("TypeError: Only HTTP(S) protocols are supported".into()),
        };
        if bytes.len() > SOURCE_BYTES_MAX {
            return Err(format!("Error: limit SOURCE_BYTES_MAX reached for: {url}"));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn file(&self, url: &Url) -> Result<Vec<u8>, String> {
        let path = url.to_file_path().map_err(|()| format!("Error: {url} names no file"))?;
        let failed = |error: std::io::Error| unreadable(&path, error.kind());
        let size = tokio::fs::metadata(&path).await.map_err(failed);
        // One text for what may not be read, whether it is there or not.
        let judged = if size.is_ok() { Some(path.as_path()) } else { path.parent() };
        if !judged.is_some_and(|path| self.files.allows(path)) {
            return Err(unreadable(&path, ErrorKind::PermissionDenied));
        }
        match size?.len() {
            size if size > SOURCE_BYTES_MAX as u64 => {
                Err(format!("Error: limit SOURCE_BYTES_MAX reached for: {url}"))
            }
            _ => tokio::fs::read(&path).await.map_err(failed),
        }
    }
}

/// As Node says it.
fn unreadable(path: &Path, kind: ErrorKind) -> String {
    let path = path.display();
    if kind == ErrorKind::IsADirectory {
        return "Error: EISDIR: illegal operation on a directory, read".into();
    }
    let cause = if kind == ErrorKind::NotFound {
        "ENOENT: no such file or directory"
    } else if kind == ErrorKind::PermissionDenied {
        "EACCES: permission denied"
    } else {
        "EIO: i/o error"
    };
    format!("Error: {cause}, open '{path}'")
}

impl Sources for Fetcher {
    fn fetch<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(self.text(url))
    }
}
