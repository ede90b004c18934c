//! Present Proof 2.0 of a pico: requests and presentations, in both roles.
//!
//! The protocol is in `picomesh_protocols::present_proof`, the presentations are in
//! `picomesh_credentials`. Here an exchange is loaded, takes a step, is saved, and its effects
//! become messages and jobs.
//!
//! Commands (events of the domain `present_proof`, own ones only): `send_request`,
//! `accept_proposal`; `send_proposal`, `present`; `decline`, `delete`, `configure`. Each answers
//! with the directive `exchange`, `send_request` also with `request`.
//! Told to other rulesets: `present_proof:changed` `{id, role, state, …}`,
//! `present_proof:verified` and `present_proof:rejected`
//! `{id, thid, report, presentation, bound_to}`, `present_proof:abandoned` `{id, thid, sender}`.
//! Functions for them: `request` (as `send_request`, and `thid`), `forget`, `exchange`.
//!
//! Absent on purpose: other formats than DIF presentation exchange (RFC 0510).

mod commands;
mod prover;
mod record;
mod verifier;

use super::Setting;
use super::command;
use super::credentials::{RID as CREDENTIALS, next};
use super::thread::Attached;
use super::wire::Inbound;
use picomesh_credentials::{Contexts, claims, exchange as pex};
use picomesh_didcomm as didcomm;
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault, Native, Rid, SCAN_ROWS_MAX};
use picomesh_protocols::present_proof::{Error, Message};
use record::Exchange;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The id of the ruleset.
pub const RID: &str = "picomesh.present-proof";
/// The domain of its commands and of what it tells.
pub const DOMAIN: &str = "present_proof";

/// What a pico does by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Config {
    /// Presents what is asked for, without asking; off by default.
    auto_present: Option<bool>,
}

/// The ruleset; it needs the JSON-LD contexts to say which credentials match.
pub(super) fn ruleset(setting: Arc<Setting>, contexts: Arc<Contexts>) -> Native {
    type Rule = fn(&mut Context, &Setting, &Event) -> Result<(), Fault>;
    let rules: [(&str, Rule); 9] = [
        ("send_request", commands::send_request),
        ("accept_proposal", commands::accept_proposal),
        ("send_proposal", commands::send_proposal),
        ("present", commands::present),
        ("decline", commands::decline),
        ("delete", commands::delete),
        ("configure", configure),
        ("presented", prover::presented),
        ("checked", verifier::checked),
    ];
    let (received, attached) = (setting.clone(), setting.clone());
    let mut ruleset = Native::new(Rid::literal(RID), "Asks for and gives proofs (RFC 0454).")
        .rule("receive", "didcomm_present_proof", "*", move |context, event| {
            receive(context, &received, event)
        })
        .rule("receive_attached", "attached", DOMAIN, move |context, event| {
            receive_attached(context, &attached, event)
        })
        .query("exchanges", exchanges)
        .query("exchange", |context, args| {
            let exchange = Exchange::load(context, &id_of(args)?)?;
            let mut shown = exchange.shown();
            shown["presentation"] = json!(exchange.presentation(context)?);
            Ok(shown)
        })
        .query("matching", move |context, args| matching(context, args, &contexts));
    let asked = setting.clone();
    ruleset = ruleset
        .function("request", move |context, args| {
            commands::request(context, &asked, command::arguments(&object(&args))?)
        })
        .function("forget", |context, args| {
            commands::forget(context, &id_of(&object(&args))?).map(|()| Value::Null)
        })
        .function("exchange", |context, args| {
            Ok(Exchange::load(context, &id_of(&object(&args))?)?.shown())
        });
    for (name, rule) in rules {
        let setting = setting.clone();
        let action = move |context: &mut Context, event: &Event| rule(context, &setting, event);
        ruleset = ruleset.rule(name, DOMAIN, name, action);
    }
    ruleset
}

/// A message of a peer.
fn receive(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    let inbound = Inbound::read(context, event)?;
    let version = inbound.message.version;
    let message = Message::read(&inbound.message).map_err(|error| refused(&error, version))?;
    match message {
        Message::Propose(_) | Message::Presentation(_) => {
            verifier::receive(context, setting, &inbound, message)?;
        }
        Message::Request(_) | Message::Ack(_) => {
            prover::receive(context, setting, &inbound, message)?;
        }
        // Row 39 of the bad inputs: a report about a thread that we do not know changes nothing.
        Message::Problem(_) => {
            if verifier::is_known(context, &inbound)? {
                verifier::receive(context, setting, &inbound, message)?;
            } else if prover::is_known(context, &inbound)? {
                prover::receive(context, setting, &inbound, message)?;
            }
        }
    }
    Ok(())
}

