//! Family channels: by them a pico, its parent and its children reach each other.
//!
//! Source: pico-engine 1.4. The address follows from the id of the pico that it concerns, so
//! that nobody has to look one up; it need not be secret, as only that relative may use it.

use crate::channel::{Channel, EventPolicy, QueryPolicy};
use crate::fault::Fault;
use crate::id::{Eci, IdError, PicoId};

/// What the address of the channel by which a parent reaches its child ends with.
const CHILD: char = '0';
/// What the address of the channel by which a child reaches its parent ends with.
const PARENT: char = '1';

/// The address by which a pico reaches itself.
pub fn self_eci(pico: &PicoId) -> Result<Eci, Fault> {
    parsed(Eci::parse(pico.as_str()))
}

/// The address by which a child reaches its parent.
pub fn parent_eci(child: &PicoId) -> Result<Eci, Fault> {
    parsed(Eci::parse(&format!("{child}{PARENT}")))
}

/// The address by which a parent reaches its child.
pub fn child_eci(child: &PicoId) -> Result<Eci, Fault> {
    parsed(Eci::parse(&format!("{child}{CHILD}")))
}

/// The child whose address this could be.
pub fn child_of(eci: &str) -> Option<PicoId> {
    PicoId::parse(eci.strip_suffix(CHILD)?).ok()
}

/// The channel by which a pico reaches itself.
pub fn self_channel(pico: &PicoId) -> Result<Channel, Fault> {
    Ok(family(self_eci(pico)?, "self", pico))
}

/// The channel of a parent by which its child reaches it.
pub fn parent_channel(child: &PicoId) -> Result<Channel, Fault> {
    Ok(family(parent_eci(child)?, "parent", child))
}

/// The channel of a child by which its parent reaches it.
pub fn child_channel(child: &PicoId, parent: &PicoId) -> Result<Channel, Fault> {
    Ok(family(child_eci(child)?, "child", parent))
}

fn family(eci: Eci, tag: &str, relative: &PicoId) -> Channel {
    Channel {
        eci,
        tags: vec!["system".into(), tag.into()],
        event_policy: EventPolicy::all(),
        query_policy: QueryPolicy::all(),
        did: None,
        family: Some(relative.clone()),
    }
}

fn parsed(eci: Result<Eci, IdError>) -> Result<Eci, Fault> {
    eci.map_err(|error| Fault::Broken(error.to_string()))
}
