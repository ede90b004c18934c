//! The HTTP interface of pico-engine 1.4: `/c/…`, `/sky/…` and `/api/…`, byte for byte.
//!
//! Programs written for it find the same paths, methods, bodies, texts and headers here, errors
//! with status 200 included. Three things are otherwise. An event is answered when it is durable.
//! `/api/…` is for this machine or the operator alone. And the security headers let pages run;
//! see `answer` and `page`.
//!
//! Source: pico-engine 1.4 (Express 4, body-parser 1.20, qs 6.16), as observed.
//! Absent on purpose: its pages, and anything that decides.

mod answer;
mod didcomm;
mod form;
mod input;
mod json_error;
mod page;
mod percent;
mod query_string;
mod route;
mod stringify;
#[cfg(test)]
mod tests;

pub(in crate::http) use route::is_ours;

use super::admin::Guard;
use super::serve::Peer;
use super::{Problem, body_limited};
use crate::assemble::Agent;
use crate::config::{Config, PageScripts};
use crate::engine::{Answer, Engine, thrown};
use input::{Request, TooLarge};
use picomesh_pico::{Eci, Event, Origin, Query, Rid};
use route::{Asked, Route, Target};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use warp::filters::BoxedFilter;
use warp::http::header::{AUTHORIZATION, CONNECTION};
use warp::http::{HeaderValue, Method, StatusCode};
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

/// The version that this interface is of.
const VERSION: &str = "1.4.0";
/// The ruleset that knows the channel of the developer's pages.
const UI_RID: &str = "io.picolabs.pico-engine-ui";
/// Sets the time of an event, in unix milliseconds; in test mode alone.
const TEST_TIME: &str = "x-pico-test-time";

struct Doors {
    agent: Agent,
    guard: Guard,
    has_token: bool,
    is_test_mode: bool,
    takes_gets: bool,
    scripts: PageScripts,
}

