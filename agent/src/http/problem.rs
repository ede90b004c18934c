//! What went wrong, as a document: `application/problem+json`.
//!
//! Source: RFC 9457. The `type` is a name of ours that never changes; `title` is its meaning in
//! words; `detail` belongs to this one case; `pointer` is the place in the request (RFC 6901).
//!
//! Absent on purpose: inner causes. What the caller reads and what the log reads are two texts.

use serde::Serialize;
use std::convert::Infallible;
use utoipa::ToSchema;
use warp::http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use warp::http::{HeaderValue, StatusCode};
use warp::reject::{Reject, Rejection};
use warp::reply::{Reply, Response};

/// The media type of a problem document (RFC 9457 §6.1).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What the `type` of our problems starts with.
const TYPE_PREFIX: &str = "urn:picomesh:problem:";

/// Seconds after which a refused caller may try again.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// A problem document, and the headers that belong to its status.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// A name that never changes: `urn:picomesh:problem:…`; here without that beginning.
    #[serde(rename = "type", serialize_with = "with_prefix")]
    #[schema(rename = "type", value_type = String, example = "urn:picomesh:problem:not-found")]
    pub kind: &'static str,
    /// The meaning of `type` in words.
    #[schema(value_type = String)]
    pub title: &'static str,
    /// The HTTP status code.
    pub status: u16,
    /// What happened in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub detail: Option<Box<str>>,
    /// Where in the request (RFC 6901), e.g. `/attrs/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub pointer: Option<Box<str>>,
    /// The short name under which a ruleset refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub code: Option<Box<str>>,
    /// The methods that are allowed here (405).
    #[serde(skip)]
    #[schema(ignore)]
    pub allow: Option<Box<str>>,
    /// The connection ends with this answer.
    #[serde(skip)]
    #[schema(ignore)]
    pub closes: bool,
}

impl Reject for Problem {}

fn with_prefix<S: serde::Serializer>(kind: &&str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{TYPE_PREFIX}{kind}"))
}

impl Problem {
    /// A problem of the given kind: a short name in kebab case and its meaning in words.
    #[must_use]
    pub fn new(status: StatusCode, kind: &'static str, title: &'static str) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: None,
            pointer: None,
            code: None,
            allow: None,
            closes: false,
        }
    }

    /// 400: the request is not understood.
    #[must_use]
    pub fn bad_request(detail: impl Into<Box<str>>) -> Self {
        let title = "The request is not understood";
        Self::new(StatusCode::BAD_REQUEST, "bad-request", title).detail(detail)
    }

    /// 401: no token, or not a valid one.
    #[must_use]
    pub fn unauthorized() -> Self {
        let title = "A valid bearer token is needed";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", title)
    }

    /// 403: the caller is known and may not.
    #[must_use]
    pub fn forbidden(detail: impl Into<Box<str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "This is not allowed").detail(detail)
    }

    /// 404: there is no such thing, or the caller may not know of it.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here")
    }

    /// 405: the thing is here, but takes other methods.
    #[must_use]
    pub fn method_not_allowed(allow: &str) -> Self {
        let title = "This method is not allowed here";
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", title);
        Self { allow: Some(allow.into()), ..problem }
    }

    /// 408: the request came too slowly; the connection ends.
    #[must_use]
    pub fn too_slow() -> Self {
        let title = "The request came too slowly";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too-slow", title).closing()
    }

    /// 409: it does not fit the present state.
    #[must_use]
    pub fn conflict(detail: impl Into<Box<str>>) -> Self {
        let title = "This does not fit the present state";
        Self::new(StatusCode::CONFLICT, "conflict", title).detail(detail)
    }

    /// 413: the request is too large; the connection ends.
    #[must_use]
    pub fn too_large(bytes_max: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large")
            .detail(format!("at most {bytes_max} bytes"))
            .closing()
    }

    /// 415: the media type is not one that this door takes.
    #[must_use]
    pub fn unsupported_media_type(expected: &str) -> Self {
        let title = "The media type is not supported";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", title)
            .detail(format!("expected {expected}"))
    }

    /// 422: understood, but it cannot be done.
    #[must_use]
    pub fn unprocessable(detail: impl Into<Box<str>>) -> Self {
        let title = "The request cannot be carried out";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", title).detail(detail)
    }

    /// 500: our fault; the cause is in the log.
    #[must_use]
    pub fn internal() -> Self {
        let title = "Something went wrong on our side";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", title)
    }

    /// 503: not now; the caller tries again.
    #[must_use]
    pub fn unavailable(detail: impl Into<Box<str>>) -> Self {
        let title = "Not now; try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title).detail(detail)
    }

    /// With words for this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the place in the request (RFC 6901).
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// The connection ends with this answer.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Reply for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(allow) = self.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
            headers.insert(ALLOW, allow);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Turns what no door took into a problem document; the last filter of the house.
///
/// # Errors
/// Never; the type is what `Filter::recover` asks for.
pub async fn recover(rejection: Rejection) -> Result<Problem, Infallible> {
    use warp::reject::{
        InvalidHeader, InvalidQuery, LengthRequired, MethodNotAllowed, MissingCookie,
        MissingHeader, PayloadTooLarge, UnsupportedMediaType,
    };
    if let Some(problem) = rejection.find::<Problem>() {
        return Ok(problem.clone());
    }
    if rejection.is_not_found() {
        return Ok(Problem::not_found());
    }
    if rejection.find::<PayloadTooLarge>().is_some() {
        let title = "The request is too large";
        return Ok(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title).closing());
    }
    if rejection.find::<UnsupportedMediaType>().is_some() {
        return Ok(Problem::unsupported_media_type("another one"));
    }
    if rejection.find::<InvalidQuery>().is_some() {
        return Ok(Problem::bad_request("the query is not understood"));
    }
    if let Some(header) = rejection.find::<InvalidHeader>() {
        return Ok(Problem::bad_request(format!("header {} is not understood", header.name())));
    }
    if let Some(header) = rejection.find::<MissingHeader>() {
        return Ok(Problem::bad_request(format!("header {} is missing", header.name())));
    }
    if let Some(cookie) = rejection.find::<MissingCookie>() {
        return Ok(Problem::bad_request(format!("cookie {} is missing", cookie.name())));
    }
    if rejection.find::<LengthRequired>().is_some() {
        return Ok(Problem::bad_request("Content-Length is missing"));
    }
    // Last, as another route of the same path may have refused for a better reason. Without
    // an Allow header here: `serve` adds it, as it knows the path.
    if rejection.find::<MethodNotAllowed>().is_some() {
        return Ok(Problem { allow: None, ..Problem::method_not_allowed("") });
    }
    tracing::error!(?rejection, "a rejection that no one expected");
    Ok(Problem::internal())
}
