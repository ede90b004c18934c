//! A DID for each channel, made at first use.
//!
//! Channels of connections and invitations have theirs from the start. Any other channel gets
//! one when somebody asks for it; an invitation can then name it.

use super::identity::{self, Kind};
use super::{Setting, command};
use picomesh_pico::{Context, Eci, Event, Fault, Native, Rid};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The ruleset.
pub(super) fn ruleset(setting: &Arc<Setting>) -> Native {
    let endpoint = setting.endpoint.to_string();
    Native::new(Rid::literal("picomesh.channel-did"), "Gives channels their DIDs.").rule(
        "give",
        "channel_did",
        "give",
        move |context, event| give(context, event, &endpoint),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Give {
    eci: Eci,
    /// The generation of DIDComm that the DID is for: 1 (did:peer:4) or 2 (did:peer:2).
    generation: Option<u8>,
}

/// The generation of a DID whose maker does not say.
const GENERATION: u8 = 1;

/// Answers with the DID that the channel has, or makes one.
fn give(context: &mut Context, event: &Event, endpoint: &str) -> Result<(), Fault> {
    let Give { eci, generation } = command::own(event)?;
    let channel = context.channel(&eci)?.ok_or_else(|| Fault::not_found("channel"))?;
    let identity = match (&channel.did, generation.unwrap_or(GENERATION)) {
        (Some(did), _) => identity::load(context, did)?,
        (None, 1) => identity::give(context, Kind::Peer4, endpoint, channel)?,
        (None, 2) => identity::give(context, Kind::Peer2, endpoint, channel)?,
        (None, _) => return Err(Fault::refused("invalid", "generation: 1 or 2")),
    };
    let (did, long_did) = (identity.did, identity.long_did);
    context.directive("did", json!({ "eci": eci, "did": did, "long_did": long_did }));
    Ok(())
}
