//! `math`: hashes, base64, rounding.
//!
//! Source: pico-engine-core 1.4 over Node.js and lodash 4.17. `hashFunctions` is the older name of
//! `hashAlgorithms`.

use super::Member;
use super::bytes::Encoding;
use super::digest::{Algorithm, NAMES};
use crate::fault::Fault;
use crate::library::Meter;
use crate::library::arguments::Given;
use crate::value::{self, Array, Text, Value};

/// The largest power of ten that lodash rounds to.
const PRECISION_MAX: f64 = 292.0;

pub(super) fn member(name: &str) -> Option<Member> {
    Some(match name {
        "base64encode" => (&["str", "encoding"], base64encode),
        "base64decode" => (&["str", "encoding"], base64decode),
        "hashAlgorithms" | "hashFunctions" => (&[], |_, _, _| {
            let names = NAMES.iter().map(|name| Value::text(*name));
            Ok(Value::Array(Array::new(names.collect())?))
        }),
        "hash" => (&["algorithm", "str", "encoding"], hash),
        "hmac" => (&["algorithm", "key", "message", "encoding"], hmac),
        "abs" => (&["number"], |given, _, meter| {
            Ok(Value::Number(value::plain_number(given.at(0), meter)?.abs()))
        }),
        "ceiling" => (&["number", "precision"], |given, _, meter| round(given, meter, f64::ceil)),
        "floor" => (&["number", "precision"], |given, _, meter| round(given, meter, f64::floor)),
        "round" => (&["number", "precision"], |given, _, meter| round(given, meter, half_up)),
        "int" => (&["number"], |given, _, meter| {
            Ok(Value::Number(value::plain_number(given.at(0), meter)?.trunc()))
        }),
        _ => return None,
    })
}

/// `null` means UTF-8; what is no text is none of the names.
fn encoding(value: &Value) -> Result<Encoding, Fault> {
    if value.is_null() { Ok(Encoding::Utf8) } else { Encoding::find(&value.as_text()) }
}

fn base64encode(given: Given, _: f64, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    meter.take_text(text.len() * 2)?;
    let bytes = encoding(given.at(1))?.to_bytes(&text);
    Ok(Value::text(Encoding::Base64.to_text(&bytes)))
}

fn base64decode(given: Given, _: f64, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    meter.take_text(text.len() * 2)?;
    let bytes = Encoding::Base64.to_bytes(&text);
    Ok(Value::text(encoding(given.at(1))?.to_text(&bytes)))
}

fn algorithm(function: &str, name: &Value) -> Result<Algorithm, Fault> {
    match name {
        Value::String(name) => Algorithm::find(name).ok_or_else(|| {
            let text = format_args!("math:{function} doesn't recognize the hash algorithm {name}");
            Fault::error(text)
        }),
        other => Err(Fault::type_error(format_args!(
            "math:{function} was given {} instead of a algorithm string",
            other.as_text()
        ))),
    }
}

fn output(function: &str, encoding: &Value, meter: &mut Meter) -> Result<Encoding, Fault> {
    match encoding {
        encoding if !encoding.is_truthy() => Ok(Encoding::Hex),
        Value::String(name) if **name == *"hex" => Ok(Encoding::Hex),
        Value::String(name) if **name == *"base64" => Ok(Encoding::Base64),
        other => Err(Fault::error(format_args!(
            "math:{function} encoding must be \"hex\" or \"base64\" but was {}",
            value::property_key(other, meter)?
        ))),
    }
}

fn hash(given: Given, _: f64, meter: &mut Meter) -> Result<Value, Fault> {
    let algorithm = algorithm("hash", given.at(0))?;
    let output = output("hash", given.at(2), meter)?;
    let text = given.text(1);
    meter.spend(10 + text.len() as u64 / 16)?;
    Ok(Value::text(output.to_text(&algorithm.hash(&[text.as_bytes()]))))
}

fn hmac(given: Given, _: f64, meter: &mut Meter) -> Result<Value, Fault> {
    let Some(key) = given.at(1).as_str() else {
        return Err(Fault::error("math:hmac needs a key string"));
    };
    let algorithm = algorithm("hmac", given.at(0))?;
    let output = output("hmac", given.at(3), meter)?;
    let message: Text = given.at(2).to_text();
    meter.spend(10 + (key.len() + message.len()) as u64 / 16)?;
    let Some(code) = algorithm.hmac(key.as_bytes(), message.as_bytes()) else {
        return Err(Fault::error("error:00000000:lib(0)::reason(0)"));
    };
    Ok(Value::text(output.to_text(&code)))
}

/// JavaScript's `Math.round`: halves go up.
fn half_up(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 { floor + 1.0 } else { floor }
}

/// Rounds at a power of ten; the number is moved there as text, as lodash does, so that 1.005 is
/// what it looks like.
fn round(given: Given, meter: &mut Meter, round: fn(f64) -> f64) -> Result<Value, Fault> {
    let number = match given.at(0) {
        Value::Array(array) if array.items().len() > 1 => f64::NAN,
        value => value::plain_number(value, meter)?,
    };
    let precision = match given.at(1) {
        precision if precision.is_null() => 0.0,
        precision => value::plain_number(precision, meter)?.trunc().min(PRECISION_MAX),
    };
    if precision == 0.0 || precision.is_nan() || !number.is_finite() {
        return Ok(Value::Number(round(number)));
    }
    let moved = shift(round(shift(number, precision)), -precision);
    Ok(Value::Number(moved))
}

fn shift(number: f64, places: f64) -> f64 {
    let text = value::number_text(number);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = value::parse_number(exponent) + places;
    value::parse_number(&format!("{digits}e{}", value::number_text(exponent)))
}
