//! A small HTTP client: kept connections, JSON in, JSON out.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Calls one server.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

/// Status, headers and body of an answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) cookie: Option<String>,
    pub(crate) body: Bytes,
}

impl Http {
    pub(crate) fn new(base: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self { client, base }
    }

    /// One request; `headers` are name and value.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let url = match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}{path}", self.base),
        };
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).expect("a well-formed request");
        let response = self.client.request(request).await.expect("the server answers");
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (location, cookie) = (header("location"), header("set-cookie"));
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        Answer { status, location, cookie, body }
    }

    /// Posts JSON and reads JSON; anything but success ends the measurement.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let json = [("content-type", "application/json")];
        let answer = self.call(Method::POST, path, &json, body.to_string().into()).await;
        read(path, &answer)
    }

    /// Gets JSON; anything but success ends the measurement.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, &[], Bytes::new()).await;
        read(path, &answer)
    }
}

fn read(path: &str, answer: &Answer) -> Value {
    let text = String::from_utf8_lossy(&answer.body);
    assert!((200..300).contains(&answer.status), "{path}: {} {text}", answer.status);
    if answer.body.is_empty() {
        return Value::Null;
    }
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert!(!value["error"].is_string(), "{path}: {text}");
    value
}
