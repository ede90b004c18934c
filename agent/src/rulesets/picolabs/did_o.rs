//! `io.picolabs.did-o`: DIDComm v2 for the programs of a pico.
//!
//! Source: the ruleset of that name in pico-engine 1.4. What it does with DIDs, keys and
//! messages is in [`crate::krl::dido`]; here are its rules and functions.

use super::attributes::{Attrs, get, given, member, with, without};
use super::{DID_O, WRANGLER, offer};
use crate::krl::dido;
use crate::rulesets::Setting;
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use picomesh_pico::operations::{krl_text, truthy};
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The entity variable of the routes.
pub(super) const ROUTES: &str = "routes";
/// The messages of trust ping, and the events that they become.
const PINGS: [(&str, &str); 2] = [
    ("https://didcomm.org/trust_ping/2.0/ping", "receive_trust_ping"),
    ("https://didcomm.org/trust_ping/2.0/ping_response", "receive_trust_ping_response"),
];
const INVITATION: &str = "https://didcomm.org/out-of-band/2.0/invitation";
/// How a pico calls itself in an invitation unless it says otherwise.
const LABEL: &str = "PicoInvite";
/// Both padded and bare texts are read.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// The routes that every pico starts with.
pub(super) fn routes() -> Value {
    let route =
        |(kind, name): (&str, &str)| (kind.to_owned(), json!({ "domain": "dido", "name": name }));
    Value::Object(PINGS.into_iter().map(route).collect())
}

/// The ruleset.
pub(super) fn ruleset(setting: &Arc<Setting>) -> Native {
    let native = Native::new(Rid::literal(DID_O), "DIDComm v2 for the programs of the pico.")
        .name("did-o")
        .uses(&[(WRANGLER, "wrangler")])
        .function("admit", |context, args| dido::admit(context, &args));
    functions(rules(native, setting), setting)
}

fn rules(native: Native, setting: &Arc<Setting>) -> Native {
    let (one, two) = (setting.clone(), setting.clone());
    native
        .rule_with("intialize", "wrangler", "ruleset_installed", &["rids"], |context, event| {
            let rids = get(&event.attrs, "rids").as_array();
            match rids.is_some_and(|rids| rids.iter().any(|rid| rid == DID_O)) {
                true => add_pings(context),
                false => Ok(()),
            }
        })
        .rule("pico_root_created", "engine_ui", "setup", |context, _| {
            match context.entity::<Value>(ROUTES)? {
                Some(_) => Ok(()),
                None => add_pings(context),
            }
        })
        .rule("route_message", "dido", "didcommv2_message", |context, event| {
            let answer = dido::route(context, &without(&event.attrs, "_headers"))?;
            if truthy(&answer) {
                context.directive("response", answer);
            }
            Ok(())
        })
        .rule_with("receive_invite", "dido", "receive_invite", &["invite"], {
            move |context, event| receive_invite(context, event, &one)
        })
        .rule_with("send_trust_ping", "dido", "send_trust_ping", &["did"], send_trust_ping)
        .rule_with("receive_trust_ping", "dido", "receive_trust_ping", &["message"], {
            move |context, event| receive_trust_ping(context, event, &two)
        })
}

fn functions(native: Native, setting: &Arc<Setting>) -> Native {
    const ROUTE: &[&str] = &["type", "_domain", "name"];
    let native = offer(native, "routes", &[], |context, _| load(context, ROUTES));
    let native = offer(native, "addRoute", ROUTE, |context, args| {
        let kind = krl_text(get(args, "type"));
        Ok(dido::add_route(context, &kind, get(args, "_domain"), get(args, "name"))?.into())
    });
    let native = offer(native, "didDocs", &[], |context, _| load(context, "didDocs"));
    let native = offer(native, "clearDidDocs", &[], |context, _| {
        dido::clear_did_docs(context).map(|()| Value::Null)
    });
    let native = offer(native, "didMap", &[], |context, _| load(context, "didMap"));
    let native = offer(native, "clearDidMap", &[], |context, _| {
        dido::clear_did_map(context).map(|()| Value::Null)
    });
    let native =
        offer(native, "pendingRotations", &[], |context, _| load(context, "pendingRotations"));
    let native = offer(native, "clearPendingRotations", &[], |context, _| {
        dido::clear_pending_rotations(context).map(|()| Value::Null)
    });
    let (one, two) = (setting.clone(), setting.clone());
    let native = native
        .query_with("generate_invitation", &["label"], move |context, args| {
            invitation(context, args, &one)
        })
        .provides("generate_invitation", &["label"], move |context, args| {
            invitation(context, args, &two)
        });
    let native = offer(native, "generate_message", &["message"], |context, args| {
        let empty = Map::new();
        let options = get(args, "message").as_object().unwrap_or(&empty);
        dido::generate_message(context, options)
    });
    native
        .provides("send", &["did", "message"], |context, args| {
            dido::send(context, &krl_text(get(args, "did")), get(args, "message"))
        })
        .provides("sendEvent", &["did", "event"], |context, args| {
            let (did, message) = to(context, args, dido::EVENT, "event")?;
            dido::send(context, &did, &message)
        })
        .provides("sendQuery", &["did", "_query"], |context, args| {
            let (did, message) = to(context, args, dido::QUERY, "_query")?;
            dido::send_query(context, &did, &message)
        })
}

