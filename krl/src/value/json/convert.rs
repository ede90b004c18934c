//! Values from and to the JSON values of the rest of the program.

use super::write::is_dropped;
use crate::fault::Fault;
use crate::library::Meter;
use crate::value::{Array, DEPTH_MAX, Map, Text, Value};
use serde_json::Value as Json;

/// About what a JSON value takes.
const JSON_BYTES: usize = 80;
/// Largest whole number that JSON values hold as one: JavaScript's largest safe integer.
const INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

/// A value of a JSON value. Refused when it nests deeper than [`DEPTH_MAX`].
pub fn from_json(json: &Json) -> Result<Value, Fault> {
    from_json_at(json, 0)
}

/// Recursion is bounded: by [`DEPTH_MAX`] here, and less by whoever parsed the JSON.
fn from_json_at(json: &Json, depth: u32) -> Result<Value, Fault> {
    if depth > DEPTH_MAX {
        return Err(Fault::Limit("DEPTH_MAX"));
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => {
            let items: Result<_, _> =
                items.iter().map(|item| from_json_at(item, depth + 1)).collect();
            Value::Array(Array::new(items?)?)
        }
        Json::Object(entries) => {
            let entry = |(key, item): (&String, &Json)| {
                Ok((Text::from(key.as_str()), from_json_at(item, depth + 1)?))
            };
            let entries: Result<Vec<_>, Fault> = entries.iter().map(entry).collect();
            Value::Map(Map::new(entries?)?)
        }
    })
}

/// The JSON value that leaves the engine, as [`answer`](super::answer) writes it; `None` when
/// nothing is left.
pub fn to_json(value: &Value, meter: &mut Meter) -> Result<Option<Json>, Fault> {
    if is_dropped(value) {
        return Ok(None);
    }
    let mut bytes = 0;
    let json = to_json_at(value, &mut bytes, meter)?;
    meter.allocate(bytes)?;
    Ok(Some(json))
}

/// Recursion is bounded: values nest no deeper than [`DEPTH_MAX`].
fn to_json_at(value: &Value, bytes: &mut usize, meter: &mut Meter) -> Result<Json, Fault> {
    *bytes += JSON_BYTES + value.as_str().map_or(0, str::len);
    meter.fits(*bytes)?;
    meter.spend(1)?;
    Ok(match value {
        Value::Undefined | Value::Null | Value::Callable(_) => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Number(number) => number_to_json(*number),
        Value::String(text) => Json::String(text.to_string()),
        Value::RegExp(_) => Json::Object(serde_json::Map::new()),
        Value::Array(array) => {
            let mut items = Vec::with_capacity(array.items().len());
            for item in array.items() {
                items.push(to_json_at(item, bytes, meter)?);
            }
            Json::Array(items)
        }
        Value::Map(map) => {
            let mut entries = serde_json::Map::new();
            for (key, item) in map.iter().filter(|(_, item)| !is_dropped(item)) {
                *bytes += key.len();
                entries.insert(key.to_string(), to_json_at(item, bytes, meter)?);
            }
            Json::Object(entries)
        }
    })
}

/// Whole numbers stay whole, so that they print without a point.
fn number_to_json(number: f64) -> Json {
    if number.fract() == 0.0 && number.abs() <= INTEGER_MAX {
        return Json::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::json::{decode, encode};

    #[test]
    fn the_deepest_value_is_converted_and_compared() {
        let meter = &mut Meter { fuel: 1_000_000, allocated: 0, heap_max: 1 << 20 };
        let depth = DEPTH_MAX as usize;
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let value = decode(&text, meter).unwrap().unwrap();
        let json = to_json(&value, meter).unwrap().unwrap();
        let again = from_json(&json).unwrap();
        assert!(crate::value::equal(&value, &again, meter).unwrap());
        assert_eq!(encode(&again, 0, meter).unwrap(), text);
        assert!(from_json(&Json::Array(vec![json])).is_err());
    }

    #[test]
    fn what_leaves_has_nothing_undefined_in_maps() {
        let meter = &mut Meter { fuel: 1_000, allocated: 0, heap_max: 1 << 20 };
        let value = decode(r#"{"a":null,"b":[null,1,1.5,-0,1e400]}"#, meter).unwrap().unwrap();
        let json = to_json(&value, meter).unwrap().unwrap();
        assert_eq!(json.to_string(), r#"{"a":null,"b":[null,1,1.5,0,null]}"#);
        assert_eq!(to_json(&Value::Null, meter).unwrap(), Some(Json::Null));
        assert_eq!(to_json(&Value::Undefined, meter).unwrap(), None);
        let undefined = Array::new(vec![Value::Undefined]).unwrap();
        let entries = [("a", Value::Undefined), ("b", Value::Array(undefined))];
        let map = Map::new(entries.map(|(key, value)| (Text::from(key), value))).unwrap();
        let json = to_json(&Value::Map(map), meter).unwrap().unwrap();
        assert_eq!(json.to_string(), r#"{"b":[null]}"#);
    }
}
