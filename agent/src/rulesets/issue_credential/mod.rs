//! Issue Credential 2.0 of a pico: offers, requests and credentials, in both roles.
//!
//! The protocol is in `picomesh_protocols::issue_credential`, the credentials are in
//! `picomesh_credentials`. Here an exchange is loaded, takes a step, is saved, and its effects
//! become messages and jobs.
//!
//! Commands (events of the domain `issue_credential`, own ones only): `send_offer`,
//! `accept_proposal`, `issue`; `send_proposal`, `send_request`, `accept_offer`; `decline`,
//! `delete`, `configure`. Each answers with the directive `exchange`.
//! Told to other rulesets: `issue_credential:changed` `{id, role, state, …}`.
//!
//! Absent on purpose: other formats than JSON-LD with proof (RFC 0593).

mod commands;
mod holder;
mod issuer;
mod record;

use super::Setting;
use super::command;
use super::credentials::next;
use super::thread::Attached;
use super::wire::Inbound;
use picomesh_didcomm as didcomm;
use picomesh_didcomm::Version;
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use picomesh_protocols::issue_credential::{Error, Message};
use record::Exchange;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The id of the ruleset.
pub const RID: &str = "picomesh.issue-credential";
/// The domain of its commands and of what it tells.
const DOMAIN: &str = "issue_credential";

/// What a pico does by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Config {
    /// Requests what connected issuers offer, without asking; off by default.
    auto_accept_offers: Option<bool>,
}

/// The ruleset.
pub(super) fn ruleset(setting: Arc<Setting>) -> Native {
    type Rule = fn(&mut Context, &Setting, &Event) -> Result<(), Fault>;
    let rules: [(&str, Rule); 11] = [
        ("send_offer", commands::send_offer),
        ("accept_proposal", commands::accept_proposal),
        ("issue", commands::issue),
        ("send_proposal", commands::send_proposal),
        ("send_request", commands::send_request),
        ("accept_offer", commands::accept_offer),
        ("decline", commands::decline),
        ("delete", commands::delete),
        ("configure", configure),
        ("signed", issuer::signed),
        ("checked", holder::checked),
    ];
    let (received, attached) = (setting.clone(), setting.clone());
    let mut ruleset = Native::new(Rid::literal(RID), "Issues and receives credentials (RFC 0453).")
        .rule("receive", "didcomm_issue_credential", "*", move |context, event| {
            receive(context, &received, event)
        })
        .rule("receive_attached", "attached", DOMAIN, move |context, event| {
            receive_attached(context, &attached, event)
        })
        .query("exchanges", exchanges)
        .query("exchange", |context, args| Ok(Exchange::load(context, &id_of(args)?)?.shown()))
        .query("issued", |context, args| {
            Ok(json!(context.entity::<Value>(&format!("issued/{}", id_of(args)?))?))
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
        Message::Propose(_) | Message::Request(_) | Message::Ack(_) => {
            issuer::receive(context, setting, &inbound, message)?;
        }
        Message::Offer(_) | Message::Issue(_) => {
            holder::receive(context, setting, &inbound, message)?;
        }
        // Row 39 of the bad inputs: a report about a thread that we do not know changes nothing.
        Message::Problem(_) => {
            let is_ours = issuer::is_known(context, &inbound)?;
            if is_ours {
                issuer::receive(context, setting, &inbound, message)?;
            } else if holder::is_known(context, &inbound)? {
                holder::receive(context, setting, &inbound, message)?;
            }
        }
    }
    Ok(())
}

/// An offer that a received invitation brought along.
fn receive_attached(context: &mut Context, setting: &Setting, event: &Event) -> Result<(), Fault> {
    let attached: Attached = command::own(event)?;
    let invalid = |error: String| Fault::refused("invalid", error);
    let message = didcomm::Message::from_fields(attached.message.clone())
        .map_err(|error| invalid(error.to_string()))?;
    let offer = Message::read(&message).map_err(|error| invalid(error.to_string()))?;
    holder::receive_attached(context, setting, &attached, &message, offer)
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
