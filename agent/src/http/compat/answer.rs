//! Answers: bodies, entity tags and headers as Express gives them.
//!
//! Errors have status 200, as programs written for pico-engine expect. In place of its security
//! headers, which keep the pages of rulesets from running, there are few: nobody guesses types
//! or frames us from elsewhere, addresses (they hold ECIs) stay here, and [`page`] says what a
//! page may run.

use super::input::Request;
use super::{page, percent, stringify};
use crate::config::PageScripts;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use warp::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION, REFERER,
    REFERRER_POLICY, SET_COOKIE, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use warp::http::{HeaderValue, Method, StatusCode};
use warp::reply::Response;

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const METHODS: &str = "POST, GET, OPTIONS";
/// For what is not a page.
const NOTHING: &str = "default-src 'none';frame-ancestors 'self'";

/// A JSON value.
pub(super) fn value(request: &Request, value: &Value) -> Response {
    tagged(request, JSON, stringify::write(value))
}

/// What a query came to; nothing at all, JavaScript's `undefined`, is an empty body.
pub(super) fn or_nothing(request: &Request, answer: Option<&Value>) -> Response {
    match answer {
        Some(answer) => value(request, answer),
        None => sent(guarded(NOTHING), JSON, Bytes::new()),
    }
}

/// An error: status 200, and the text.
pub(super) fn error(request: &Request, text: &str) -> Response {
    error_as(request, JSON, text)
}

fn error_as(request: &Request, media_type: &'static str, text: &str) -> Response {
    tagged(request, media_type, stringify::write(&json!({ "error": text })))
}

/// The answer to a path whose escapes cannot be read; nothing else was looked at.
pub(super) fn undecodable(request: &Request) -> Response {
    error(request, &format!("URIError: Failed to decode param '{}'", request.path))
}

/// What a query named `….html` or `….txt` came to: text as it is.
pub(super) fn document(
    request: &Request,
    is_html: bool,
    value: Option<&Value>,
    scripts: PageScripts,
) -> Response {
    let media_type = if is_html { HTML } else { TEXT };
    let value = value.unwrap_or(&Value::Null);
    let received = match value {
        Value::String(text) if is_html => {
            let text = text.clone();
            return sent(guarded(&page::policy(&text, scripts)), HTML, text.into());
        }
        Value::String(text) => return sent(guarded(NOTHING), TEXT, text.clone().into()),
        Value::Null => return sent(guarded(NOTHING), media_type, Bytes::new()),
        // Node sends nothing for what JavaScript takes for false.
        Value::Bool(false) => return sent(guarded(NOTHING), media_type, Bytes::new()),
        Value::Number(number) if number.as_f64() == Some(0.0) => {
            return sent(guarded(NOTHING), media_type, Bytes::new());
        }
        Value::Bool(is) => format!("Received type boolean ({is})"),
        Value::Number(_) => {
            let number = String::from_utf8_lossy(&stringify::write(value)).into_owned();
            format!("Received type number ({number})")
        }
        Value::Array(_) => "Received an instance of Array".into(),
        Value::Object(_) => "Received an instance of Object".into(),
    };
    let text = "TypeError [ERR_INVALID_ARG_TYPE]: The \"chunk\" argument must be of type string \
                or an instance of Buffer or Uint8Array.";
    error_as(request, media_type, &format!("{text} {received}"))
}

/// There is no such path.
pub(super) fn not_found(request: &Request) -> Response {
    let what = format!("Cannot {} {}", request.method, percent::encode_url(&request.path));
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Error</title>\n</head>\n<body>\n<pre>{}</pre>\n</body>\n</html>\n",
        escape_html(&what)
    );
    let mut response = sent(guarded("default-src 'none'"), HTML, body.into());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Before a browser lets a page of another origin ask: it may.
pub(super) fn options() -> Response {
    let mut response = open();
    set(&mut response, ALLOW, METHODS);
    set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(&mut response, CONTENT_LENGTH, "0");
    response
}

/// Adds a cookie; `Err` has the text for one that no header can carry.
pub(super) fn set_cookie(response: &mut Response, cookie: &str) -> Result<(), String> {
    let cookie = latin1(cookie).ok_or(
        "TypeError [ERR_INVALID_CHAR]: Invalid character in header content [\"Set-Cookie\"]",
    )?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(())
}

