//! The outside call of the module `http`.
//!
//! Source: pico-engine 1.4, `modules/http.ts`, over node-fetch 2.7, whose error texts are kept.
//! Narrower than there: only addresses that the configuration permits are called, redirects too;
//! a call with all its redirects takes at most [`CALL_TIMEOUT`] and its content
//! [`CONTENT_BYTES_MAX`]. Absent: compressed answers (none are asked for) and `autoraise` and
//! `autosend`, which concern the pico.

mod arguments;
mod query;
mod response;
#[cfg(test)]
mod tests;

pub use response::HttpResponse;

use crate::net::{CALL_TIMEOUT, Client, Error};
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Method, Request, Response};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Most bytes of the content of an answer.
pub const CONTENT_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Most redirects of one call.
pub const REDIRECTS_MAX: usize = 10;

/// A call as a program wants it. [`HttpRequest::from_args`] makes one.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    parses_json: bool,
    follows_redirects: bool,
}

/// Makes a call. A status that is no success is an answer.
///
/// # Errors
/// The text that the program sees thrown, its kind included: the address is refused, or no
/// complete answer came within the limits.
pub async fn perform(client: &Client, request: HttpRequest) -> Result<HttpResponse, String> {
    perform_within(client, request, CALL_TIMEOUT).await
}

async fn perform_within(
    client: &Client,
    request: HttpRequest,
    timeout: Duration,
) -> Result<HttpResponse, String> {
    let mut url = request.url.clone();
    let call = follow(client, request, &mut url);
    let answer = tokio::time::timeout(timeout, call).await;
    answer.unwrap_or(Err(Failure::Call(Error::Timeout))).map_err(|failure| failure.text(&url))
}

/// Why a call came to nothing.
enum Failure {
    Call(Error),
    TooManyRedirects,
    InvalidRedirect(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl Failure {
    fn text(&self, url: &Url) -> String {
        let text = match self {
            Self::TooManyRedirects => format!("maximum redirect reached at: {url}"),
            Self::InvalidRedirect(to) => {
                format!("uri requested responds with an invalid redirect URL: {to}")
            }
            Self::Call(Error::Timeout) => format!("network timeout at: {url}"),
            Self::Call(Error::TooLarge) => {
                format!("content size at {url} over limit: {CONTENT_BYTES_MAX}")
            }
            Self::Call(error) => format!("request to {url} failed, reason: {error}"),
        };
        format!("FetchError: {text}")
    }
}

/// Follows the redirects; `url` is where it has come to.
async fn follow(
    client: &Client,
    mut request: HttpRequest,
    url: &mut Url,
) -> Result<HttpResponse, Failure> {
    for redirects in 0.. {
        let mut response = client.send(request.to_send(url)).await?;
        let location = location(&response);
        let target = location.as_ref().map(|location| url.join(location));
        match (location, target) {
            (Some(location), Some(Err(_))) if request.follows_redirects => {
                return Err(Failure::InvalidRedirect(location));
            }
            (Some(_), Some(Ok(target))) if request.follows_redirects => {
                if redirects == REDIRECTS_MAX {
                    return Err(Failure::TooManyRedirects);
                }
                request.redirect(response.status().as_u16(), url, &target);
                *url = target;
            }
            (_, target) => {
                let content = Client::body(&mut response, CONTENT_BYTES_MAX).await?;
                let mut answer = HttpResponse::new(&response, &content, request.parses_json);
                // Without following, the program gets a whole URL to follow by itself.
                if let Some(Ok(target)) = target {
                    answer.headers.insert("location".into(), Value::String(target.into()));
                }
                return Ok(answer);
            }
        }
    }
    Err(Failure::TooManyRedirects)
}

/// Where a redirect leads.
fn location(response: &Response) -> Option<String> {
    let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| is_redirect)?;
    Some(response::latin1(location.as_bytes()))
}

impl HttpRequest {
    fn to_send(&self, url: &Url) -> Request {
        let mut request = Request::new(self.method.clone(), url.clone());
        *request.headers_mut() = self.headers.clone();
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }

    /// Makes this the call that follows a redirect.
    fn redirect(&mut self, status: u16, from: &Url, to: &Url) {
        let becomes_get =
            status == 303 || (matches!(status, 301 | 302) && self.method == Method::POST);
        if becomes_get {
            self.method = Method::GET;
            self.body = None;
        }
        // What proves who we are stays with the host that it was given for.
        if !is_same_or_below(from, to) || from.scheme() != to.scheme() {
            for name in [AUTHORIZATION, WWW_AUTHENTICATE, COOKIE] {
                self.headers.remove(name);
            }
            self.headers.remove("cookie2");
        }
    }
}

/// Whether the host of a URL is that of another or a subdomain of it.
fn is_same_or_below(above: &Url, url: &Url) -> bool {
    let (Some(above), Some(host)) = (above.host_str(), url.host_str()) else { return false };
    host == above || host.strip_suffix(above).is_some_and(|front| front.ends_with('.'))
}
