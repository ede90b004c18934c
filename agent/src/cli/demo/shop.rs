//! The web application of the story: a relying party with a page for Alice.
//!
//! It knows the provider only through OpenID Connect. The one thing that no real application
//! does is the form that hands the login link to Alice's pico: she has no phone.

use super::browser::{authorize_url, random, redeem};
use super::world::World;
use crate::http::serve;
use crate::running::Running;
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use warp::http::Uri;
use warp::reply::{Response, html};
use warp::{Filter, Reply};

/// Logins that may be under way.
const LOGINS_MAX: usize = 100;

/// The open web application.
pub(super) struct Shop {
    pub(super) url: String,
}

struct Inner {
    world: World,
    redirect_uri: String,
    alice: String,
    /// The PKCE verifier of each login under way, by its state.
    logins: Mutex<HashMap<String, String>>,
}

impl Shop {
    /// Opens the application on the port after the engine's, or any other that is free.
    pub(super) async fn open(
        running: &Running,
        world: &World,
        alice: &str,
    ) -> Result<Self, String> {
        let ip = running.address.ip();
        let next = SocketAddr::new(ip, running.address.port().checked_add(1).unwrap_or(0));
        let listener = serve::bind(next).or_else(|_| serve::bind(SocketAddr::new(ip, 0)));
        let listener = listener.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let url = format!("http://{address}/");
        let inner = Arc::new(Inner {
            world: world.clone(),
            redirect_uri: format!("{url}callback"),
            alice: alice.to_owned(),
            logins: Mutex::default(),
        });
        let service = hyper_util::service::TowerToHyperService::new(warp::service(routes(inner)));
        let options = serve::Options {
            connections_max: 64,
            allow: Arc::new(|_| None),
            stop: tokio_util::sync::CancellationToken::new(),
            timeouts: serve::Timeouts::default(),
        };
        tokio::spawn(serve::serve(listener, service, options));
        Ok(Self { url })
    }

    pub(super) fn redirect_uri(&self) -> String {
        format!("{}callback", self.url)
    }
}

fn routes(
    inner: Arc<Inner>,
) -> impl Filter<Extract = (Response,), Error = warp::Rejection> + Clone {
    let shared = warp::any().map(move || inner.clone());
    let home = warp::path::end().and(warp::get()).map(|| page(HOME));
    let login = warp::path!("login").and(warp::get()).and(shared.clone()).map(log_in);
    let wallet = warp::path!("wallet")
        .and(warp::post())
        .and(warp::body::content_length_limit(16 * 1024))
        .and(warp::body::form())
        .and(shared.clone())
        .then(hand_over);
    let callback =
        warp::path!("callback").and(warp::get()).and(warp::query()).and(shared).then(welcome);
    home.or(login).unify().or(wallet).unify().or(callback).unify()
}

fn log_in(inner: Arc<Inner>) -> Response {
    let (state, verifier) = (random(), random());
    let asked =
        authorize_url(&inner.world.base, &inner.redirect_uri, (&state, &random(), &verifier));
    let mut logins = inner.logins.lock().unwrap_or_else(PoisonError::into_inner);
    if logins.len() >= LOGINS_MAX {
        logins.clear();
    }
    logins.insert(state, verifier);
    match asked.ok().and_then(|url| url.as_str().parse::<Uri>().ok()) {
        Some(uri) => warp::redirect::found(uri).into_response(),
        None => page("<p>The provider's address is not usable.</p>"),
    }
}

/// Gives the link under the QR code to Alice's pico.
async fn hand_over(form: HashMap<String, String>, inner: Arc<Inner>) -> Response {
    let url = form.get("url").map_or("", |url| url.trim());
    let url = inner.world.whole_link(url).await;
    let receive = format!("v1/picos/{}/invitations/receive", inner.alice);
    match inner.world.post(&receive, json!({ "url": url })).await {
        Ok(_) => page("<p>Alice's pico has the link. Look at the login page.</p>"),
        Err(error) => page(&format!("<p>Her pico did not take it: {}</p>", escape(&error))),
    }
}

async fn welcome(answer: HashMap<String, String>, inner: Arc<Inner>) -> Response {
    let verifier = answer.get("state").and_then(|state| {
        inner.logins.lock().unwrap_or_else(PoisonError::into_inner).remove(state)
    });
    let (Some(verifier), Some(code)) = (verifier, answer.get("code")) else {
        let reason = answer.get("error").map_or("this answer was not asked for", String::as_str);
        return page(&format!("<p>Not logged in: {}</p>{HOME}", escape(reason)));
    };
    match redeem(&inner.world, code, &inner.redirect_uri, &verifier).await {
        Ok(claims) => {
            let pretty = serde_json::to_string_pretty(&claims).unwrap_or_default();
            let name = escape(claims["name"].as_str().unwrap_or("somebody"));
            page(&format!("<p>Welcome, <b>{name}</b>.</p><pre>{}</pre>", escape(&pretty)))
        }
        Err(error) => page(&format!("<p>Not logged in: {}</p>{HOME}", escape(&error))),
    }
}

const HOME: &str = "<p><a class=\"button\" href=\"/login\" target=\"_blank\">Log in with your \
    credential</a></p><p>The login page opens in another tab. Your wallet is Alice's pico: below \
    the QR code choose <i>Other ways to open the request</i>, copy the link, and give it to \
    her.</p><form method=\"post\" action=\"/wallet\"><label>Link <input name=\"url\" size=\"50\" \
    required></label> <button>Give it to Alice's pico</button></form>";

fn page(body: &str) -> Response {
    let style = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;\
        padding:0 1rem;color:#222}.button,button{background:#1f4e79;color:#fff;border:0;\
        border-radius:6px;padding:.6rem 1rem;text-decoration:none;font:inherit}\
        input{font:inherit;padding:.4rem}pre{background:#f4f4f4;padding:1rem;overflow:auto}";
    let head = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Demo web application</title><style>{style}</style>"
    );
    html(format!("{head}<h1>Demo web application</h1>{body}</html>")).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
