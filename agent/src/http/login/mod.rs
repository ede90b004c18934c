//! The doors of the OpenID provider, and the pages that its users see.
//!
//! Source: the crate `picomesh-login` and the ruleset `picomesh.login`, which decide; OIDC Core,
//! promise P24, bad-input rows 83 and 88 to 98. A page belongs to the browser that asked: every
//! door below `/login/` looks at its cookie.
//!
//! Absent on purpose: scripts in pages, anything loaded from elsewhere, and state but for the
//! counters of `limit`. The pages work without scripts; with one they follow the state live.

mod answer;
mod authorize;
mod call;
mod cookie;
mod endpoints;
mod limit;
mod live;
mod page;
mod qr;
mod templates;
#[cfg(test)]
mod tests;
mod wallet;

use super::body_limited;
use super::problem::Problem;
use super::serve::Peer;
use crate::assemble::Agent;
use call::Call;
use cookie::CookieName;
use limit::Limits;
use picomesh_login::discovery::path;
use picomesh_login::limits::FORM_BYTES_MAX;
use std::sync::Arc;
use templates::Templates;
use tokio_util::sync::CancellationToken;
use warp::filters::BoxedFilter;
use warp::http::{HeaderMap, Method};
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Rejection};

/// What the doors work with.
struct Doors {
    agent: Agent,
    limits: Limits,
    templates: Templates,
    cookie: CookieName,
    /// The issuer identifier, before every path of ours.
    issuer: String,
    /// Event streams end with it.
    stop: CancellationToken,
}

/// One of our doors.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route {
    Discovery,
    Jwks,
    Authorize,
    Token,
    Userinfo,
    EndSession,
    Page(String),
    Events(String),
    Status(String),
    Continue(String),
    Cancel(String),
    Wallet(String),
    Asset(&'static templates::Asset),
}

impl Route {
    fn find(path: &str) -> Option<Self> {
        if let Some(asset) = templates::asset(path) {
            return Some(Self::Asset(asset));
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let sid = |sid: &str| sid.to_owned();
        Some(match parts.as_slice() {
            _ if path == path::CONFIGURATION => Self::Discovery,
            _ if path == path::JWKS => Self::Jwks,
            _ if path == path::AUTHORIZE => Self::Authorize,
            _ if path == path::TOKEN => Self::Token,
            _ if path == path::USERINFO => Self::Userinfo,
            _ if path == path::END_SESSION => Self::EndSession,
            ["login", id] => Self::Page(sid(id)),
            ["login", id, "events"] => Self::Events(sid(id)),
            ["login", id, "status"] => Self::Status(sid(id)),
            ["login", id, "continue"] => Self::Continue(sid(id)),
            ["login", id, "cancel"] => Self::Cancel(sid(id)),
            ["p", id] => Self::Wallet(sid(id)),
            _ => return None,
        })
    }

    /// The methods it takes. `OPTIONS` only where programs of other origins may call (CORS).
    fn allow(&self) -> &'static str {
        match self {
            Self::Discovery | Self::Jwks => "GET, HEAD, OPTIONS",
            Self::Token => "POST, OPTIONS",
            Self::Userinfo => "GET, POST, OPTIONS",
            Self::Authorize | Self::EndSession => "GET, POST",
            Self::Continue(_) | Self::Cancel(_) => "POST",
            Self::Page(_)
            | Self::Events(_)
            | Self::Status(_)
            | Self::Wallet(_)
            | Self::Asset(_) => "GET, HEAD",
        }
    }
}

/// The methods of a path, for the Allow header.
#[must_use]
pub fn allow(path: &str) -> Option<&'static str> {
    Route::find(path).map(|route| route.allow())
}

/// All doors of the provider; streams end when `stop` is cancelled.
pub fn login(agent: &Agent, stop: &CancellationToken) -> BoxedFilter<(Response,)> {
    let issuer = agent.setting.public_url.as_str().trim_end_matches('/').to_owned();
    let doors = Arc::new(Doors {
        agent: agent.clone(),
        limits: Limits::default(),
        templates: Templates::new(&issuer),
        cookie: CookieName::of(&agent.setting.public_url),
        issuer,
        stop: stop.clone(),
    });
    routed()
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and(query())
        .and(body_limited(FORM_BYTES_MAX))
        .then(move |(route, method), headers: HeaderMap, peer, query, body| {
            let doors = Arc::clone(&doors);
            let call = Call { method, headers, peer, query, body };
            async move { answer(doors, route, call).await }
        })
        .boxed()
}

/// Finds the door before a byte of the body is read.
fn routed() -> impl Filter<Extract = ((Route, Method),), Error = Rejection> + Clone {
    warp::path::full().and(warp::method()).and_then(|path: FullPath, method: Method| {
        let found = match Route::find(path.as_str()) {
            None => Err(warp::reject::not_found()),
            Some(route) if route.allow().split(", ").any(|one| method == one) => {
                Ok((route, method))
            }
            Some(route) => Err(warp::reject::custom(Problem::method_not_allowed(route.allow()))),
        };
        std::future::ready(found)
    })
}

/// The query as it came; nothing is an empty one.
fn query() -> impl Filter<Extract = (String,), Error = std::convert::Infallible> + Clone {
    warp::query::raw()
        .or_else(|_| std::future::ready(Ok::<_, std::convert::Infallible>((String::new(),))))
}

async fn answer(doors: Arc<Doors>, route: Route, call: Call) -> Response {
    match route {
        _ if call.method == Method::OPTIONS => answer::preflight(route.allow()),
        Route::Discovery => endpoints::discovery(&doors).await,
        Route::Jwks => endpoints::jwks(&doors).await,
        Route::Authorize => authorize::authorize(&doors, &call).await,
        Route::Token => endpoints::token(&doors, &call).await,
        Route::Userinfo => endpoints::userinfo(&doors, &call).await,
        Route::EndSession => authorize::end_session(&doors, &call).await,
        Route::Page(sid) => page::page(&doors, &call, &sid).await,
        Route::Events(sid) => live::events(doors, &call, sid).await,
        Route::Status(sid) => live::status(&doors, &call, &sid).await,
        Route::Continue(sid) => page::leave(&doors, &call, &sid, "continue").await,
        Route::Cancel(sid) => page::leave(&doors, &call, &sid, "cancel").await,
        Route::Wallet(sid) => wallet::open(&doors, &call, &sid).await,
        Route::Asset(asset) => asset.answer(),
    }
}
