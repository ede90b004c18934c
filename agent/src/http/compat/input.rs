//! What a request says: the query string, overlaid by its body, and its headers.
//!
//! Source: pico-engine 1.4 with Express 4 and body-parser 1.20. Bodies are JSON (four media
//! types of the reference, and those of DIDComm, which it ignores) or forms; others say nothing.
//! Absent on purpose: compressed bodies.

use super::{form, json_error, percent, query_string};
use bytes::Bytes;
use serde_json::{Map, Value};
use warp::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, SET_COOKIE};
use warp::http::{HeaderMap, Method};

/// Largest JSON body, in bytes.
pub(super) const JSON_BYTES_MAX: usize = 100 * 1024;

/// Media types of the reference's JSON bodies.
const JSON_TYPES: [&str; 3] =
    ["application/json", "application/octet-stream", "application/ssi-agent-wire"];
/// Media types of DIDComm, which are JSON too.
pub(super) const DIDCOMM_TYPES: [&str; 4] = [
    "application/didcomm-encrypted+json",
    "application/didcomm-envelope-enc",
    "application/didcomm-signed+json",
    "application/didcomm-plain+json",
];
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Headers of which Node keeps the first alone; of the others it makes one with commas.
const SINGLE_HEADERS: [&str; 19] = [
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
    "user-agent",
    "set-cookie2",
];

/// A request, as it came.
pub(super) struct Request {
    pub(super) method: Method,
    /// Not decoded, without the query string.
    pub(super) path: String,
    /// Without its `?`.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    /// `Err` when it was larger than anything that is read.
    pub(super) body: Result<Bytes, TooLarge>,
}

/// The body was not read to its end.
pub(super) struct TooLarge;

impl Request {
    /// The media type without its parameters.
    pub(super) fn media_type(&self) -> String {
        let text = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// A header as text, when it is ASCII.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The attributes of an event or the arguments of a query, without `_headers`.
    ///
    /// # Errors
    /// When the body is not what its media type says: the text that the caller is told.
    pub(super) fn attrs(&self) -> Result<Map<String, Value>, String> {
        let mut attrs = query_string::parse(&self.query);
        for (name, value) in self.fields()? {
            attrs.insert(name, value);
        }
        Ok(attrs)
    }

    fn fields(&self) -> Result<Map<String, Value>, String> {
        let media_type = self.media_type();
        let media_type = media_type.as_str();
        let is_form = media_type == FORM_TYPE;
        if !is_form && !JSON_TYPES.contains(&media_type) && !DIDCOMM_TYPES.contains(&media_type) {
            return Ok(Map::new());
        }
        self.check_encoding()?;
        let too_large = || "PayloadTooLargeError: request entity too large".to_owned();
        let body = self.body.as_ref().map_err(|TooLarge| too_large())?;
        // The reference's limit is for what it takes for JSON; a DIDComm message may be larger.
        if JSON_TYPES.contains(&media_type) && body.len() > JSON_BYTES_MAX {
            return Err(too_large());
        }
        let text = String::from_utf8_lossy(body);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if is_form { form::parse(text) } else { json(text) }
    }

    fn check_encoding(&self) -> Result<(), String> {
        let refused = |what: &str, name: &str| {
            Err(format!("UnsupportedMediaTypeError: unsupported {what} \"{name}\""))
        };
        let parameters = self.header(CONTENT_TYPE.as_str()).unwrap_or_default().split(';').skip(1);
        for (name, value) in parameters.filter_map(|parameter| parameter.split_once('=')) {
            let charset = value.trim().trim_matches('"').to_ascii_lowercase();
            let is_known = matches!(charset.as_str(), "" | "utf-8" | "utf8");
            if name.trim().eq_ignore_ascii_case("charset") && !is_known {
                return refused("charset", &charset.to_ascii_uppercase());
            }
        }
        match self.header(CONTENT_ENCODING.as_str()).map(str::to_ascii_lowercase).as_deref() {
            None | Some("identity") => Ok(()),
            Some(encoding) => refused("content encoding", encoding),
        }
    }

    /// `_headers`: names in lower case, in the order in which they came, as Node has them.
    ///
    /// `is_operator`: the request showed the operator's token. It is not for rulesets.
    pub(super) fn headers_value(&self, is_operator: bool) -> Value {
        let mut all: Map<String, Value> = Map::new();
        for (name, value) in &self.headers {
            if is_operator && name == AUTHORIZATION {
                continue;
            }
            // Node reads headers as Latin-1.
            let text: String = value.as_bytes().iter().copied().map(char::from).collect();
            let name = name.as_str();
            match all.get_mut(name) {
                None if name == SET_COOKIE.as_str() => {
                    all.insert(name.to_owned(), Value::Array(vec![text.into()]));
                }
                None => drop(all.insert(name.to_owned(), text.into())),
                Some(Value::Array(values)) => values.push(text.into()),
                Some(_) if SINGLE_HEADERS.contains(&name) => {}
                Some(Value::String(before)) => {
                    before.push_str(if name == COOKIE.as_str() { "; " } else { ", " });
                    before.push_str(&text);
                }
                Some(_) => {}
            }
        }
        Value::Object(all)
    }
}

/// A JSON body: an object, or a list whose places become names.
fn json(text: &str) -> Result<Map<String, Value>, String> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    let blank = [' ', '\t', '\n', '\r'];
    if !text.trim_start_matches(blank).starts_with(['{', '[']) {
        return Err(json_error::neither_object_nor_list(text));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Array(items)) => {
            let numbered = items.into_iter().enumerate();
            Ok(numbered.map(|(at, item)| (at.to_string(), item)).collect())
        }
        Ok(_) => Err(json_error::neither_object_nor_list(text)),
        // Ours alone: JavaScript has no limit to nesting, we have one.
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Err("RangeError: the JSON is nested too deeply".into())
        }
        Err(_) => Err(json_error::describe(text)),
    }
}

