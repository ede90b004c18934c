//! Wires the protocols and the standard rulesets into picos: thin adaptors, one file each.
//!
//! An adaptor loads the state of a thread, lets the pure machine of `picomesh-protocols` take
//! a step, saves the state and hands on the effects. It holds no protocol rules of its own.

mod basic_message;
mod channel_did;
mod command;
pub mod connection;
pub mod connections;
mod counter;
pub mod credentials;
pub(crate) mod discover_features;
pub mod identity;
pub mod issue_credential;
pub mod login;
mod modules;
pub(crate) mod picolabs;
pub mod present_proof;
mod report_problem;
mod ring;
mod thread;
mod trust_ping;
pub mod wire;

use picomesh_pico::{Pico, Registry, system};
use std::sync::Arc;
use url::Url;

/// What rulesets need to know about the agent that they run in.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where others post envelopes to us.
    pub endpoint: Url,
    /// Where browsers reach us.
    pub public_url: Url,
    /// How the root pico calls itself in invitations, unless the caller says otherwise.
    pub label: String,
}

impl Setting {
    /// How a pico calls itself to strangers: by its name; the root by the agent's.
    fn label_of(&self, pico: &Pico) -> String {
        match pico.parent {
            Some(_) => pico.name.clone(),
            None => self.label.clone(),
        }
    }
}

/// All rulesets of the agent.
pub fn registry(setting: Setting) -> Registry {
    let setting = Arc::new(setting);
    let contexts = Arc::new(picomesh_credentials::Contexts::new());
    let registry = Registry::default()
        .with_standard(system())
        .with_standard(channel_did::ruleset(&setting))
        .with_standard(connections::ruleset(setting.clone()))
        .with_standard(trust_ping::ruleset())
        .with_standard(basic_message::ruleset())
        .with_standard(discover_features::ruleset())
        .with_standard(report_problem::ruleset())
        .with_standard(credentials::ruleset(setting.clone()))
        .with_standard(issue_credential::ruleset(setting.clone()))
        .with_standard(present_proof::ruleset(setting.clone(), contexts))
        .with_standard(login::ruleset(&setting))
        .with_standard(crate::krl::dido::door());
    modules::add(picolabs::add(registry, &setting), &setting).with_installable(counter::counter())
}

/// The registry with the module that conformance programs of pico-engine expect.
pub fn with_test_module(registry: Registry) -> Registry {
    registry.with_module(modules::testing::DOMAIN, modules::testing::module())
}

#[cfg(test)]
mod tests;
