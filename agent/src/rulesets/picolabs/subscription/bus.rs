//! The two ends of relationships, as the pico keeps them: one list for each state.

use super::super::attributes::{Attrs, get, given};
use picomesh_pico::operations::{krl_text, truthy};
use picomesh_pico::{Context, Event, Fault};
use serde_json::Value;

/// The list of those that both sides agreed on.
pub(super) const ESTABLISHED: &str = "established";
/// The list of those that others propose.
pub(super) const INBOUND: &str = "inbound";
/// The list of those that this pico proposes.
pub(super) const OUTBOUND: &str = "outbound";
/// The list of proposals that were withdrawn before they arrived, by their ids.
const WITHDRAWN: &str = "withdrawn";
/// Most withdrawals that are remembered.
const WITHDRAWN_MAX: usize = 100;
/// Most relationships in one list: anybody may propose on a well-known channel.
const BUSES_MAX: usize = 10_000;

/// One end of a relationship: `Id`, `Tx`, `Rx`, `Tx_role`, `Rx_role`, `Tx_host`.
pub(super) type Bus = Attrs;

/// The list of a state.
pub(super) fn buses(context: &Context, state: &str) -> Result<Vec<Bus>, Fault> {
    Ok(context.entity(state)?.unwrap_or_default())
}

/// Adds to the list of a state.
pub(super) fn add(context: &mut Context, state: &str, bus: Bus) -> Result<(), Fault> {
    let mut all = buses(context, state)?;
    if all.len() >= BUSES_MAX {
        return Err(Fault::Limit { name: "BUSES_MAX" });
    }
    all.push(bus);
    context.put(state, &all)
}

/// Removes from the list of a state by id; says whether it was there.
pub(super) fn remove(context: &mut Context, state: &str, id: &Value) -> Result<bool, Fault> {
    let mut all = buses(context, state)?;
    let Some(place) = all.iter().position(|bus| get(bus, "Id") == id) else { return Ok(false) };
    all.remove(place);
    context.put(state, &all)?;
    Ok(true)
}

/// The relationship that an event means: by its id, its channels, or the one it came in by.
pub(super) fn meant(context: &Context, state: &str, event: &Event) -> Result<Option<Bus>, Fault> {
    let all = buses(context, state)?;
    let named = ["Id", "Rx", "Tx"]
        .iter()
        .find_map(|key| given(&event.attrs, key).map(|value| (*key, value.clone())));
    let (key, value) = match (named, &event.eci) {
        (Some(named), _) => named,
        (None, Some(eci)) => ("Rx", Value::from(eci.as_str())),
        (None, None) => return Ok(None),
    };
    Ok(all.into_iter().find(|bus| *get(bus, key) == value))
}

/// The relationship with this id, if it is in this state.
pub(super) fn by_id(context: &Context, state: &str, id: &Value) -> Result<Option<Bus>, Fault> {
    Ok(buses(context, state)?.into_iter().find(|bus| get(bus, "Id") == id))
}

/// Relationships as a list, or those among them with a value under a key.
pub(super) fn listed(all: &[Bus], key: &Value, value: &Value) -> Result<Value, Fault> {
    let by_key = truthy(key) && truthy(value);
    let key = krl_text(key);
    let fits = |bus: &&Bus| !by_key || get(bus, &key) == value;
    Ok(all.iter().filter(fits).cloned().map(Value::Object).collect())
}

/// Remembers that a proposal was withdrawn, in case it is still on its way.
pub(super) fn withdraw(context: &mut Context, id: &Value) -> Result<(), Fault> {
    let mut ids: Vec<Value> = context.entity(WITHDRAWN)?.unwrap_or_default();
    if !id.is_string() || ids.contains(id) {
        return Ok(());
    }
    if ids.len() >= WITHDRAWN_MAX {
        ids.remove(0);
    }
    ids.push(id.clone());
    context.put(WITHDRAWN, &ids)
}

/// Whether a proposal was withdrawn before it arrived.
pub(super) fn is_withdrawn(context: &Context, id: &Value) -> Result<bool, Fault> {
    let ids: Option<Vec<Value>> = context.entity(WITHDRAWN)?;
    Ok(ids.is_some_and(|ids| ids.contains(id)))
}
