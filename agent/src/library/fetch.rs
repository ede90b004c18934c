//! Fetching sources: over HTTP through the address filter, and from files where that is allowed.

use super::Sources;
use crate::net;
use std::future::Future;
use std::pin::Pin;
use url::Url;

/// Largest source of a ruleset, in bytes.
pub const SOURCE_BYTES_MAX: usize = 1024 * 1024;

/// Fetches sources for a running agent.
pub struct Fetcher {
    client: net::Client,
    reads_files: bool,
}

impl Fetcher {
    /// A fetcher; `reads_files` permits `file:` URLs.
    pub fn new(client: net::Client, reads_files: bool) -> Self {
        Self { client, reads_files }
    }

    async fn text(&self, url: &str) -> Result<String, String> {
        let failed = |error: String| format!("Error: Unable to fetch {url}: {error}");
        let parsed = Url::parse(url).map_err(|error| failed(error.to_string()))?;
        let bytes = match parsed.scheme() {
            "http" | "https" => {
                let answer = self.client.get(&parsed, "*/*").await;
                let answer = answer.map_err(|error| failed(error.to_string()))?;
                if !answer.status.is_success() {
                    return Err(format!("Error: Got a {} response from {url}", answer.status.as_u16()));
                }
                answer.body.to_vec()
            }
            "file" if self.reads_files => {
                let path = parsed.to_file_path().map_err(|()| failed("not a path".into()))?;
                let size = tokio::fs::metadata(&path).await.map(|about| about.len());
                match size.map_err(|error| failed(error.to_string()))? {
                    size if size > SOURCE_BYTES_MAX as u64 => {
                        return Err(failed("limit SOURCE_BYTES_MAX reached".into()));
                    }
                    _ => tokio::fs::read(&path).await.map_err(|e| failed(e.to_string()))?,
                }
            }
            "file" => return Err(failed("files are not read by this engine".into())),
            scheme => return Err(failed(format!("the scheme {scheme} is not supported"))),
        };
        if bytes.len() > SOURCE_BYTES_MAX {
            return Err(failed("limit SOURCE_BYTES_MAX reached".into()));
        }
        String::from_utf8(bytes).map_err(|_| failed("not UTF-8".into()))
    }
}

impl Sources for Fetcher {
    fn fetch<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(self.text(url))
    }
}
