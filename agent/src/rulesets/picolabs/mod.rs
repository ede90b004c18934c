//! The rulesets that programs written for pico-engine expect on every pico, in Rust.
//!
//! Source: the standard rulesets of pico-engine 1.4: their ids, events, attributes, queries,
//! functions and actions. A fresh pico costs few rows, as a child is made whole by its parent
//! and whatever follows from its id is not stored. Absent on purpose: their text; a program
//! that looks at `krl` of one of them finds a remark.

mod attributes;
mod child;
mod did_o;
mod engine_ui;
mod pds;
mod subscription;
mod wrangler;

pub(crate) use child::root;

use super::Setting;
use picomesh_pico::{Context, Fault, Native, Registry};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Id of the ruleset behind the developer's pages.
const ENGINE_UI: &str = "io.picolabs.pico-engine-ui";
/// Id of the ruleset through which a pico is managed.
const WRANGLER: &str = "io.picolabs.wrangler";
/// Id of the ruleset of relationships between picos.
const SUBSCRIPTION: &str = "io.picolabs.subscription";
/// Id of the ruleset that speaks DIDComm.
const DID_O: &str = "io.picolabs.did-o";
/// Id of the ruleset that keeps a pico's data.
const PDS: &str = "io.picolabs.pds";

type Function = fn(&mut Context, &Map<String, Value>) -> Result<Value, Fault>;

/// Adds all of them.
pub(super) fn add(registry: Registry, setting: &Arc<Setting>) -> Registry {
    registry
        .with_standard(engine_ui::ruleset())
        .with_standard(wrangler::ruleset(setting))
        .with_standard(pds::ruleset())
        .with_standard(subscription::ruleset(setting))
        .with_standard(did_o::ruleset(setting))
}

/// A function that is shared and provided.
fn offer(
    native: Native,
    name: &'static str,
    parameters: &'static [&'static str],
    function: Function,
) -> Native {
    native.query_with(name, parameters, function).provides(name, parameters, function)
}

#[cfg(test)]
mod tests;
