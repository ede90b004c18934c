//! Questions to other picos: over HTTP, on the same engine, or by DIDComm.

use super::super::attributes::{Attrs, get, given, member, with};
use super::super::{DID_O, Setting};
use picomesh_pico::operations::{krl_text, truthy};
use picomesh_pico::{Context, Fault, Outside, Query, Rid};
use serde_json::{Map, Value, json};

/// Where a pico's functions are found over HTTP unless the caller says otherwise.
const PATH: &str = "/sky/cloud/";
const OWN: &str = "Pico should not query itself";

/// The address of this engine, as programs know it.
pub(in super::super) fn host(setting: &Setting) -> String {
    setting.public_url.as_str().trim_end_matches('/').to_owned()
}

/// Asks by HTTP.
pub(super) fn sky_query(context: &mut Context, args: &Attrs, host: &str) -> Result<Value, Fault> {
    if is_own(context, args)? {
        return Ok(answer(&refusal()));
    }
    by_http(context, args, host)
}

/// Asks in the way that suits the address.
pub(super) fn pico_query(context: &mut Context, args: &Attrs, host: &str) -> Result<Value, Fault> {
    if is_own(context, args)? {
        return Ok(refusal());
    }
    let eci = krl_text(get(args, "eci"));
    let (rid, name) = (get(args, "mod"), get(args, "func"));
    if eci.starts_with("did:") {
        let query = json!({ "rid": rid, "name": name, "args": get(args, "params") });
        return context.call(
            &Rid::literal(DID_O),
            "sendQuery",
            json!({ "did": eci, "_query": query }),
        );
    }
    let other = get(args, "_host");
    if !other.is_null() && other != host {
        return by_http(context, args, host);
    }
    ask(context, &eci, rid, name, parameters(args))
}

/// Asks a pico of this engine.
fn ask(
    context: &mut Context,
    eci: &str,
    rid: &Value,
    name: &Value,
    args: Attrs,
) -> Result<Value, Fault> {
    let missing = |what| Fault::thrown(format_args!("missing query.{what}"));
    let filled = |value: &Value, what| match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(missing(what)),
    };
    let (rid, name) = (filled(rid, "rid")?, filled(name, "name")?);
    let rid = Rid::parse(&rid)
        .map_err(|_| Fault::thrown(format_args!("Pico doesn't have {rid} installed.")))?;
    context.outside(Outside::Query { eci: eci.into(), query: Query { rid, name, args } })
}

fn is_own(context: &Context, args: &Attrs) -> Result<bool, Fault> {
    let eci = get(args, "eci");
    let Ok(eci) = picomesh_pico::Eci::parse(eci.as_str().unwrap_or_default()) else {
        return Ok(false);
    };
    Ok(context.channel(&eci)?.is_some())
}

fn refusal() -> Value {
    let content = json!({ "error": OWN }).to_string();
    json!({ "status_code": 400, "status_line": format!("HTTP/1.1 400 {OWN}"), "content": content })
}

fn parameters(args: &Attrs) -> Attrs {
    match get(args, "params") {
        Value::Object(params) => params.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

fn by_http(context: &mut Context, args: &Attrs, host: &str) -> Result<Value, Fault> {
    let text =
        |name: &str, default: &str| given(args, name).map_or_else(|| default.to_owned(), krl_text);
    let root = match given(args, "_root_url") {
        Some(root) => krl_text(root),
        None => text("_host", host) + &text("_path", PATH),
    };
    let (eci, rid, name) = (get(args, "eci"), get(args, "mod"), get(args, "func"));
    let url = format!("{root}{}/{}/{}", krl_text(eci), krl_text(rid), krl_text(name));
    let request = with(&Map::new(), [("url", url.into()), ("qs", Value::Object(parameters(args)))]);
    let response = context.outside(Outside::Http { method: "get".into(), args: request })?;
    Ok(answer(&response))
}

/// What a response says, or what was wrong with it.
fn answer(response: &Value) -> Value {
    let (status, content) = (member(response, "status_code"), member(response, "content"));
    let content = match content {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| content.clone()),
        other @ Value::Null
        | other @ Value::Bool(_)
        | other @ Value::Number(_)
        | other @ Value::Array(_)
        | other @ Value::Object(_) => other.clone(),
    };
    let told = |name| match member(&content, name) {
        Value::Null => Value::from(0),
        told @ Value::Bool(_)
        | told @ Value::Number(_)
        | told @ Value::String(_)
        | told @ Value::Array(_)
        | told @ Value::Object(_) => told.clone(),
    };
    let (error, error_text) = (told("error"), told("error_str"));
    let is_bad = content.is_null() || content == "null" || truthy(&error) || truthy(&error_text);
    if *status == 200 && !is_bad {
        return content;
    }
    json!({
        "error": "sky query request was unsuccesful.",
        "httpStatus": { "code": status, "message": member(response, "status_line") },
        "picoQueryError": error,
        "picoQueryErrorMsg": error_text,
        "picoQueryReturnValue": content,
    })
}
