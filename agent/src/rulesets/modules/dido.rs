//! The module `dido`: names and parameters; [`crate::krl::dido`] does the work.
//!
//! Source: pico-engine 1.4, module `dido`. All of them are functions, also those that change
//! something; they change it only in an event.

use crate::krl::dido;
use crate::rulesets::Setting;
use picomesh_pico::operations::truthy;
use picomesh_pico::{Context, Fault, Native, Rid};
use serde_json::{Map, Value, json};
use std::sync::Arc;

type Args = Map<String, Value>;

/// The module.
pub(super) fn module(rid: Rid, setting: &Arc<Setting>) -> Native {
    let native = Native::new(rid, "DIDs and DIDComm v2.");
    messages(peers(dids(native, setting), setting))
}

fn dids(native: Native, setting: &Arc<Setting>) -> Native {
    let (generating, rotating, inviting) = (setting.clone(), setting.clone(), setting.clone());
    native
        .provides("generateDID", &["isInvite"], move |context, args| {
            let is_invite = args.get("isInvite").is_some_and(truthy);
            dido::generate_did(context, &generating, is_invite)
        })
        .provides("deleteDID", &["did"], |context, args| {
            Ok(dido::delete_did(context, text(args, "did"))?.into())
        })
        .provides("updateDID", &["did", "newDoc"], |context, args| {
            Ok(dido::update_did(context, text(args, "did"), value(args, "newDoc"))?.into())
        })
        .provides("rotateDID", &["old_did"], move |context, args| {
            dido::rotate_did(context, &rotating, text(args, "old_did"))
        })
        .provides("rotateInviteDID", &["my_did", "their_did"], move |context, args| {
            let eci = context.event_eci().cloned();
            let (mine, theirs) = (text(args, "my_did"), text(args, "their_did"));
            nothing(dido::rotate_invite_did(context, &inviting, eci.as_ref(), mine, theirs))
        })
        .provides("clearPendingRotations", &[], |context, _| {
            nothing(dido::clear_pending_rotations(context))
        })
}

fn peers(native: Native, setting: &Arc<Setting>) -> Native {
    let setting = setting.clone();
    native
        .provides("mapDid", &["their_did", "my_did"], |context, args| {
            nothing(dido::map_did(context, text(args, "their_did"), text(args, "my_did")))
        })
        .provides("clearDidMap", &[], |context, _| nothing(dido::clear_did_map(context)))
        .provides("clearDidDocs", &[], |context, _| nothing(dido::clear_did_docs(context)))
        .provides("storeDidDoc", &["input"], |context, args| {
            dido::store_did_doc(context, value(args, "input"))
        })
        .provides("createInviteUrl", &["base64"], move |_, args| {
            Ok(dido::create_invite_url(&setting, text(args, "base64")).into())
        })
        .provides("addLabelsToChannel", &["eci", "labels"], |context, args| {
            nothing(dido::add_labels(context, value(args, "eci"), value(args, "labels")))
        })
}

fn messages(native: Native) -> Native {
    native
        .provides("unpack", &["message"], |context, args| {
            dido::unpack(context, value(args, "message"))
        })
        .provides("pack", &["message", "_from", "to"], |context, args| {
            match value(args, "message") {
                Value::Object(message) => {
                    dido::pack(context, message, text(args, "_from"), text(args, "to"))
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_) => Ok(Value::Null),
            }
        })
        .provides("addRoute", &["type", "domain", "rule"], |context, args| {
            let (domain, rule) = (value(args, "domain"), value(args, "rule"));
            Ok(dido::add_route(context, text(args, "type"), domain, rule)?.into())
        })
        .provides("route", &["message"], |context, args| match value(args, "message") {
            Value::Object(message) => dido::route(context, message),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(Fault::thrown("the message was not taken")),
        })
        .provides("send", &["did", "message"], |context, args| {
            dido::send(context, text(args, "did"), value(args, "message"))
        })
        .provides("prepareQuery", &["did", "query"], prepare_query)
        .provides("sendQuery", &["did", "message"], |context, args| {
            dido::send_query(context, text(args, "did"), value(args, "message"))
        })
        .provides("generateMessage", &["messageOptions"], |context, args| {
            match value(args, "messageOptions") {
                Value::Object(options) => dido::generate_message(context, options),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_) => dido::generate_message(context, &Args::new()),
            }
        })
}

/// Asks another pico by way of the ruleset did-o, which knows it.
fn prepare_query(context: &mut Context, args: &Args) -> Result<Value, Fault> {
    let asked = json!({ "did": value(args, "did"), "_query": value(args, "query") });
    context.call(&Rid::literal(dido::DID_O), "sendQuery", asked)
}

fn value<'a>(args: &'a Args, name: &str) -> &'a Value {
    args.get(name).unwrap_or(&Value::Null)
}

/// An argument that must be text; what is none names nothing.
fn text<'a>(args: &'a Args, name: &str) -> &'a str {
    value(args, name).as_str().unwrap_or_default()
}

fn nothing(done: Result<(), Fault>) -> Result<Value, Fault> {
    done.map(|()| Value::Null)
}
