//! Who may ask, and what proves what: clients and policies, by configuration or by API.
//!
//! What the configuration file says goes when the file no longer says it; what the API put
//! stays. Absent on purpose: secrets in answers, but for the one time when one is made.

use super::authority::Authority;
use super::own;
use picomesh_login::client::AuthMethod;
use picomesh_login::limits::ID_CHARS_MAX;
use picomesh_login::{Client, Invalid, Policy, discovery};
use picomesh_pico::{Context, Event, Fault};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Most clients of one provider.
const CLIENTS_MAX: u32 = 1000;
/// Most policies of one provider.
const POLICIES_MAX: u32 = 1000;

/// A client or a policy, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<T> {
    value: T,
    /// It stands in the configuration file.
    configured: bool,
}

/// A client by the id that a request names.
pub(super) fn find_client(context: &Context, id: &str) -> Result<Option<Client>, Fault> {
    find(context, "client", id)
}

/// A policy by its id.
pub(super) fn find_policy(context: &Context, id: &str) -> Result<Option<Policy>, Fault> {
    find(context, "policy", id)
}

fn find<T: DeserializeOwned>(context: &Context, kind: &str, id: &str) -> Result<Option<T>, Fault> {
    // A stranger names it: what cannot be an id is not looked for.
    if id.is_empty() || id.len() > ID_CHARS_MAX || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    let kept: Option<Kept<T>> = context.entity(&format!("{kind}/{id}"))?;
    Ok(kept.map(|kept| kept.value))
}

/// `login:put_client`, the attributes are the registration (RFC 7591 names). Directive `client`.
///
/// A client that is there keeps its secret unless a new one is given.
pub(super) fn put_client(_: &Authority, context: &mut Context, event: &Event) -> Result<(), Fault> {
    own(event)?;
    let document = Value::Object(event.attrs.clone());
    let (client, made) = register(context, document, false)?;
    let mut answer = shown(&client)?;
    if let Some(secret) = made {
        answer["client_secret"] = json!(secret);
    }
    context.directive("client", answer);
    Ok(())
}

fn register(
    context: &mut Context,
    document: Value,
    configured: bool,
) -> Result<(Client, Option<String>), Fault> {
    let has_secret = document.get("client_secret").is_some();
    let entropy = context.entropy().bytes();
    let registration = Client::register(document, &entropy).map_err(invalid)?;
    let (mut client, mut made) = (registration.client, registration.secret);
    for (index, policy) in client.policies.iter().enumerate() {
        if find_policy(context, policy)?.is_none() {
            let reason = format!("/policies/{index}: there is no such policy");
            return Err(Fault::refused("invalid", reason));
        }
    }
    let before = find_client(context, &client.id)?;
    if !has_secret && client.auth_method != AuthMethod::None {
        match before.as_ref().and_then(|before| before.secret) {
            Some(secret) => (client.secret, made) = (Some(secret), None),
            // Nobody would ever see the one that we made.
            None if configured => {
                let reason = "/client_secret: is needed here, or token_endpoint_auth_method = \
                              \"none\"";
                return Err(Fault::refused("invalid", reason));
            }
            None => {}
        }
    }
    let name = format!("client/{}", client.id);
    check_room::<Client>(context, &name, before.is_none(), CLIENTS_MAX)?;
    let value = client.clone();
    context.put(&name, &Kept { value, configured })?;
    Ok((client, made.map(|secret| secret.to_string())))
}

/// `login:delete_client` {client_id}.
pub(super) fn delete_client(
    _: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    own(event)?;
    let id = super::required(event, "client_id")?;
    let client = find_client(context, id)?.ok_or_else(|| Fault::not_found("client"))?;
    context.delete(&format!("client/{}", client.id))?;
    context.directive("deleted", json!({ "client_id": client.id }));
    Ok(())
}

/// `login:put_policy`, the attributes are the policy. Directive `policy`.
pub(super) fn put_policy(_: &Authority, context: &mut Context, event: &Event) -> Result<(), Fault> {
    own(event)?;
    let policy = read_policy(context, Value::Object(event.attrs.clone()), false)?;
    context.directive("policy", to_json(&policy)?);
    Ok(())
}

fn read_policy(context: &mut Context, document: Value, configured: bool) -> Result<Policy, Fault> {
    let policy = Policy::read(document).map_err(invalid)?;
    let name = format!("policy/{}", policy.id);
    let is_new = find_policy(context, &policy.id)?.is_none();
    check_room::<Policy>(context, &name, is_new, POLICIES_MAX)?;
    let value = policy.clone();
    context.put(&name, &Kept { value, configured })?;
    Ok(policy)
}

/// `login:delete_policy` {id}; refused while a client may use it.
pub(super) fn delete_policy(
    _: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    own(event)?;
    let id = super::required(event, "id")?;
    let policy = find_policy(context, id)?.ok_or_else(|| Fault::not_found("policy"))?;
    let clients = all::<Client>(context, "client/", CLIENTS_MAX)?;
    let is_used = |kept: &Kept<Client>| kept.value.policies.contains(&policy.id);
    if let Some(user) = clients.iter().find(|kept| is_used(kept)) {
        let reason = format!("client {} may use this policy", user.value.id);
        return Err(Fault::refused("conflict", reason));
    }
    context.delete(&format!("policy/{}", policy.id))?;
    context.directive("deleted", json!({ "id": policy.id }));
    Ok(())
}

