//! One call: what its path, query and body say, read strictly.

use crate::engine::Engine;
use crate::http::Problem;
use bytes::Bytes;
use picomesh_pico::{Eci, PicoId, Rid};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;
use warp::http::HeaderMap;
use warp::http::header::CONTENT_TYPE;

/// Rows in one page unless the caller asks for another number.
const PAGE_ROWS: u32 = 100;
/// Most rows in one page.
const PAGE_ROWS_MAX: u32 = 1000;
/// Longest cursor, in bytes.
const CURSOR_BYTES_MAX: usize = 255;
/// Nesting of a body.
const BODY_DEPTH_MAX: usize = 120;
/// Longest `Idempotency-Key`, in bytes.
const KEY_BYTES_MAX: usize = 255;

/// One call.
pub struct Call {
    path: Vec<(&'static str, String)>,
    query: Vec<(String, String)>,
    is_json: bool,
    key: Option<String>,
    body: Bytes,
}

/// Which part of a listing is wanted.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) after: String,
    pub(super) limit: u32,
}

impl Call {
    pub(super) fn new(
        path: Vec<(&'static str, String)>,
        known: &[&'static str],
        headers: &HeaderMap,
        query: &str,
        body: Bytes,
    ) -> Result<Self, Problem> {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (position, (name, _)) in query.iter().enumerate() {
            // `*` takes all: the arguments of a query.
            if !known.contains(&name.as_str()) && !known.contains(&"*") {
                return Err(Problem::bad_request(format!("unknown query parameter `{name}`")));
            }
            if query.iter().take(position).any(|(earlier, _)| earlier == name) {
                return Err(Problem::bad_request(format!("query parameter `{name}` twice")));
            }
        }
        let key = match headers.get("idempotency-key").map(|key| key.to_str()) {
            None => None,
            Some(Ok(key)) if (1..=KEY_BYTES_MAX).contains(&key.len()) => Some(key.to_owned()),
            Some(_) => {
                let reason = format!("Idempotency-Key has 1 to {KEY_BYTES_MAX} ASCII characters");
                return Err(Problem::bad_request(reason));
            }
        };
        Ok(Self { path, query, is_json: is_json(headers), key, body })
    }

    /// A parameter of the path, as text.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The pico of the path; `root` names the root.
    pub(super) fn pico(&self, engine: &Engine) -> Result<PicoId, Problem> {
        pico(engine, self.text("pico"))
    }

    /// The channel of the path.
    pub(super) fn eci(&self) -> Result<Eci, Problem> {
        Eci::parse(self.text("eci")).map_err(|_| Problem::not_found())
    }

    /// The ruleset of the path.
    pub(super) fn rid(&self) -> Result<Rid, Problem> {
        Rid::parse(self.text("rid")).map_err(|_| Problem::not_found())
    }

    /// A parameter of the query.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All parameters of the query, as arguments of a function: all text.
    pub(super) fn arguments(&self) -> Map<String, Value> {
        self.query.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
    }

    /// Which part of the listing is wanted.
    pub(super) fn page(&self) -> Result<Page, Problem> {
        let limit = match self.asked("limit") {
            None => PAGE_ROWS,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=PAGE_ROWS_MAX).contains(&limit) => limit,
                _ => {
                    let reason = format!("limit is a number from 1 to {PAGE_ROWS_MAX}");
                    return Err(Problem::bad_request(reason));
                }
            },
        };
        let after = self.asked("after").unwrap_or_default();
        let is_legal = |c: char| c.is_ascii_alphanumeric() || "._-:/".contains(c);
        if after.len() > CURSOR_BYTES_MAX || !after.chars().all(is_legal) {
            return Err(Problem::bad_request("after is not the `next` of a page"));
        }
        Ok(Page { after: after.to_owned(), limit })
    }

    /// The body as JSON of this type: unknown fields, wrong types and missing fields are told with
    /// the place where they are.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if !self.is_json {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        // Serde would take an array for a struct, keep the last of two equal members, and make a
        // float of an integer that is too large.
        let object = picomesh_didcomm::json::parse_object(&self.body, BODY_DEPTH_MAX)
            .map_err(|error| Problem::bad_request(error.to_string()))?;
        serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
            let at = pointer(error.path());
            Problem::bad_request(error.inner().to_string()).pointer(at)
        })
    }

    /// As [`Call::json`]; no body at all is the default.
    pub(super) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Problem> {
        if self.body.is_empty() { Ok(T::default()) } else { self.json() }
    }

    /// The `Idempotency-Key`, and what it was used for: SHA-256 of (path, key) and of the body.
    pub(super) fn idempotency(&self) -> Option<([u8; 32], [u8; 32])> {
        let mut hash = Sha256::new_with_prefix("idempotency-key");
        for text in self.path.iter().map(|(_, text)| text).chain([self.key.as_ref()?]) {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        Some((hash.finalize().into(), Sha256::digest(&self.body).into()))
    }
}

/// A pico by its id; `root` names the root.
pub(super) fn pico(engine: &Engine, id: &str) -> Result<PicoId, Problem> {
    if id == "root" {
        return Ok(engine.root().clone());
    }
    PicoId::parse(id).map_err(|_| Problem::not_found())
}

/// `application/json` with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

/// RFC 6901.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { variant } => Some(format!("/{variant}")),
            Segment::Unknown => None,
        })
        .collect()
}
