//! A JSON API over HTTP, with errors that say what was asked and answered.

use std::sync::Once;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::Value;

use crate::{Error, Result};

const REQUEST_SECONDS_MAX: u64 = 30;

/// A base URL with a client.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    token: Option<String>,
    client: Client,
}

impl Api {
    /// An API below `base`, which has no slash at its end.
    pub fn new(base: &str) -> Result<Self> {
        Ok(Self { base: base.to_owned(), token: None, client: client()? })
    }

    /// Sends this bearer token with every request.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The URL that everything is below.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `GET`; the answer is JSON.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// `GET` of whatever it is; the status and the text of the answer.
    pub async fn get_text(&self, path: &str) -> Result<(u16, String)> {
        let url = format!("{}{path}", self.base);
        text_of(&url, self.client.get(&url)).await
    }

    /// `POST` of a JSON body; the answer is JSON, or null when it is empty.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// `PUT` of a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.send(Method::DELETE, path, None).await
    }

    /// `POST` of bytes as they are, say an envelope; the status and the text of the answer.
    pub async fn post_bytes(
        &self,
        path: &str,
        media_type: &str,
        body: impl Into<bytes::Bytes>,
    ) -> Result<(u16, String)> {
        let url = format!("{}{path}", self.base);
        let request = self.client.post(&url).header("content-type", media_type).body(body.into());
        text_of(&url, request).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let url = format!("{}{path}", self.base);
        let mut request = self.client.request(method.clone(), &url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, text) = text_of(&url, request).await?;
        if !(200..300).contains(&status) {
            return Err(Error::Refused { method: method.to_string(), url, status, body: text });
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text)
            .map_err(|error| Error::Unexpected(format!("{url}: {error} in {text}")))
    }
}

async fn text_of(url: &str, request: reqwest::RequestBuilder) -> Result<(u16, String)> {
    let unreachable = |source| Error::Unreachable { url: url.to_owned(), source };
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    Ok((status, response.text().await.map_err(unreachable)?))
}

/// An HTTP client that follows no redirects and uses no proxy.
pub(crate) fn client() -> Result<Client> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // The workspace builds reqwest without a provider; an earlier one is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(REQUEST_SECONDS_MAX))
        .build()
        .map_err(|source| Error::Unreachable { url: "the HTTP client".to_owned(), source })
}
