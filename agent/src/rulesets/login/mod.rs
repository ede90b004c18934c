//! `picomesh.login`: the OpenID provider of the root pico.
//!
//! Source: the crate `picomesh-login`, which holds every rule of the protocol; OIDC Core,
//! promise P24. Each step of a login is one turn, so a session and its code record are
//! committed together, and a code is good once because turns of a pico are serial and durable.
//!
//! | entity | holds |
//! |---|---|
//! | `client/<id>`, `policy/<id>` | who may ask, and what proves what |
//! | `keys` | signing keys and the secret behind `sub` |
//! | `session/<sid>`, `thread/<hash>` | a login under way, and the way to it from its thread |
//! | `code/<fingerprint>`, `access/<fingerprint>` | what was handed out |
//! | `logout/<sid claim>` | the access token that a logout revokes |
//! | `due/<seconds>/<key>` | what ends or is forgotten, and when |
//!
//! The proof itself is asked for and checked by `picomesh.present-proof`. Absent on purpose:
//! HTTP and HTML (the doors in `http/login`), and key generation, which is too slow for a turn.

mod authority;
mod clients;
mod due;
mod open;
mod proof;
mod session;
mod show;
mod start;
mod token;

#[cfg(test)]
mod tests;

use super::Setting;
use authority::Authority;
use picomesh_login::Fingerprint;
use picomesh_pico::{Context, Event, Fault, Native, Rid};
use serde_json::{Map, Value};
use std::sync::Arc;

pub use start::{StartError, start};

/// Id of the ruleset.
pub const RID: &str = "picomesh.login";

type Rule = fn(&Authority, &mut Context, &Event) -> Result<(), Fault>;
type Answer = fn(&Authority, &mut Context, &Map<String, Value>) -> Result<Value, Fault>;

/// The ruleset.
pub fn ruleset(setting: &Setting) -> Native {
    let authority = Arc::new(Authority::new(setting));
    let rule = |rule: Rule| {
        let authority = authority.clone();
        move |context: &mut Context, event: &Event| rule(&authority, context, event)
    };
    let answer = |answer: Answer| {
        let authority = authority.clone();
        move |context: &mut Context, args: &Map<String, Value>| answer(&authority, context, args)
    };
    let what = "Logs people in to applications by a credential (OpenID Connect).";
    Native::new(Rid::literal(RID), what)
        .rule("put_keys", "login", "put_keys", rule(authority::put_keys))
        .rule("configure", "login", "configure", rule(clients::configure))
        .rule("put_client", "login", "put_client", rule(clients::put_client))
        .rule("delete_client", "login", "delete_client", rule(clients::delete_client))
        .rule("put_policy", "login", "put_policy", rule(clients::put_policy))
        .rule("delete_policy", "login", "delete_policy", rule(clients::delete_policy))
        .rule("open", "login", "open", rule(open::open))
        .rule("scanned", "login", "scanned", rule(session::scanned))
        .rule("continue", "login", "continue", rule(session::go_on))
        .rule("cancel", "login", "cancel", rule(session::cancel))
        .rule("presented", "didcomm_present_proof", "presentation", rule(proof::presented))
        .rule("verified", "present_proof", "verified", rule(proof::verified))
        .rule("rejected", "present_proof", "rejected", rule(proof::rejected))
        .rule("abandoned", "present_proof", "abandoned", rule(proof::abandoned))
        .rule("token", "login", "token", rule(token::token))
        .rule("end_session", "login", "end_session", rule(token::end_session))
        .rule("sweep", "login", "sweep", rule(due::sweep))
        .query("ready", answer(authority::is_ready))
        .query("discovery", answer(clients::discovery))
        .query("jwks", answer(authority::jwks))
        .query("session", answer(show::page))
        .query("status", answer(show::status))
        .query("invitation", answer(show::invitation))
        .query("access", answer(token::access))
        .query("clients", answer(clients::clients))
        .query("client", answer(clients::client))
        .query("policies", answer(clients::policies))
        .query("policy", answer(clients::policy))
}

/// The name of the directive that says that the state of a session changed. Who listens to the
/// engine's feed learns from it that there is something to ask for, and nothing else.
#[must_use]
pub fn state_note(sid: &str) -> String {
    format!("login-state:{}", fingerprint_text(&Fingerprint::of(sid)))
}

fn fingerprint_text(fingerprint: &Fingerprint) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(fingerprint.as_bytes())
}

/// The time of the turn in Unix seconds.
fn now(context: &Context) -> u64 {
    u64::try_from(context.now() / 1000).unwrap_or(0)
}

/// Only the doors, the operator and rules of this pico may move a login.
fn own(event: &Event) -> Result<(), Fault> {
    match event.is_own() {
        true => Ok(()),
        false => Err(Fault::refused("forbidden", "only the engine may do this")),
    }
}

fn required<'a>(event: &'a Event, name: &str) -> Result<&'a str, Fault> {
    let missing = || Fault::refused("invalid", format!("{name} must be text"));
    event.text(name).ok_or_else(missing)
}
