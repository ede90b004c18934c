//! The credentials that a pico holds, and the DIDs by which it issues and holds them.
//!
//! Credentials come in through the function `store`, which other rulesets call once they have
//! checked them; operators list and delete.
//!
//! Absent on purpose: any check; who calls `store` has made it.

use super::Setting;
use super::command::{self, ROWS_DEFAULT};
use super::identity::{self, Kind};
use crate::effects::key_url;
use picomesh_credentials::claims;
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The id of the ruleset.
pub const RID: &str = "picomesh.credentials";

/// A credential that the pico holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Its id here, ordered by time.
    pub id: String,
    /// The credential as it was issued.
    pub credential: Value,
    /// The exchange that brought it.
    pub exchange: Option<String>,
    /// The issuer's word for replacing it (RFC 0453).
    pub replacement_id: Option<String>,
    /// When it was stored, unix milliseconds.
    pub created_at: i64,
}

/// A DID made for issuing or holding.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    did: String,
    verification_method: String,
    purpose: String,
    created_at: i64,
}

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct ById {
    id: String,
}

/// The ruleset.
pub(super) fn ruleset(setting: Arc<Setting>) -> Native {
    let (created, issuer, holder) = (setting.clone(), setting.clone(), setting);
    Native::new(Rid::literal(RID), "Holds credentials, and the DIDs to issue and hold them by.")
        .rule("create_did", "credentials", "create_did", move |context, event| {
            let _: Map<String, Value> = command::own(event)?;
            let own = create(context, &created, "issuer")?;
            context.directive("did", json!(own));
            Ok(())
        })
        .rule("delete", "credentials", "delete", delete)
        .query("credentials", credentials)
        .query("credential", |context, args| {
            let ById { id } = command::arguments(args)?;
            Ok(json!(credential(context, &id)?))
        })
        .query("dids", |context, args| {
            let Page { after, limit } = command::arguments(args)?;
            let after = after.map(|did| format!("did/{did}")).unwrap_or_default();
            let rows = context.scan::<Own>("did/", &after, limit.unwrap_or(ROWS_DEFAULT))?;
            let next = next(&rows, limit).map(|name| name.trim_start_matches("did/").to_owned());
            let dids: Vec<Own> = rows.into_iter().map(|(_, own)| own).collect();
            Ok(json!({ "dids": dids, "next": next }))
        })
        .function("issuer_did", move |context, _| default_did(context, &issuer, "issuer"))
        .function("holder_did", move |context, _| default_did(context, &holder, "holder"))
        .function("held", |context, limit| {
            let limit = limit.as_u64().and_then(|limit| u32::try_from(limit).ok());
            let rows = context.scan::<Held>("credential/", "", limit.unwrap_or(ROWS_DEFAULT))?;
            let held: Vec<_> = rows.into_iter().map(|(_, one)| (one.id, one.credential)).collect();
            Ok(json!(held))
        })
        .function("store", store)
}

/// The DID by which the pico issues, unless the caller names another; made at first use.
pub(super) fn issuer_did(context: &mut Context) -> Result<String, Fault> {
    call_for_did(context, "issuer_did")
}

/// The DID about which credentials are issued to the pico; made at first use.
pub(super) fn holder_did(context: &mut Context) -> Result<String, Fault> {
    call_for_did(context, "holder_did")
}

/// Keeps a credential that was checked; returns its id.
pub(super) fn keep(
    context: &mut Context,
    credential: &Value,
    exchange: &str,
    replacement_id: Option<&str>,
) -> Result<String, Fault> {
    let args = json!({
        "credential": credential,
        "exchange": exchange,
        "replacement_id": replacement_id,
    });
    let id = context.call(&Rid::literal(RID), "store", args)?;
    id.as_str().map(str::to_owned).ok_or_else(|| Fault::Broken("no credential id".into()))
}

fn call_for_did(context: &mut Context, function: &str) -> Result<String, Fault> {
    let did = context.call(&Rid::literal(RID), function, Value::Null)?;
    did.as_str().map(str::to_owned).ok_or_else(|| Fault::Broken("no DID".into()))
}

fn default_did(context: &mut Context, setting: &Setting, purpose: &str) -> Result<Value, Fault> {
    let name = format!("default/{purpose}");
    if let Some(did) = context.entity::<String>(&name)? {
        return Ok(json!(did));
    }
    let own = create(context, setting, purpose)?;
    context.put(&name, &own.did)?;
    Ok(json!(own.did))
}

fn create(context: &mut Context, setting: &Setting, purpose: &str) -> Result<Own, Fault> {
    let identity = identity::create(context, Kind::Key, setting.endpoint.as_str(), &[purpose])?;
    let own = Own {
        verification_method: key_url(&identity.did),
        did: identity.did,
        purpose: purpose.to_owned(),
        created_at: context.now(),
    };
    context.put(&format!("did/{}", own.did), &own)?;
    Ok(own)
}

fn store(context: &mut Context, args: Value) -> Result<Value, Fault> {
    #[derive(Deserialize)]
    struct Args {
        credential: Value,
        exchange: Option<String>,
        replacement_id: Option<String>,
    }
    let broken = |error: serde_json::Error| Fault::Broken(error.to_string());
    let Args { credential, exchange, replacement_id } =
        serde_json::from_value(args).map_err(broken)?;
    let (id, created_at) = (context.fresh_id(), context.now());
    let held = Held { id, credential, exchange, replacement_id, created_at };
    context.put(&format!("credential/{}", held.id), &held)?;
    Ok(json!(held.id))
}

fn credential(context: &Context, id: &str) -> Result<Held, Fault> {
    let found = context.entity(&format!("credential/{id}"))?;
    found.ok_or_else(|| Fault::not_found("credential"))
}

fn delete(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let ById { id } = command::own(event)?;
    let held = credential(context, &id)?;
    context.delete(&format!("credential/{}", held.id))?;
    context.directive("deleted", json!({ "id": id }));
    Ok(())
}

fn credentials(context: &mut Context, args: &Map<String, Value>) -> Result<Value, Fault> {
    let Page { after, limit } = command::arguments(args)?;
    let after = after.map(|id| format!("credential/{id}")).unwrap_or_default();
    let rows = context.scan::<Held>("credential/", &after, limit.unwrap_or(ROWS_DEFAULT))?;
    let next = next(&rows, limit).map(|name| name.trim_start_matches("credential/").to_owned());
    let credentials: Vec<Value> = rows.into_iter().map(|(_, held)| shown(&held)).collect();
    Ok(json!({ "credentials": credentials, "next": next }))
}

/// The name after which the next page begins; `None` when this was the last one.
pub(super) fn next<T>(rows: &[(String, T)], limit: Option<u32>) -> Option<String> {
    let is_full = rows.len() >= limit.unwrap_or(ROWS_DEFAULT) as usize;
    rows.last().filter(|_| is_full).map(|(name, _)| name.clone())
}

/// A held credential with what people look for.
fn shown(held: &Held) -> Value {
    let mut shown = json!(held);
    shown["issuer"] = json!(claims::issuer(&held.credential));
    shown["subject"] = json!(claims::subject(&held.credential));
    shown["types"] = json!(claims::types(&held.credential));
    shown["expires"] = json!(claims::expires(&held.credential));
    shown
}
