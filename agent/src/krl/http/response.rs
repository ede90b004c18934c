//! What a call comes to.

use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Headers of which the first counts when there are several. The others are joined.
const SINGLE: [&str; 17] = [
    "age",
    "authorization",
    "content-length",
    "content-type",
    "etag",
    "expires",
    "from",
    "host",
    "if-modified-since",
    "if-unmodified-since",
    "last-modified",
    "location",
    "max-forwards",
    "proxy-authorization",
    "referer",
    "retry-after",
    "server",
];

/// An answer as programs see it.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpResponse {
    /// The text, or what it says as JSON when the program wanted that and it is JSON.
    pub content: Value,
    /// The media type as sent.
    pub content_type: Option<String>,
    /// The length as announced, 0 when it was not.
    pub content_length: u64,
    /// The headers by name, in small letters and alphabetical order.
    pub headers: Map<String, Value>,
    /// The status.
    pub status_code: u16,
    /// The words after the status.
    pub status_line: String,
}

impl HttpResponse {
    pub(super) fn new(response: &Response, content: &[u8], parses_json: bool) -> Self {
        let text = String::from_utf8_lossy(content).into_owned();
        let json = if parses_json { serde_json::from_str(&text).ok() } else { None };
        let headers = headers(response.headers());
        let header = |name: HeaderName| headers.get(name.as_str()).and_then(Value::as_str);
        let content_length = leading_number(header(CONTENT_LENGTH).unwrap_or_default());
        Self {
            content: json.unwrap_or(Value::String(text)),
            content_type: header(CONTENT_TYPE).map(str::to_owned),
            content_length,
            headers,
            status_code: response.status().as_u16(),
            status_line: reason(response),
        }
    }

    /// As a map, in the order of the reference.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        let entries = [
            ("content", self.content),
            ("content_type", json!(self.content_type)),
            ("content_length", json!(self.content_length)),
            ("headers", Value::Object(self.headers)),
            ("status_code", json!(self.status_code)),
            ("status_line", json!(self.status_line)),
        ];
        entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Text of bytes that are characters each.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn headers(sent: &HeaderMap) -> Map<String, Value> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in sent {
        let value = latin1(value.as_bytes());
        match joined.get_mut(name.as_str()) {
            Some(_) if SINGLE.contains(&name.as_str()) => {}
            Some(before) => {
                before.push_str(if name == "cookie" { "; " } else { ", " });
                before.push_str(&value);
            }
            None => {
                joined.insert(name.as_str(), value);
            }
        }
    }
    joined.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

/// What the server said, or the standard words when it said just these.
fn reason(response: &Response) -> String {
    match response.extensions().get::<hyper::ext::ReasonPhrase>() {
        Some(reason) => latin1(reason.as_bytes()),
        None => response.status().canonical_reason().unwrap_or_default().to_owned(),
    }
}

fn leading_number(text: &str) -> u64 {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().unwrap_or(0)
}