/// A request that a received invitation brought along.
fn receive_attached(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    let attached: Attached = command::own(event)?;
    let invalid = |error: String| Fault::refused("invalid", error);
    let message = didcomm::Message::from_fields(attached.message.clone())
        .map_err(|error| invalid(error.to_string()))?;
    let request = Message::read(&message).map_err(|error| invalid(error.to_string()))?;
    prover::receive_attached(context, setting, &attached, &message, request)
}

fn configure(context: &mut Context, _: &Setting, event: &Event) -> Result<(), Fault> {
    let config: Config = command::own(event)?;
    context.put("config", &config)?;
    context.directive("configured", json!(config));
    Ok(())
}

fn exchanges(context: &mut Context, args: &Map<String, Value>) -> Result<Value, Fault> {
    #[derive(Deserialize)]
    struct Args {
        role: Option<String>,
        after: Option<String>,
        limit: Option<u32>,
    }
    let Args { role, after, limit } = command::arguments(args)?;
    let after = after.map(|id| format!("exchange/{id}")).unwrap_or_default();
    let limit_or = limit.unwrap_or(command::ROWS_DEFAULT);
    let rows = context.scan::<Exchange>("exchange/", &after, limit_or)?;
    let next = next(&rows, limit).map(|name| name.trim_start_matches("exchange/").to_owned());
    let wanted = |exchange: &Exchange| role.as_deref().is_none_or(|role| role == exchange.role());
    let exchanges: Vec<Value> = rows
        .into_iter()
        .filter(|(_, exchange)| wanted(exchange))
        .map(|(_, exchange)| exchange.summary())
        .collect();
    Ok(json!({ "exchanges": exchanges, "next": next }))
}

/// `matching {id}`: for each input descriptor of the request, the held credentials that fit.
fn matching(
    context: &mut Context,
    args: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Value, Fault> {
    let exchange = Exchange::load(context, &id_of(args)?)?;
    let request = exchange.request.ok_or_else(|| {
        Fault::refused("not-ready", "no request in a format that we can handle waits here")
    })?;
    let request = pex::Request::parse(&request)
        .map_err(|error| Fault::refused("invalid", error.to_string()))?;
    let held = context.call(&Rid::literal(CREDENTIALS), "held", json!(SCAN_ROWS_MAX))?;
    let held: Vec<(String, Value)> =
        serde_json::from_value(held).map_err(|error| Fault::Broken(error.to_string()))?;
    // Only one holder can sign: credentials about others are looked at by themselves.
    let mut subjects: Vec<&str> = held.iter().filter_map(|(_, one)| claims::subject(one)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut reason = Some("no credential is held".to_owned());
    for subject in subjects {
        let own = held.iter().filter(|(_, one)| claims::subject(one) == Some(subject));
        let (ids, credentials): (Vec<&str>, Vec<Value>) =
            own.map(|(id, one)| (id.as_str(), one.clone())).unzip();
        match pex::matching(&request.definition, &credentials, Some(subject), contexts) {
            Ok(selection) => {
                reason = None;
                for (descriptor, indexes) in selection.candidates {
                    let ids = indexes.into_iter().filter_map(|index| ids.get(index).copied());
                    named.entry(descriptor).or_default().extend(ids);
                }
            }
            Err(error) => reason = reason.map(|_| error.to_string()),
        }
    }
    Ok(json!({ "satisfied": reason.is_none(), "reason": reason, "credentials": named }))
}

fn object(args: &Value) -> Map<String, Value> {
    args.as_object().cloned().unwrap_or_default()
}

fn id_of(args: &Map<String, Value>) -> Result<String, Fault> {
    #[derive(Deserialize)]
    struct ById {
        id: String,
    }
    Ok(command::arguments::<ById>(args)?.id)
}

/// What a peer did wrong, with the code for its generation.
fn refused(error: &Error, version: Version) -> Fault {
    match error.problem_code(version) {
        Some(code) => Fault::refused(code, error.to_string()),
        None => Fault::Broken(error.to_string()),
    }
}

/// What our own caller did wrong.
fn misused(error: Error) -> Fault {
    let is_early_or_late = matches!(error, Error::Unexpected { .. });
    Fault::refused(if is_early_or_late { "not-ready" } else { "invalid" }, error.to_string())
}
