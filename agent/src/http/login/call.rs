//! A request, and what the ruleset makes of it.

use super::Doors;
use super::limit::Address;
use crate::engine::{Answer, Engine, EngineError};
use crate::http::serve::Peer;
use crate::rulesets::login::RID;
use bytes::Bytes;
use picomesh_pico::{Event, Fault, Origin, Query, Rid};
use serde_json::{Map, Value};
use warp::http::header::{AUTHORIZATION, CONTENT_TYPE};
use warp::http::{HeaderMap, Method, StatusCode};

/// A request to one of the doors.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) peer: Option<Peer>,
    pub(super) query: String,
    pub(super) body: Bytes,
}

impl Call {
    /// The form, if the body is one.
    pub(super) fn form(&self) -> Option<&str> {
        let kind = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let is_form = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        is_form.then(|| std::str::from_utf8(&self.body).ok()).flatten()
    }

    /// The parameters of a request that may come either way (OIDC Core §3.1.2.1).
    pub(super) fn parameters(&self) -> Option<&str> {
        match self.method == Method::POST {
            true => self.form(),
            false => Some(&self.query),
        }
    }

    /// The `Authorization` header; a second one makes both void.
    pub(super) fn authorization(&self) -> Option<&str> {
        let mut given = self.headers.get_all(AUTHORIZATION).iter();
        match (given.next(), given.next()) {
            (Some(one), None) => Some(one.to_str().unwrap_or_default()),
            (Some(_), Some(_)) => Some(""),
            (None, _) => None,
        }
    }

    pub(super) fn address(&self) -> Address {
        Address::of(self.peer, &self.headers)
    }
}

/// Why the ruleset did not do it.
#[derive(Debug, PartialEq)]
pub(super) struct No {
    pub(super) status: StatusCode,
}

impl From<EngineError> for No {
    fn from(error: EngineError) -> Self {
        let status = match &error {
            EngineError::Query(fault) => return Self::from(fault),
            EngineError::Busy | EngineError::Stopping | EngineError::Unavailable(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            EngineError::NoPico(_)
            | EngineError::NoChannel(_)
            | EngineError::Policy(_)
            | EngineError::Refused(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        tracing::warn!(%error, "a login could not go on");
        Self { status }
    }
}

impl From<&Fault> for No {
    fn from(fault: &Fault) -> Self {
        let status = match fault {
            Fault::Refused { code, .. } => match code.as_str() {
                "not-found" => StatusCode::NOT_FOUND,
                "forbidden" => StatusCode::FORBIDDEN,
                "conflict" => StatusCode::CONFLICT,
                "gone" => StatusCode::GONE,
                "invalid" => StatusCode::BAD_REQUEST,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            },
            Fault::Missing(_) | Fault::Limit { .. } | Fault::Broken(_) | _ => {
                tracing::error!(%fault, "a login could not go on");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self { status }
    }
}

impl Doors {
    /// Takes an event `login:<name>` through the root pico. When this returns `Ok`, what it did
    /// is on disk.
    pub(super) async fn event(&self, name: &str, attrs: Value) -> Result<Answer, No> {
        let engine = &self.agent.engine;
        let id = picomesh_pico::Entropy::new(Engine::seed()).ordered_id(engine.clock().now());
        let event = Event {
            id,
            domain: "login".into(),
            name: name.into(),
            attrs: object(attrs),
            origin: Origin::Engine,
            eci: None,
            once: None,
            for_rid: None,
            at: None,
        };
        let answer = engine.event(engine.root(), event).await?;
        match &answer.fault {
            Some(failed) => Err(No::from(&failed.fault)),
            None => Ok(answer),
        }
    }

    /// Asks the ruleset of the root pico.
    pub(super) async fn ask(&self, name: &str, args: Value) -> Result<Value, No> {
        let query = Query { rid: Rid::literal(RID), name: name.into(), args: object(args) };
        let engine = &self.agent.engine;
        Ok(engine.query(engine.root(), query).await?)
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
