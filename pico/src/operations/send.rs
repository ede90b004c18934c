//! Events to other picos, here and elsewhere: told once the turn is durable.

use super::{krl_text, truthy};
use crate::context::Context;
use crate::fault::Fault;
use crate::id::Rid;
use serde_json::{Map, Value, json};

/// The ruleset that speaks DIDComm for others.
const DID_O: &str = "io.picolabs.did-o";

/// Sends an event by `eci`, by a subscription (`sub`) or to a `did`; `host` is the other
/// engine's address, if the pico lives in one.
pub fn event_send(
    context: &mut Context,
    options: &Map<String, Value>,
    host: Option<&Value>,
) -> Result<Value, Fault> {
    let option = |name: &str| options.get(name).filter(|value| truthy(value));
    let name = option("name").or_else(|| options.get("type")).unwrap_or(&Value::Null);
    let domain = options.get("domain").unwrap_or(&Value::Null);
    let attrs = options.get("attrs");
    let (eci, host) = match (option("eci"), option("sub"), option("did")) {
        (Some(eci), _, _) => (eci, host),
        (None, Some(sub), _) => (sub.get("Tx").unwrap_or(&Value::Null), sub.get("Tx_host")),
        (None, None, Some(did)) => {
            let event = json!({ "domain": domain, "name": name, "attrs": attrs });
            let args = json!({ "did": did, "event": event });
            context.call(&Rid::literal(DID_O), "sendEvent", args)?;
            return Ok(Value::Null);
        }
        (None, None, None) => (options.get("eci").unwrap_or(&Value::Null), host),
    };
    let Value::String(eci) = eci else {
        let text = format_args!("eci was {} instead of a string", krl_text(eci));
        return Err(Fault::type_error(text));
    };
    event_to(context, eci, domain, name, attrs, host)
}

/// Sends an event by a channel of a pico here or at `host`.
pub fn event_to(
    context: &mut Context,
    eci: &str,
    domain: &Value,
    name: &Value,
    attrs: Option<&Value>,
    host: Option<&Value>,
) -> Result<Value, Fault> {
    let host = host.filter(|host| truthy(host)).map(krl_text);
    let missing = |what| Fault::thrown(format_args!("missing event.{what}"));
    let filled = |value: &Value, what| match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(missing(what)),
    };
    if eci.trim().is_empty() {
        return Err(missing("eci"));
    }
    let (domain, name) = (filled(domain, "domain")?, filled(name, "name")?);
    let attrs = match attrs {
        Some(Value::Object(attrs)) => attrs.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(_) => return Err(Fault::thrown("Expected a JSON map for event.data.attrs")),
    };
    let id = match host {
        None => context.send_event(eci, &domain, &name, attrs)?,
        Some(host) => {
            let (from, queue) = (context.pico().id.clone(), format!("event/{host}"));
            let body = json!({ "host": host, "eci": eci, "domain": domain, "name": name,
                "attrs": attrs, "from": from });
            context.job("event", &queue, body, None)?
        }
    };
    Ok(id.into())
}
