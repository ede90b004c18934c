//! The `http` module.
//!
//! Whoever uses the answer gets it within the rule: then the call is made before the turn is
//! durable. `autoraise` raises the answer as an event of the same turn.

use super::modules::by_name;
use super::{Reply, from_json};
use crate::context::Context;
use crate::fault::Fault;
use crate::outside::Outside;
use picomesh_krl::library::Args;
use picomesh_krl::machine::ModuleUse;
use serde_json::Value;

/// Source: pico-engine-core 1.4, `modules/http.ts`.
const PARAMETERS: &[&str] = &[
    "url",
    "qs",
    "headers",
    "body",
    "auth",
    "json",
    "form",
    "parseJSON",
    "autoraise",
    "autosend",
    "dontFollowRedirect",
];
/// Parameters of `get` and `head`.
const PARAMETERS_OF_GET: &[&str] =
    &["url", "qs", "headers", "auth", "parseJSON", "autoraise", "autosend", "dontFollowRedirect"];

pub(super) fn answer(
    context: &mut Context,
    method: &str,
    kind: ModuleUse,
    args: &Args,
) -> Result<Reply, Fault> {
    let parameters = match method {
        "get" | "head" => PARAMETERS_OF_GET,
        _ => PARAMETERS,
    };
    let args = by_name(parameters, args)?;
    let call = Outside::Http { method: method.into(), args: args.clone() };
    let response = context.outside(call)?;
    if kind == ModuleUse::Action {
        raise(context, method, &args, &response)?;
    }
    from_json(&response).map(Reply::Value)
}

/// `autoraise` and `autosend`: the answer as an event, here or at another pico.
fn raise(
    context: &mut Context,
    method: &str,
    args: &serde_json::Map<String, Value>,
    response: &Value,
) -> Result<(), Fault> {
    let attrs = |label: Option<&Value>| {
        let mut attrs = response.as_object().cloned().unwrap_or_default();
        if let Some(label) = label {
            attrs.insert("label".into(), label.clone());
        }
        attrs
    };
    if let Some(label) = args.get("autoraise").filter(|label| is_text(label)) {
        context.raise("http", method, attrs(Some(label)));
    }
    let Some(Value::Object(send)) = args.get("autosend") else { return Ok(()) };
    let text = |name: &str| send.get(name).and_then(Value::as_str);
    let (Some(eci), Some(domain), Some(name)) =
        (text("eci"), text("domain"), text("name").or_else(|| text("type")))
    else {
        return Err(Fault::type_error("http autosend needs eci, domain and name"));
    };
    let mut sent = send.get("attrs").and_then(Value::as_object).cloned().unwrap_or_default();
    sent.extend(attrs(None));
    context.send_event(eci, domain, name, sent).map(drop)
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(text) if !text.is_empty())
}