/// All paths of the interface.
pub fn compat(agent: &Agent, config: &Config, guard: Guard) -> BoxedFilter<(Response,)> {
    let doors = Arc::new(Doors {
        agent: agent.clone(),
        guard,
        has_token: config.operator_token.is_some(),
        is_test_mode: config.test_mode,
        takes_gets: config.compat_get_events,
        scripts: config.page_scripts,
    });
    let bytes_max = config.limits.request_bytes_max.max(config.limits.message_bytes_max);
    let path = warp::path::full().and_then(|path: warp::path::FullPath| async move {
        let path = path.as_str();
        if is_ours(path) { Ok(path.to_owned()) } else { Err(warp::reject::not_found()) }
    });
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    let body = body_limited(bytes_max).map(Ok).or_else(too_large);
    path.and(query)
        .and(warp::method())
        .and(warp::header::headers_cloned())
        .and(body)
        .map(|path, query, method, headers, body| Request { method, path, query, headers, body })
        .and(warp::ext::optional::<Peer>())
        .then(move |request: Request, peer| {
            let doors = doors.clone();
            async move {
                let mut response = doors.answer(&request, peer).await;
                if request.body.is_err() {
                    // The rest of it is still in the connection.
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                response
            }
        })
        .boxed()
}

async fn too_large(rejection: Rejection) -> Result<(Result<bytes::Bytes, TooLarge>,), Rejection> {
    match rejection.find::<Problem>() {
        Some(problem) if problem.status == StatusCode::PAYLOAD_TOO_LARGE.as_u16() => {
            Ok((Err(TooLarge),))
        }
        Some(_) | None => Err(rejection),
    }
}

impl Doors {
    /// In the order in which the reference looks at a request.
    async fn answer(&self, request: &Request, peer: Option<Peer>) -> Response {
        if percent::decode(&request.path).is_none() {
            return answer::undecodable(request);
        }
        if request.method == Method::OPTIONS {
            return answer::options();
        }
        let route = Route::parse(&request.method, &request.path);
        if let Some(Route::Event(target) | Route::EventWait(target) | Route::SkyEvent(target, _)) =
            &route
            && didcomm::is_envelope(request, target)
        {
            return didcomm::take(self, request, target).await;
        }
        let mut attrs = match request.attrs() {
            Ok(attrs) => attrs,
            Err(text) => return answer::error(request, &text),
        };
        let Some(route) = route else { return answer::not_found(request) };
        if route.is_event() && !self.takes_gets && request.method != Method::POST {
            return Problem::method_not_allowed("POST").into_response();
        }
        let is_operator = self.has_token
            && request.headers.contains_key(AUTHORIZATION)
            && self.guard.check(&request.headers, peer).is_ok();
        attrs.insert("_headers".into(), request.headers_value(is_operator));
        let answered = match route {
            Route::UiContext => self.ui_context(request, peer).await,
            Route::Flush => self.flush(request, peer, &attrs).await,
            Route::Event(target) => self.event(request, target, attrs).await,
            Route::EventWait(target) => self.event_wait(request, target, attrs).await,
            Route::SkyEvent(target, eid) => self.sky_event(request, target, eid, attrs).await,
            Route::EventQuery(target, asked) => {
                self.event_query(request, target, asked, attrs).await
            }
            Route::Query(eci, asked) => self.query(request, &eci, asked, attrs).await,
        };
        answered.unwrap_or_else(|text| answer::error(request, &text))
    }

    async fn ui_context(&self, request: &Request, peer: Option<Peer>) -> Result<Response, String> {
        self.admit(request, peer)?;
        let rid = Rid::literal(UI_RID);
        let query = Query { rid, name: "uiECI".into(), args: Map::new() };
        let engine = &self.agent.engine;
        let eci = engine.query(engine.root(), query).await.map_err(|error| error.as_thrown())?;
        Ok(answer::value(request, &json!({ "version": VERSION, "eci": eci })))
    }

    async fn flush(
        &self,
        request: &Request,
        peer: Option<Peer>,
        attrs: &Map<String, Value>,
    ) -> Result<Response, String> {
        self.admit(request, peer)?;
        let url = attrs.get("url").and_then(Value::as_str).ok_or("TypeError: Expected `url`")?;
        let version = self.agent.engine.library().bring(url, true).await?;
        Ok(answer::value(request, &version.about()))
    }

    /// Lets in who may do anything here: this machine, or the operator.
    fn admit(&self, request: &Request, peer: Option<Peer>) -> Result<(), String> {
        self.guard.check(&request.headers, peer).map_err(|problem| {
            tracing::info!(reason = problem.title, "somebody else asked for the root pico");
            "Error: only the operator may do this".to_owned()
        })
    }

    async fn event(
        &self,
        request: &Request,
        target: Target,
        attrs: Map<String, Value>,
    ) -> Result<Response, String> {
        let (eci, event) = self.event_of(request, target, attrs)?;
        let id = event.id.clone();
        // What became of it was not known to the reference at this time: it stays in the log.
        self.agent.engine.channel_event(&eci, event).await.map_err(|error| error.as_thrown())?;
        Ok(answer::value(request, &json!(id)))
    }

    async fn event_wait(
        &self,
        request: &Request,
        target: Target,
        attrs: Map<String, Value>,
    ) -> Result<Response, String> {
        let (id, done) = self.take(request, target, attrs).await?;
        Ok(answer::value(request, &directives(&id, &done.directives)))
    }

    async fn sky_event(
        &self,
        request: &Request,
        target: Target,
        eid: String,
        mut attrs: Map<String, Value>,
    ) -> Result<Response, String> {
        if eid != "none" && !attrs.contains_key("__eid") {
            attrs.insert("__eid".into(), eid.into());
        }
        let (id, done) = self.take(request, target, attrs).await?;
        let options = |name: &'static str, option: &'static str| {
            let named = done.directives.iter().filter(move |directive| directive.name == name);
            named.filter_map(move |directive| directive.options.get(option))
        };
        let url = options("_redirect", "url").find_map(header_text);
        let mut response = match url {
            Some(url) => answer::redirect(request, &url),
            None => answer::value(request, &directives(&id, &done.directives)),
        };
        for cookie in options("_cookie", "cookie") {
            let several = cookie.as_array().map_or(std::slice::from_ref(cookie), Vec::as_slice);
            for cookie in several.iter().filter_map(header_text) {
                answer::set_cookie(&mut response, &cookie)?;
            }
        }
        Ok(response)
    }

    async fn event_query(
        &self,
        request: &Request,
        target: Target,
        asked: Asked,
        attrs: Map<String, Value>,
    ) -> Result<Response, String> {
        let (eci, event) = self.event_of(request, target, attrs.clone())?;
        let rid = self.rid(eci.as_str(), &asked.rid).await?;
        let name = named("query.name", &asked.function)?;
        let query = Query { rid, name, args: attrs };
        let value = self.agent.engine.channel_event_query(&eci, event, query).await;
        let value = value.map_err(|error| error.as_thrown())?;
        Ok(answer::or_nothing(request, value.as_ref()))
    }

    async fn query(
        &self,
        request: &Request,
        eci: &str,
        asked: Asked,
        args: Map<String, Value>,
    ) -> Result<Response, String> {
        let mut parts = asked.function.split('.');
        let (name, kind) = (parts.next().unwrap_or_default(), parts.next());
        let eci = named("query.eci", eci)?;
        let rid = named("query.rid", &asked.rid)?;
        let name = named("query.name", name)?;
        let rid = self.rid(&eci, &rid).await?;
        let eci = Eci::parse(&eci).map_err(|_| no_channel(&eci))?;
        let value = self.agent.engine.channel_query(&eci, Query { rid, name, args }).await;
        let value = value.map_err(|error| error.as_thrown())?;
        Ok(match kind {
            Some("html") => answer::document(request, true, value.as_ref(), self.scripts),
            Some("txt") => answer::document(request, false, value.as_ref(), self.scripts),
            Some(_) | None => answer::or_nothing(request, value.as_ref()),
        })
    }

    /// Takes an event through its pico; a rule that failed is the caller's error.
    async fn take(
        &self,
        request: &Request,
        target: Target,
        attrs: Map<String, Value>,
    ) -> Result<(String, Answer), String> {
        let (eci, event) = self.event_of(request, target, attrs)?;
        let id = event.id.clone();
        let done = self.agent.engine.channel_event(&eci, event).await;
        let done = done.map_err(|error| error.as_thrown())?;
        match &done.fault {
            Some(failed) => Err(thrown(&failed.fault)),
            None => Ok((id, done)),
        }
    }

    fn event_of(
        &self,
        request: &Request,
        target: Target,
        attrs: Map<String, Value>,
    ) -> Result<(Eci, Event), String> {
        let eci = named("event.eci", &target.eci)?;
        let domain = named("event.domain", &target.domain)?;
        let name = named("event.name", &target.name)?;
        let eci = Eci::parse(&eci).map_err(|_| no_channel(&eci))?;
        let at = self.test_time(request)?;
        let (id, origin) = (self.fresh_id(), Origin::Channel);
        let event =
            Event { id, domain, name, attrs, origin, eci: None, once: None, for_rid: None, at };
        Ok((eci, event))
    }

    /// The time that a test gives an event.
    fn test_time(&self, request: &Request) -> Result<Option<i64>, String> {
        if !self.is_test_mode || !request.headers.contains_key(TEST_TIME) {
            return Ok(None);
        }
        let time = request.header(TEST_TIME).and_then(|text| text.trim().parse().ok());
        time.map(Some).ok_or_else(|| format!("Error: {TEST_TIME} must be unix milliseconds"))
    }

    /// A ruleset's id; no ruleset has one of another form, but a wrong channel is told first.
    async fn rid(&self, eci: &str, rid: &str) -> Result<Rid, String> {
        let rid = named("query.rid", rid)?;
        if let Ok(rid) = Rid::parse(&rid) {
            return Ok(rid);
        }
        self.known_channel(eci).await?;
        Err(format!("Error: Pico doesn't have {rid} installed."))
    }

    /// Whether there is such a channel; the error is the text that the caller is told.
    async fn known_channel(&self, eci: &str) -> Result<(), String> {
        let parsed = Eci::parse(eci.trim()).map_err(|_| no_channel(eci))?;
        let found = self.agent.engine.pico_by_eci(&parsed).await;
        found.map(drop).map_err(|error| error.as_thrown())
    }

    fn fresh_id(&self) -> String {
        let mut entropy = picomesh_pico::Entropy::new(Engine::seed());
        entropy.ordered_id(self.agent.engine.clock().now())
    }
}

/// A name without blanks around it; a blank one is missing.
fn named(what: &str, text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err(format!("Error: missing {what}")),
        text => Ok(text.to_owned()),
    }
}

fn no_channel(eci: &str) -> String {
    format!("Error: ECI not found {eci}")
}

fn directives(eid: &str, directives: &[picomesh_pico::Directive]) -> Value {
    let one = |directive: &picomesh_pico::Directive| {
        json!({
            "type": "directive",
            "name": directive.name,
            "options": directive.options,
            "meta": { "rid": directive.rid, "rule_name": directive.rule, "txnId": eid },
        })
    };
    json!({ "eid": eid, "directives": directives.iter().map(one).collect::<Value>() })
}

/// A value as JavaScript puts it into a header; what is false there is not put.
fn header_text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some("true".into()),
        Value::Number(number) if number.as_f64() == Some(0.0) => None,
        Value::Number(_) => String::from_utf8(stringify::write(value)).ok(),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(_) => Some(String::new()),
        Value::Object(_) => Some("[object Object]".into()),
    }
}
