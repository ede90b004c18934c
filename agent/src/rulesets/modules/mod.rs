//! Modules of KRL that need keys: `dido` (DIDComm v2) and `ursa` (DIDComm v1).
//!
//! They act with the state of the ruleset that calls them.

mod dido;
pub(crate) mod testing;
mod ursa;

use super::Setting;
use picomesh_pico::{Registry, Rid};
use std::sync::Arc;

/// Adds them.
pub(super) fn add(registry: Registry, setting: &Arc<Setting>) -> Registry {
    let (dido, ursa) = (Rid::literal("dido"), Rid::literal("ursa"));
    registry
        .with_module("dido", dido::module(dido, setting))
        .with_module("ursa", ursa::module(ursa))
}
