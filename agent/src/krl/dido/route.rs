//! What an opened message does to its pico.

use super::open::Opened;
use super::{EVENT, QUERY, message, policy, query, rotate, state};
use picomesh_pico::{Channel, Context, Fault};
use serde_json::{Map, Value, json};

/// The domain whose events the ruleset did-o handles itself.
const OWN_DOMAIN: &str = "dido";

/// Opens a message for this pico and does what its type says.
///
/// An event is raised as one from outside. A query is answered: the value is the answer. Any
/// other type raises the event of its route, with the message and what its envelope proves.
///
/// # Errors
/// When it does not open, when its sender is not proven or not known, or when the policy of the
/// channel does not let it through. Then nothing is changed.
pub fn route(context: &mut Context, packed: &Map<String, Value>) -> Result<Value, Fault> {
    let opened = message::open_encrypted(context, packed)?;
    let opened = opened.map_err(|error| {
        tracing::info!(pico = %context.pico().id, %error, "a message was not taken");
        not_taken()
    })?;
    let sender = opened.sender.clone().ok_or_else(not_taken)?;
    let channel = channel_of(context, opened.mine.as_deref())?;
    rotate::settle(context, &opened)?;
    match opened.kind() {
        EVENT => raise(context, &opened, &sender, &channel),
        QUERY => {
            let asked = query::Asked::read(&opened);
            if !state::is_peer(context, &sender)?
                || !policy::may_ask(context, &channel, &asked.rid, &asked.name)
            {
                return Err(not_taken());
            }
            query::ask(context, asked)
        }
        kind => {
            let Some((domain, name)) = state::route_of(context, kind)? else {
                tracing::info!(pico = %context.pico().id, kind, "no route for a message");
                return Ok(Value::Null);
            };
            let mut attrs = Map::new();
            attrs.insert("message".into(), Value::Object(opened.message.clone()));
            attrs.insert("metadata".into(), opened.metadata.clone());
            match domain.as_str() {
                OWN_DOMAIN => context.raise(&domain, &name, attrs),
                _ => context.raise_by(&channel.eci, &domain, &name, attrs),
            }
            Ok(Value::Null)
        }
    }
}

fn raise(
    context: &mut Context,
    opened: &Opened,
    sender: &str,
    channel: &Channel,
) -> Result<Value, Fault> {
    let text = |name: &str| opened.body(name).as_str().map(str::trim).unwrap_or_default();
    let (domain, name) = (text("domain"), text("name"));
    let is_named = !domain.is_empty() && !name.is_empty();
    if !is_named
        || !state::is_peer(context, sender)?
        || !policy::may_raise(context, channel, domain, name)
    {
        return Err(not_taken());
    }
    let attrs = match opened.body("attrs") {
        Value::Object(attrs) => attrs.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    };
    context.raise_by(&channel.eci, domain, name, attrs);
    Ok(Value::Null)
}

/// The channel of a DID of this pico.
fn channel_of(context: &Context, mine: Option<&str>) -> Result<Channel, Fault> {
    let own = match mine {
        Some(mine) => context.did(mine)?,
        None => None,
    };
    let channel = match own {
        Some(own) => context.channel(&own.eci)?,
        None => None,
    };
    channel.ok_or_else(not_taken)
}

fn not_taken() -> Fault {
    Fault::thrown("the message was not taken")
}

/// Whether a query may be answered: `yes`, `no`, or `turn` when the message also says something
/// that must be remembered first.
///
/// `args` are `sender`, `mine` (the DID that it reached), `rid`, `name`, and `rotates`.
pub fn admit(context: &Context, args: &Value) -> Result<Value, Fault> {
    let text = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
    let channel = channel_of(context, Some(text("mine")))?;
    let rotates = args.get("rotates") == Some(&json!(true));
    if rotates || rotate::is_pending(context, text("mine"))? {
        return Ok("turn".into());
    }
    let is_allowed = state::is_peer(context, text("sender"))?
        && policy::may_ask(context, &channel, text("rid"), text("name"));
    Ok(if is_allowed { "yes" } else { "no" }.into())
}