/// `login:configure` {clients, policies}: what the file says, all at once.
pub(super) fn configure(_: &Authority, context: &mut Context, event: &Event) -> Result<(), Fault> {
    own(event)?;
    let list = |name| match event.attrs.get(name) {
        Some(Value::Array(documents)) => Ok(documents.clone()),
        Some(_) | None => Err(Fault::refused("invalid", format!("{name} must be a list"))),
    };
    let mut kept = Vec::new();
    for (index, document) in list("policies")?.into_iter().enumerate() {
        let policy =
            read_policy(context, document, true).map_err(|fault| at("policies", index, fault))?;
        kept.push(format!("policy/{}", policy.id));
    }
    for (index, document) in list("clients")?.into_iter().enumerate() {
        let (client, _) =
            register(context, document, true).map_err(|fault| at("clients", index, fault))?;
        kept.push(format!("client/{}", client.id));
    }
    let gone = |name: &str, configured: bool| configured && !kept.iter().any(|one| one == name);
    for (prefix, max) in [("client/", CLIENTS_MAX), ("policy/", POLICIES_MAX)] {
        for (name, row) in context.scan::<Kept<Value>>(prefix, "", max)? {
            if gone(&name, row.configured) {
                context.delete(&name)?;
            }
        }
    }
    Ok(())
}

/// The fault of one document among many.
fn at(list: &str, index: usize, fault: Fault) -> Fault {
    if let Fault::Refused { code, reason } = fault {
        return Fault::Refused { code, reason: format!("/{list}/{index}{reason}") };
    }
    fault
}

/// The discovery document; the policies that some client may use are in it.
pub(super) fn discovery(
    authority: &Authority,
    context: &mut Context,
    _: &Map<String, Value>,
) -> Result<Value, Fault> {
    let provider = authority.provider(context)?;
    let clients = all::<Client>(context, "client/", CLIENTS_MAX)?;
    let mut used: Vec<String> = clients
        .into_iter()
        .filter(|kept| !kept.value.disabled)
        .flat_map(|kept| kept.value.policies)
        .collect();
    used.sort_unstable();
    used.dedup();
    let policies: Result<Vec<Option<Policy>>, Fault> =
        used.iter().map(|id| find_policy(context, id)).collect();
    let policies: Vec<Policy> = policies?.into_iter().flatten().collect();
    Ok(discovery::document(&provider, &policies))
}

/// Query `clients` {after?, limit?}.
pub(super) fn clients(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let (rows, next) = page::<Client>(context, "client/", args, CLIENTS_MAX)?;
    let rows: Result<Vec<Value>, Fault> = rows.iter().map(|kept| shown(&kept.value)).collect();
    Ok(json!({ "clients": rows?, "next": next }))
}

/// Query `policies` {after?, limit?}.
pub(super) fn policies(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let (rows, next) = page::<Policy>(context, "policy/", args, POLICIES_MAX)?;
    let rows: Result<Vec<Value>, Fault> = rows.iter().map(|kept| to_json(&kept.value)).collect();
    Ok(json!({ "policies": rows?, "next": next }))
}

/// Query `client` {client_id}.
pub(super) fn client(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let client = find_client(context, argument(args, "client_id"))?;
    shown(&client.ok_or_else(|| Fault::not_found("client"))?)
}

/// Query `policy` {id}.
pub(super) fn policy(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let policy = find_policy(context, argument(args, "id"))?;
    to_json(&policy.ok_or_else(|| Fault::not_found("policy"))?)
}

fn argument<'a>(args: &'a Map<String, Value>, name: &str) -> &'a str {
    args.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Some rows, and the id after which the next page begins.
type Page<T> = (Vec<Kept<T>>, Option<String>);

fn page<T: DeserializeOwned>(
    context: &Context,
    prefix: &str,
    args: &Map<String, Value>,
    max: u32,
) -> Result<Page<T>, Fault> {
    let limit = args.get("limit").and_then(Value::as_u64);
    let limit = limit.map_or(max, |limit| u32::try_from(limit).unwrap_or(max).clamp(1, max));
    let after = match argument(args, "after") {
        "" => String::new(),
        after => format!("{prefix}{after}"),
    };
    let rows: Vec<(String, Kept<T>)> = context.scan(prefix, &after, limit)?;
    let last = rows.last().filter(|_| rows.len() >= limit as usize);
    let next = last.and_then(|(name, _)| name.strip_prefix(prefix)).map(str::to_owned);
    Ok((rows.into_iter().map(|(_, kept)| kept).collect(), next))
}

fn all<T: DeserializeOwned>(
    context: &Context,
    prefix: &str,
    max: u32,
) -> Result<Vec<Kept<T>>, Fault> {
    Ok(page(context, prefix, &Map::new(), max)?.0)
}

fn check_room<T: DeserializeOwned>(
    context: &Context,
    name: &str,
    is_new: bool,
    max: u32,
) -> Result<(), Fault> {
    let prefix = name.split_inclusive('/').next().unwrap_or(name);
    if is_new && all::<T>(context, prefix, max)?.len() >= max as usize {
        return Err(Fault::Limit { name: "CLIENTS_MAX" });
    }
    Ok(())
}

/// A client without what only the store needs.
fn shown(client: &Client) -> Result<Value, Fault> {
    let mut value = to_json(client)?;
    if let Value::Object(members) = &mut value {
        members.remove("client_secret_sha256");
    }
    Ok(value)
}

fn to_json<T: Serialize>(value: &T) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::Broken(error.to_string()))
}

fn invalid(error: Invalid) -> Fault {
    Fault::refused("invalid", error.to_string())
}
