//! A small HTTP server with the rulesets, and with a page that says what it was asked.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::script::folder;
use crate::Result;

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Files {
    url: String,
    server: JoinHandle<()>,
}

impl Files {
    /// Starts to listen on a free port of the loopback interface.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Self { url, server: tokio::spawn(serve(listener)) })
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener) {
    // The listener fails only when the process has no descriptors left; then the test is over.
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let service = hyper::service::service_fn(answer);
            let connection = TokioIo::new(stream);
            // A client that breaks off wants nothing more.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(connection, service)
                .await;
        });
    }
}

/// `/echo` tells the request, `/status/N` answers with that status, anything else is a file.
async fn answer(
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    if let Some(status) =
        path.strip_prefix("/status/").and_then(|status| status.parse::<u16>().ok())
    {
        let redirect = Response::builder().status(status).header("location", "/echo?redirected=1");
        return Ok(redirect.body("a status".into()).unwrap_or_default());
    }
    if path == "/echo" {
        let header = |name: &str| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        let mut told = json!({
            "method": request.method().as_str(),
            "query": request.uri().query(),
            "content-type": header("content-type"),
            "authorization": header("authorization"),
            "x-test": header("x-test"),
        });
        if let Ok(body) = request.into_body().collect().await {
            told["body"] = String::from_utf8_lossy(&body.to_bytes()).into();
        }
        let response = Response::builder()
            .header("content-type", "application/json")
            .header("x-answer", "yes")
            .body(told.to_string().into());
        return Ok(response.unwrap_or_default());
    }
    let name = path.trim_start_matches('/');
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let text = is_plain.then(|| std::fs::read(folder("rulesets").join(name)).ok()).flatten();
    Ok(match text {
        Some(text) => Response::new(text.into()),
        None => Response::builder().status(404).body("absent".into()).unwrap_or_default(),
    })
}
