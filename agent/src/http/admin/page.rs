//! `/v1/docs`: a page to read the description and try the API; `/v1/openapi.json`.
//!
//! The page is part of the binary and loads nothing from elsewhere. It and the description are
//! open to all: both say only what the source says. The token that one types stays in the page.

use crate::http::Problem;
use utoipa::openapi::OpenApi;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use warp::http::{HeaderValue, Method, Response as HttpResponse};
use warp::path::FullPath;
use warp::reply::Response;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The parts of the page: path, media type, content.
const PARTS: [(&str, &str, &str); 3] = [
    ("/v1/docs", "text/html; charset=utf-8", include_str!("page/page.html")),
    ("/v1/docs/page.css", "text/css; charset=utf-8", include_str!("page/page.css")),
    ("/v1/docs/page.js", "text/javascript; charset=utf-8", include_str!("page/page.js")),
];

/// The path of the description.
const DESCRIPTION: &str = "/v1/openapi.json";

/// The page and the description.
pub(super) fn page(description: OpenApi) -> BoxedFilter<(Response,)> {
    let json = serde_json::to_string_pretty(&description).unwrap_or_default();
    let find = move |path: &str| match PARTS.iter().find(|(known, ..)| *known == path) {
        Some((_, media_type, content)) => Some(answer(media_type, (*content).to_owned())),
        None if path == DESCRIPTION => Some(answer("application/json", json.clone())),
        None => None,
    };
    warp::path::full()
        .and(warp::method())
        .and_then(move |path: FullPath, method: Method| {
            let is_read = method == Method::GET || method == Method::HEAD;
            std::future::ready(match allow(path.as_str()) {
                Some(allow) if !is_read => {
                    Err(warp::reject::custom(Problem::method_not_allowed(allow)))
                }
                Some(_) => find(path.as_str()).ok_or_else(warp::reject::not_found),
                None => Err(warp::reject::not_found()),
            })
        })
        .boxed()
}

/// The methods of these paths, for the Allow header.
pub(super) fn allow(path: &str) -> Option<&'static str> {
    let is_known = path == DESCRIPTION || PARTS.iter().any(|(known, ..)| *known == path);
    is_known.then_some("GET, HEAD")
}

fn answer(media_type: &'static str, content: String) -> Response {
    let mut response = HttpResponse::new(content.into());
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, media_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