/// 302 to another address; `back` is where the browser came from.
pub(super) fn redirect(request: &Request, url: &str) -> Response {
    let url = if url == "back" { request.header(REFERER.as_str()).unwrap_or("/") } else { url };
    let url = percent::encode_url(url);
    let (media_type, body) = match preferred(request.header(ACCEPT.as_str())) {
        Some(TEXT) => (Some(TEXT), format!("Found. Redirecting to {url}")),
        Some(_) => (Some(HTML), format!("<p>Found. Redirecting to {}</p>", escape_html(&url))),
        None => (None, String::new()),
    };
    let mut response = sent(guarded(NOTHING), media_type.unwrap_or(TEXT), body.into());
    if media_type.is_none() {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    *response.status_mut() = StatusCode::FOUND;
    set(&mut response, VARY, "Accept");
    // Only ASCII is left of it.
    set(&mut response, LOCATION, &url);
    response
}

/// Which of text and HTML the browser would rather have (RFC 9110 §12.5.1); text in doubt.
fn preferred(accept: Option<&str>) -> Option<&'static str> {
    let Some(accept) = accept else { return Some(TEXT) };
    let quality = |kind: &str, all: &str| {
        let ranges = accept.split(',').enumerate().filter_map(|(order, range)| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let precision = [kind, all, "*/*"].iter().position(|known| *known == name)?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
            Some((precision, order, weight.parse::<f32>().unwrap_or(0.0)))
        });
        ranges.min_by_key(|(precision, order, _)| (*precision, *order)).filter(|it| it.2 > 0.0)
    };
    match (quality("text/plain", "text/*"), quality("text/html", "text/*")) {
        (None, None) => None,
        (Some(_), None) => Some(TEXT),
        (None, Some(_)) => Some(HTML),
        (Some((precise, order, weight)), Some(html)) => {
            let (html_precise, html_order, html_weight) = html;
            let is_html = html_weight > weight
                || (html_weight >= weight && (html_precise, html_order) < (precise, order));
            Some(if is_html { HTML } else { TEXT })
        }
    }
}

/// A body with its entity tag; 304 when the browser has it.
fn tagged(request: &Request, media_type: &'static str, body: Vec<u8>) -> Response {
    let hash = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &body));
    let tag = format!("W/\"{:x}-{}\"", body.len(), hash.get(..27).unwrap_or_default());
    if !is_fresh(request, &tag) {
        let mut response = sent(guarded(NOTHING), media_type, body.into());
        set(&mut response, ETAG, &tag);
        return response;
    }
    let mut response = guarded(NOTHING);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    set(&mut response, ETAG, &tag);
    response
}

/// Whether the browser has this very answer (RFC 9110 §13.1.2, as Express understands it).
fn is_fresh(request: &Request, tag: &str) -> bool {
    let header = |name: HeaderName| request.header(name.as_str());
    let is_read = matches!(request.method, Method::GET | Method::HEAD);
    // Our answers have no date: a condition on one is never met.
    let (Some(known), None) = (header(IF_NONE_MATCH), header(IF_MODIFIED_SINCE)) else {
        return false;
    };
    let demands_new = header(CACHE_CONTROL).is_some_and(|cache| {
        cache.split(',').any(|part| part.trim().eq_ignore_ascii_case("no-cache"))
    });
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let is_known = known == "*" || known.split(',').any(|one| [tag, strong].contains(&one.trim()));
    is_read && is_known && !demands_new
}

/// Headers that every answer has.
fn open() -> Response {
    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let allowed = "Origin, X-Requested-With, Content-Type, Accept";
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(allowed));
    response
}

fn guarded(policy: &str) -> Response {
    let mut response = open();
    set(&mut response, CONTENT_SECURITY_POLICY, policy);
    set(&mut response, REFERRER_POLICY, "same-origin");
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, X_FRAME_OPTIONS, "SAMEORIGIN");
    response
}

/// With its length written out, as it is to stay in an answer to HEAD.
fn sent(mut response: Response, media_type: &str, body: Bytes) -> Response {
    set(&mut response, CONTENT_TYPE, media_type);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = body.into();
    response
}

fn set(response: &mut Response, name: HeaderName, text: &str) {
    match HeaderValue::from_str(text) {
        Ok(value) => drop(response.headers_mut().insert(name, value)),
        Err(error) => tracing::error!(%name, %error, "a header was left out"),
    }
}

/// Node writes headers as Latin-1 and refuses what is beyond.
fn latin1(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

fn escape_html(text: &str) -> String {
    let pairs = [('&', "&amp;"), ('"', "&quot;"), ('\'', "&#39;"), ('<', "&lt;"), ('>', "&gt;")];
    pairs.iter().fold(text.to_owned(), |text, (plain, safe)| text.replace(*plain, safe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_has_the_body_that_is_preferred() {
        let cases = [
            (None, Some(TEXT)),
            (Some("*/*"), Some(TEXT)),
            (Some("text/html"), Some(HTML)),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some(HTML)),
            (Some("text/html;q=0.5, text/plain"), Some(TEXT)),
            (Some("text/*, text/html;q=0.1"), Some(TEXT)),
            (Some("application/json"), None),
            (Some("*/*, text/html;q=0"), Some(TEXT)),
        ];
        for (accept, expected) in cases {
            assert_eq!(preferred(accept), expected, "{accept:?}");
        }
    }
}
