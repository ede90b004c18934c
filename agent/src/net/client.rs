//! The client: `post` for messages, `get` for documents.

use super::resolve::{Filtered, Lookup, NotPermitted, system};
use super::{Error, tls};
use bytes::{Bytes, BytesMut};
use picomesh_did_resolver::address::{Policy, check_url};
use picomesh_did_resolver::{Fetch, FetchError};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION};
use reqwest::{Method, Request, Response, StatusCode, redirect};
use std::time::Duration;
use url::Url;

/// A call, with all its redirects, is answered within this time or fails.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of an answer.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;
/// Redirects of one fetch.
pub const REDIRECTS_MAX: usize = 5;

/// Connecting is a part of [`CALL_TIMEOUT`]; a dead address should leave time for the next.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Below the 5 s after which servers like ours close an idle connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Idle connections kept for one peer.
const IDLE_CONNECTIONS_MAX: usize = 64;

/// What another server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status, whatever it is; `post` does not follow redirects.
    pub status: StatusCode,
    /// The media type as sent.
    pub content_type: Option<String>,
    /// The body, at most [`ANSWER_BYTES_MAX`].
    pub body: Bytes,
}

/// A client for calls to other servers; clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    policy: Policy,
    timeout: Duration,
}

impl Client {
    /// A client that calls only what `policy` permits.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(policy: Policy) -> Result<Self, Error> {
        Self::with_lookup(policy, system())
    }

    /// A client with a name service of its own.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn with_lookup(policy: Policy, lookup: Lookup) -> Result<Self, Error> {
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config()?)
            .dns_resolver(Filtered { policy, lookup })
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("picomesh/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build()
            .map_err(|error| Error::Tls(error.to_string()))?;
        Ok(Self { inner, policy, timeout: CALL_TIMEOUT })
    }

    #[cfg(test)]
    pub(super) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Posts a message. Redirects are not followed: a message goes where its recipient's document
    /// says, and nowhere else.
    ///
    /// # Errors
    /// When the URL is refused or no complete answer comes in time. A status that is not a success
    /// is an answer, not an error.
    pub async fn post(
        &self,
        url: &Url,
        content_type: &'static str,
        body: Bytes,
    ) -> Result<Answer, Error> {
        check_url(url, &self.policy)?;
        let mut request = Request::new(Method::POST, url.clone());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, reqwest::header::HeaderValue::from_static(content_type));
        *request.body_mut() = Some(body.into());
        self.timely(async { answer(self.call(request).await?).await }).await
    }

    /// Gets a document; follows at most [`REDIRECTS_MAX`] redirects, never from https to http.
    ///
    /// # Errors
    /// As [`Client::post`].
    pub async fn get(&self, url: &Url, accept: &'static str) -> Result<Answer, Error> {
        self.timely(self.get_following(url, accept)).await
    }

    async fn get_following(&self, url: &Url, accept: &'static str) -> Result<Answer, Error> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            check_url(&url, &self.policy)?;
            let mut request = Request::new(Method::GET, url.clone());
            let accept = reqwest::header::HeaderValue::from_static(accept);
            request.headers_mut().insert(ACCEPT, accept);
            let response = self.call(request).await?;
            if !is_redirect(response.status()) {
                return answer(response).await;
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let next = url.join(location.ok_or(Error::Redirect)?).map_err(|_| Error::Redirect)?;
            if url.scheme() == "https" && next.scheme() == "http" {
                return Err(Error::Redirect);
            }
            url = next;
        }
        Err(Error::TooManyRedirects)
    }

    /// Sends a request as it is. Redirects are not followed, and the caller watches the time.
    ///
    /// # Errors
    /// When the URL is refused or no answer begins.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Error> {
        check_url(request.url(), &self.policy)?;
        self.call(request).await
    }

    /// Takes the body of an answer, at most so many bytes.
    ///
    /// # Errors
    /// When there is more, or it breaks off.
    pub(crate) async fn body(response: &mut Response, bytes_max: usize) -> Result<Bytes, Error> {
        let promised = header(response, CONTENT_LENGTH).and_then(|length| length.parse().ok());
        // What answers HEAD promises without giving.
        let is_empty = response.content_length() == Some(0);
        if !is_empty && promised.is_some_and(|length: u64| length > bytes_max as u64) {
            return Err(Error::TooLarge);
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len().saturating_add(chunk.len()) > bytes_max {
                return Err(Error::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    async fn call(&self, request: Request) -> Result<Response, Error> {
        self.inner.execute(request).await.map_err(failure)
    }

    async fn timely<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::time::timeout(self.timeout, call).await.unwrap_or(Err(Error::Timeout))
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

async fn answer(mut response: Response) -> Result<Answer, Error> {
    let content_type = header(&response, CONTENT_TYPE).map(str::to_owned);
    let body = Client::body(&mut response, ANSWER_BYTES_MAX).await?;
    Ok(Answer { status: response.status(), content_type, body })
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// Sorts what reqwest says; the innermost cause tells most.
fn failure(error: reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::Timeout;
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    loop {
        if cause.is::<NotPermitted>() {
            return Error::Address;
        }
        match cause.source() {
            Some(source) => cause = source,
            None => return Error::Unreachable(cause.to_string()),
        }
    }
}

impl Fetch for Client {
    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let accept = "application/did+json, application/did+ld+json, application/json";
        let answer = self.get(url, accept).await?;
        if !answer.status.is_success() {
            return Err(FetchError::Status(answer.status.as_u16()));
        }
        Ok(answer.body.to_vec())
    }

    fn policy(&self) -> Policy {
        self.policy
    }
}