/// The segments of a path, decoded; `None` when one is empty. One slash at the end is allowed.
pub(super) fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').map(percent::decode).map(|part| part.filter(|part| !part.is_empty())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn request(headers: &[(&'static str, &'static str)], query: &str, body: &[u8]) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let body = Ok(Bytes::copy_from_slice(body));
        let (path, query) = ("/".to_owned(), query.to_owned());
        Request { method: Method::POST, path, query, headers: map, body }
    }

    fn attrs(media_type: &'static str, query: &str, body: &str) -> Result<Value, String> {
        request(&[("content-type", media_type)], query, body.as_bytes()).attrs().map(Value::Object)
    }

    #[test]
    fn a_body_overlays_the_query_string() {
        let json = "application/json";
        assert_eq!(
            serde_json::to_string(
                &attrs(json, "x=9&q=2", "{\"x\":{\"a\":[1,null]},\"n\":null}").unwrap()
            )
            .unwrap(),
            "{\"x\":{\"a\":[1,null]},\"q\":\"2\",\"n\":null}",
            "in the place that the query gave it"
        );
        assert_eq!(attrs(json, "", "[1,2]").unwrap(), json!({ "0": 1, "1": 2 }));
        assert_eq!(attrs("Application/JSON ; charset=UTF-8", "a=b", "").unwrap(), json!({"a":"b"}));
        assert_eq!(attrs("text/plain", "", "hello").unwrap(), json!({}));
        assert_eq!(attrs("", "", "{\"a\":1}").unwrap(), json!({}));
        for media_type in JSON_TYPES.iter().chain(&DIDCOMM_TYPES) {
            assert_eq!(attrs(media_type, "", "\u{feff}{\"a\":1}").unwrap(), json!({ "a": 1 }));
        }
        assert_eq!(
            attrs(FORM_TYPE, "a=x", "a=1&a=2&b[c]=3").unwrap(),
            json!({
                "a": ["1", "2"], "b[c]": "3",
            })
        );
    }

    #[test]
    fn a_wrong_body_is_an_error_with_the_known_text() {
        let cases = [
            ("application/json", "{\"a\":", "SyntaxError: Unexpected end of JSON input"),
            ("application/json", "5", "SyntaxError: Unexpected token '5', \"5\" is not valid JSON"),
            (
                "application/json; charset=latin1",
                "{}",
                "UnsupportedMediaTypeError: unsupported charset \"LATIN1\"",
            ),
        ];
        for (media_type, body, error) in cases {
            assert_eq!(attrs(media_type, "", body), Err(error.to_owned()));
        }
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(JSON_BYTES_MAX));
        let too_large = Err("PayloadTooLargeError: request entity too large".to_owned());
        assert_eq!(attrs("application/json", "", &large), too_large);
        assert!(attrs("application/didcomm-encrypted+json", "", &large).is_ok());
        let headers = [("content-type", "application/json"), ("content-encoding", "br")];
        let error = request(&headers, "", b"{}").attrs().unwrap_err();
        assert_eq!(error, "UnsupportedMediaTypeError: unsupported content encoding \"br\"");
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(attrs("application/json", "", &deep).unwrap_err().starts_with("RangeError"));
    }

    #[test]
    fn headers_are_those_of_node() {
        let headers = [
            ("host", "h"),
            ("x-b", "1"),
            ("accept", "*/*"),
            ("x-b", "2"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
            ("user-agent", "u"),
            ("user-agent", "v"),
            ("authorization", "B x"),
        ];
        let request = request(&headers, "", b"");
        let expected = "{\"host\":\"h\",\"x-b\":\"1, 2\",\"accept\":\"*/*\",\
                        \"cookie\":\"a=1; b=2\",\"user-agent\":\"u\",\"authorization\":\"B x\"}";
        assert_eq!(request.headers_value(false).to_string(), expected);
        assert!(request.headers_value(true).get("authorization").is_none());
    }
}
