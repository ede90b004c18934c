//! Before the first login: keys, and what the configuration file says.

use super::RID;
use super::authority::{self, Keys};
use crate::config::{Config, Table};
use crate::engine::{Engine, EngineError};
use crate::rulesets::Setting;
use picomesh_login::{Client, Policy};
use picomesh_pico::{Event, Fault, Origin, Query, Rid};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Pause before the keys are tried again, when the store did not take them.
const RETRY: Duration = Duration::from_secs(1);

/// Why logins cannot be served as they are configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A table of the file is not well formed; one line with its place.
    #[error("{origin}: login.{kind}: {reason}")]
    Table {
        /// Where it stands.
        origin: crate::config::Origin,
        /// `client` or `policy`.
        kind: &'static str,
        /// What is wrong, with a JSON Pointer.
        reason: String,
    },
    /// The public URL cannot be an issuer identifier.
    #[error("public-url: {0}")]
    Issuer(picomesh_login::Invalid),
    /// The engine did not take it.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The ruleset did not take it.
    #[error("login: {0}")]
    Refused(Fault),
}

/// Puts the configured clients and policies, and sees to it that there are keys.
///
/// The keys are made beside: until they are there, the doors answer 503.
pub async fn start(engine: &Engine, setting: &Setting, config: &Config) -> Result<(), StartError> {
    let (clients, policies) = (&config.login_clients, &config.login_policies);
    match authority::issuer(setting) {
        Err(error) if !clients.is_empty() => return Err(StartError::Issuer(error)),
        Err(error) => tracing::warn!(%error, "the public URL serves no logins"),
        Ok(_) => {}
    }
    check(clients, policies)?;
    let documents = |tables: &[Table]| -> Vec<Value> {
        tables.iter().map(|table| table.value.clone()).collect()
    };
    let attrs = json!({ "clients": documents(clients), "policies": documents(policies) });
    let answer = engine.event(engine.root(), event(engine, "configure", attrs)).await?;
    if let Some(failed) = answer.fault {
        return Err(placed(failed.fault, clients, policies));
    }
    if !has_keys(engine).await? {
        tokio::spawn(make_keys(engine.clone()));
    }
    Ok(())
}

/// What can be said without the store, with its place.
fn check(clients: &[Table], policies: &[Table]) -> Result<(), StartError> {
    for table in policies {
        Policy::read(table.value.clone())
            .map_err(|error| at(table, "policy", error.to_string()))?;
    }
    for table in clients {
        Client::register(table.value.clone(), &[0; 32])
            .map_err(|error| at(table, "client", error.to_string()))?;
    }
    for (kind, member, tables) in [("policy", "id", policies), ("client", "client_id", clients)] {
        for (index, table) in tables.iter().enumerate() {
            if tables[..index].iter().any(|other| other.value[member] == table.value[member]) {
                return Err(at(table, kind, format!("/{member}: occurs before")));
            }
        }
    }
    Ok(())
}

fn at(table: &Table, kind: &'static str, reason: String) -> StartError {
    StartError::Table { origin: table.origin.clone(), kind, reason }
}

/// The ruleset names a table by its place in the list; the operator needs the line.
fn placed(fault: Fault, clients: &[Table], policies: &[Table]) -> StartError {
    if let Fault::Refused { reason, .. } = &fault {
        let mut parts = reason.trim_start_matches('/').splitn(3, '/');
        let (list, index, rest) = (parts.next(), parts.next(), parts.next());
        let index = index.and_then(|index| index.parse::<usize>().ok());
        if let (Some(list), Some(index), Some(rest)) = (list, index, rest) {
            let (kind, tables) =
                if list == "clients" { ("client", clients) } else { ("policy", policies) };
            if let Some(table) = tables.get(index) {
                return at(table, kind, format!("/{rest}"));
            }
        }
    }
    StartError::Refused(fault)
}

async fn has_keys(engine: &Engine) -> Result<bool, EngineError> {
    let query = Query { rid: Rid::literal(RID), name: "ready".into(), args: Map::new() };
    Ok(engine.query(engine.root(), query).await? == json!(true))
}

/// Makes keys until the pico has some; another process may be faster.
async fn make_keys(engine: Engine) {
    let secret = Engine::seed();
    let made = tokio::task::spawn_blocking(move || Keys::generate(&secret)).await;
    let keys = match made.map_err(|error| error.to_string()) {
        Ok(Ok(keys)) => serde_json::to_value(&keys),
        Ok(Err(error)) => return tracing::error!(%error, "no signing keys: no logins"),
        Err(error) => return tracing::error!(error, "no signing keys: no logins"),
    };
    let Ok(keys) = keys else {
        return tracing::error!("signing keys are no JSON: no logins");
    };
    loop {
        match engine.event(engine.root(), event(&engine, "put_keys", keys.clone())).await {
            Ok(_) => return tracing::info!("made the signing keys of the OpenID provider"),
            Err(EngineError::Stopping) => return,
            Err(error) => tracing::warn!(%error, "the signing keys were not stored"),
        }
        tokio::time::sleep(RETRY).await;
    }
}

fn event(engine: &Engine, name: &str, attrs: Value) -> Event {
    let attrs = attrs.as_object().cloned().unwrap_or_default();
    let id = picomesh_pico::Entropy::new(Engine::seed()).ordered_id(engine.clock().now());
    let (domain, name, origin) = ("login".into(), name.into(), Origin::Engine);
    Event { id, domain, name, attrs, origin, eci: None, once: None, for_rid: None, at: None }
}
