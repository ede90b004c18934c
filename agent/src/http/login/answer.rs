//! Answers and their headers.
//!
//! Pages may load styles and scripts of this origin and nothing else, and stand in no frame.
//! There is no `form-action`: browsers apply it to every redirect after a form, so it would
//! break the way back to relying parties that redirect further; the templates escape what they
//! are given, so no form gets in.

use serde_json::Value;
use warp::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src data:; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Seconds for which others may keep what says who we are.
const PUBLIC_SECONDS: &str = "public, max-age=300";

/// A page.
pub(super) fn html(status: StatusCode, page: String) -> Response {
    let mut response = Response::new(page.into());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, CONTENT_SECURITY_POLICY, POLICY);
    private(&mut response);
    if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
        set(&mut response, RETRY_AFTER, "1");
    }
    response
}

/// A redirect after which the browser comes by GET, whatever it came by (RFC 9110 §15.4.4).
pub(super) fn see_other(location: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, location)
}

/// A redirect of a program.
pub(super) fn found(location: &str) -> Response {
    redirect(StatusCode::FOUND, location)
}

fn redirect(status: StatusCode, location: &str) -> Response {
    let mut response = Response::new("".into());
    *response.status_mut() = status;
    set(&mut response, LOCATION, location);
    private(&mut response);
    response
}

/// JSON that is for the caller alone.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(body.to_string().into());
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "application/json");
    private(&mut response);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        set(&mut response, RETRY_AFTER, "1");
    }
    response
}

/// JSON that says who we are, for everybody.
pub(super) fn public_json(body: &Value) -> Response {
    let mut response = json(StatusCode::OK, body);
    set(&mut response, CACHE_CONTROL, PUBLIC_SECONDS);
    response
}

/// Lets programs of any origin read the answer. They come without cookies.
pub(super) fn cors(mut response: Response) -> Response {
    set(&mut response, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(&mut response, ACCESS_CONTROL_EXPOSE_HEADERS, "www-authenticate");
    response
}

/// The answer to a preflight.
pub(super) fn preflight(allow: &'static str) -> Response {
    let mut response = Response::new("".into());
    *response.status_mut() = StatusCode::NO_CONTENT;
    set(&mut response, ACCESS_CONTROL_ALLOW_METHODS, allow);
    set(&mut response, ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
    set(&mut response, ACCESS_CONTROL_MAX_AGE, "600");
    cors(response)
}

/// With a challenge, RFC 6750 §3 and RFC 6749 §5.2.
pub(super) fn challenge(mut response: Response, value: &str) -> Response {
    set(&mut response, WWW_AUTHENTICATE, value);
    response
}

/// After so many seconds one may try again.
pub(super) fn retry_after(mut response: Response, seconds: u64) -> Response {
    set(&mut response, RETRY_AFTER, &seconds.max(1).to_string());
    response
}

/// Sets a header; a value that no header can have is left out.
pub(super) fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What is for one user goes into no cache, and no address of it to anybody.
fn private(response: &mut Response) {
    set(response, CACHE_CONTROL, "no-store");
    set(response, REFERRER_POLICY, "no-referrer");
    set(response, X_CONTENT_TYPE_OPTIONS, "nosniff");
}
