//! From the arguments of a call to the call.

use super::HttpRequest;
use super::query::stringify;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use serde::Serialize as _;
use serde_json::{Map, Value};
use std::io;
use url::Url;

/// Headers that say where a message ends: they are ours to set.
const FRAMING: [&str; 8] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl HttpRequest {
    /// The call that the arguments of `http:get` and the like describe: `url`, `qs`, `headers`,
    /// `body`, `auth`, `json`, `form`, `parseJSON` and `dontFollowRedirect`; others are ignored.
    ///
    /// # Errors
    /// The text that the program sees thrown, its kind included.
    pub fn from_args(method: &str, args: &Map<String, Value>) -> Result<Self, String> {
        let arg = |name: &str| args.get(name).unwrap_or(&Value::Null);
        let name = method.to_ascii_lowercase();
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
            .map_err(|_| format!("Error: http:{name} is not a method"))?;
        let url = arg("url");
        if !is_truthy(url) {
            return Err(format!("Error: http:{name} needs a url string"));
        }
        let Some(address) = url.as_str() else {
            let url = as_text(url);
            return Err(format!("TypeError: http:{name} was given {url} instead of a url string"));
        };
        let mut headers = headers(arg("headers"))?;
        if let Some(value) = authorization(arg("auth")) {
            headers.insert(AUTHORIZATION, value);
        }
        let qs = arg("qs");
        let with_qs = is_truthy(qs).then(|| format!("{address}?{}", stringify(qs)));
        let url = parse_url(with_qs.as_deref().unwrap_or(address))?;
        let body = body(arg("body"), arg("json"), arg("form"));
        if body.is_some() && matches!(method, Method::GET | Method::HEAD) {
            return Err("TypeError: Request with GET/HEAD method cannot have body".into());
        }
        if let Some((_, content_type)) = &body {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
        }
        Ok(Self {
            method,
            url,
            headers,
            body: body.map(|(body, _)| body),
            parses_json: *arg("parseJSON") == Value::Bool(true),
            follows_redirects: !is_truthy(arg("dontFollowRedirect")),
        })
    }
}

/// The first of these three that is given, and its media type.
fn body(body: &Value, json: &Value, form: &Value) -> Option<(Bytes, &'static str)> {
    if is_truthy(body) {
        Some((as_text(body).into(), "text/plain;charset=UTF-8"))
    } else if is_truthy(json) {
        Some((as_json(json), "application/json"))
    } else if is_truthy(form) {
        Some((stringify(form).into(), "application/x-www-form-urlencoded"))
    } else {
        None
    }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let text = if text.starts_with("//") { format!("https:{text}") } else { text.to_owned() };
    let url = Url::parse(&text).map_err(|error| {
        let is_relative = error == url::ParseError::RelativeUrlWithoutBase;
        let reason = if is_relative { "Only absolute URLs are supported" } else { "Invalid URL" };
        format!("TypeError: {reason}")
    })?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err("TypeError: Only absolute URLs are supported".into());
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err("TypeError: Only HTTP(S) protocols are supported".into());
    }
    Ok(url)
}

fn headers(given: &Value) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in given.as_object().into_iter().flatten() {
        let text = header_text(value);
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("TypeError: {name} is not a legal HTTP header name"))?;
        let value = header_value(&text)
            .ok_or_else(|| format!("TypeError: {text} is not a legal HTTP header value"))?;
        if !FRAMING.contains(&parsed.as_str()) {
            headers
                .try_append(parsed, value)
                .map_err(|_| "TypeError: too many headers".to_owned())?;
        }
    }
    let agent = HeaderValue::from_static("pico-engine-core-http");
    headers.entry(USER_AGENT).or_insert(agent);
    Ok(headers)
}

/// Characters of a header are bytes; those without a byte are refused.
fn header_value(text: &str) -> Option<HeaderValue> {
    let bytes: Result<Vec<u8>, _> = text.chars().map(|c| u8::try_from(u32::from(c))).collect();
    HeaderValue::from_bytes(&bytes.ok()?).ok()
}

fn authorization(auth: &Value) -> Option<HeaderValue> {
    let username = auth.get("username")?.as_str()?;
    let password = auth.get("password").and_then(Value::as_str).unwrap_or_default();
    let mut value =
        header_value(&format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))?;
    value.set_sensitive(true);
    Some(value)
}

/// JavaScript's truth.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A value as KRL makes it a string.
fn as_text(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => text.clone(),
        Value::Array(_) => "[Array]".into(),
        Value::Object(_) => "[Map]".into(),
    }
}

/// A value as JavaScript makes it a string: a list is its items with commas between them.
fn header_text(value: &Value) -> String {
    let mut parts = Vec::new();
    let mut left = vec![(value, "undefined")];
    while let Some((value, nothing)) = left.pop() {
        match value {
            Value::Array(items) if !items.is_empty() => {
                left.extend(items.iter().rev().map(|item| (item, "")));
            }
            Value::Array(_) => parts.push(String::new()),
            Value::Null => parts.push(nothing.to_owned()),
            Value::Object(_) => parts.push("[object Object]".into()),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => parts.push(as_text(value)),
        }
    }
    parts.join(",")
}

/// A number as JavaScript prints it.
pub(super) fn number_text(number: &serde_json::Number) -> String {
    let number = number.as_f64().unwrap_or(f64::NAN);
    ryu_js::Buffer::new().format(number).to_owned()
}

/// JSON as JavaScript writes it.
fn as_json(value: &Value) -> Bytes {
    let mut json = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut json, JavaScript);
    value.serialize(&mut writer).expect("writing a value to memory does not fail");
    json.into()
}

/// Writes numbers as JavaScript does: `1`, not `1.0`.
struct JavaScript;

impl serde_json::ser::Formatter for JavaScript {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(ryu_js::Buffer::new().format(value).as_bytes())
    }
}
