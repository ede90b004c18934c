//! Wires the protocols and the standard rulesets into picos: thin adaptors, one file each.
//!
//! An adaptor loads the state of a thread, lets the pure machine of `picomesh-protocols` take
//! a step, saves the state and hands on the effects. It holds no protocol rules of its own.

pub mod connection;
mod counter;
pub mod identity;
pub mod wire;

use picomesh_pico::{Registry, system};
use std::sync::Arc;
use url::Url;

/// What rulesets need to know about the agent that they run in.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Where others post envelopes to us.
    pub endpoint: Url,
    /// Where browsers reach us.
    pub public_url: Url,
    /// How we call ourselves in invitations, unless the caller says otherwise.
    pub label: String,
}

/// All rulesets of the agent.
pub fn registry(setting: Setting) -> Registry {
    let _setting = Arc::new(setting);
    Registry::default()
        .with_standard(system())
        .with_installable(counter::counter())
}
