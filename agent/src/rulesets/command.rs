//! What an operator, or another ruleset of the pico, asks of a ruleset: who may, and with what.

use picomesh_pico::{Event, Fault, Origin};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Rows of a listing when the caller does not say how many.
pub(super) const ROWS_DEFAULT: u32 = 100;

/// The attributes of a command of our own; refuses everybody else.
pub(super) fn own<T: DeserializeOwned>(event: &Event) -> Result<T, Fault> {
    if !event.is_own() {
        return Err(Fault::refused("forbidden", "only the operator may do this"));
    }
    arguments(&event.attrs)
}

/// The result of a job and the job's id; refuses events that only look like one.
pub(super) fn result<T: DeserializeOwned>(event: &Event) -> Result<(T, String), Fault> {
    let Origin::Job(id) = &event.origin else {
        return Err(Fault::refused("forbidden", "only the result of a job may do this"));
    };
    let result = serde_json::from_value(Value::Object(event.attrs.clone()));
    let result = result.map_err(|error| Fault::Broken(error.to_string()))?;
    Ok((result, id.clone()))
}

/// The arguments of a command or a query.
pub(super) fn arguments<T: DeserializeOwned>(map: &Map<String, Value>) -> Result<T, Fault> {
    serde_json::from_value(Value::Object(map.clone()))
        .map_err(|error| Fault::refused("invalid", error.to_string()))
}

/// A JSON object as attributes; anything else has none.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