fn load(context: &Context, name: &str) -> Result<Value, Fault> {
    Ok(context.entity(name)?.unwrap_or(Value::Null))
}

fn add_pings(context: &mut Context) -> Result<(), Fault> {
    for (kind, name) in PINGS {
        dido::add_route(context, kind, &"dido".into(), &name.into())?;
    }
    Ok(())
}

/// Our DID towards another one; null when there is none.
fn mine(context: &Context, theirs: &str) -> Result<Value, Fault> {
    let map: Option<Attrs> = context.entity("didMap")?;
    Ok(map.as_ref().map_or(Value::Null, |map| get(map, theirs).clone()))
}

/// A message of this kind to the DID of the arguments, with one of them as its body.
fn to(
    context: &mut Context,
    args: &Attrs,
    kind: &str,
    body: &str,
) -> Result<(String, Value), Fault> {
    let did = krl_text(get(args, "did"));
    let message = message(context, kind, &did, get(args, body).clone(), None)?;
    Ok((did, message))
}

fn message(
    context: &mut Context,
    kind: &str,
    to: &str,
    body: Value,
    thid: Option<&Value>,
) -> Result<Value, Fault> {
    let from = mine(context, to)?;
    let mut options = with(
        &Map::new(),
        [("type", kind.into()), ("from", from), ("to", json!([to])), ("body", body)],
    );
    if let Some(thid) = thid {
        options.insert("thid".into(), thid.clone());
    }
    dido::generate_message(context, &options)
}

fn invitation(context: &mut Context, args: &Attrs, setting: &Setting) -> Result<Value, Fault> {
    let document = dido::generate_did(context, setting, true)?;
    let label = given(args, "label").cloned().unwrap_or_else(|| LABEL.into());
    let body = json!({ "goal_code": "exchange-did", "goal": "ExchangeDid", "label": label,
        "accept": ["didcomm/v2"] });
    let options = with(
        &Map::new(),
        [("type", INVITATION.into()), ("from", member(&document, "id").clone()), ("body", body)],
    );
    let invitation = dido::generate_message(context, &options)?;
    let base64 = base64::prelude::BASE64_STANDARD.encode(invitation.to_string());
    Ok(dido::create_invite_url(setting, &base64).into())
}

/// The invitation in a URL: ours is in plain base64, that of others in its URL form.
fn read_invitation(url: &str) -> Option<Value> {
    let text = url.split_once("_oob=")?.1;
    let text = text.split(['&', '#']).next()?.replace("%3D", "=").replace(' ', "+");
    let decode = |alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(&text).ok();
    let bytes = decode(&STANDARD).or_else(|| decode(&URL_SAFE))?;
    serde_json::from_slice(&bytes).ok()
}

fn receive_invite(context: &mut Context, event: &Event, setting: &Setting) -> Result<(), Fault> {
    let url = krl_text(get(&event.attrs, "invite"));
    let invalid = || Fault::thrown("the attribute invite is no invitation");
    let invitation = read_invitation(&url).ok_or_else(invalid)?;
    let theirs = member(&invitation, "from").as_str().ok_or_else(invalid)?;
    let document = dido::generate_did(context, setting, false)?;
    dido::map_did(context, theirs, &krl_text(member(&document, "id")))?;
    dido::store_did_doc(context, &theirs.into())?;
    context.raise("dido", "send_trust_ping", with(&event.attrs, [("did", theirs.into())]));
    Ok(())
}

fn send_trust_ping(context: &mut Context, event: &Event) -> Result<(), Fault> {
    let theirs = krl_text(get(&event.attrs, "did"));
    let body = json!({ "response_requested": true });
    let ping = message(context, PINGS[0].0, &theirs, body, None)?;
    dido::send(context, &theirs, &ping).map(drop)
}

fn receive_trust_ping(
    context: &mut Context,
    event: &Event,
    setting: &Setting,
) -> Result<(), Fault> {
    // The router raises it for a message whose sender is proven; nobody else may.
    if !event.is_own() {
        return Err(Fault::refused("forbidden", "only a message of a peer may do this"));
    }
    let ping = get(&event.attrs, "message");
    let theirs = krl_text(member(ping, "from"));
    let mine = member(ping, "to").get(0).map(krl_text).unwrap_or_default();
    dido::rotate_invite_did(context, setting, event.eci.as_ref(), &mine, &theirs)?;
    let answer = message(context, PINGS[1].0, &theirs, json!({}), Some(member(ping, "id")))?;
    dido::send(context, &theirs, &answer).map(drop)
}
