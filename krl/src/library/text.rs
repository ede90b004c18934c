//! Operators on text that need no pattern. Places and lengths are UTF-16 units.
//!
//! Source: krl-stdlib 1.4.

use super::arguments::Given;
use super::{Meter, bits};
use crate::fault::Fault;
use crate::value::{Text, Value, is_blank, utf16};

pub(super) fn chr(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    let Some(code) = given.number(0) else { return Ok(Value::Null) };
    let unit = bits::to_int32(code) as u32 & 0xFFFF;
    // Half a surrogate pair is no text here.
    let c = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
    Ok(Value::text(c.to_string()))
}

pub(super) fn ord(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    let unit = text.encode_utf16().next();
    Ok(unit.map_or(Value::Null, |unit| Value::Number(f64::from(unit))))
}

pub(super) fn capitalize(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    let mut rest = text.chars();
    let Some(first) = rest.next() else { return Ok(Value::text("")) };
    meter.take_text(text.len())?;
    // JavaScript takes the first unit: half a pair has no capital.
    if first > '\u{FFFF}' {
        return Ok(Value::text(&*text));
    }
    Ok(Value::text(first.to_uppercase().collect::<String>() + rest.as_str()))
}

pub(super) fn lc(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    meter.take_text(text.len())?;
    Ok(Value::text(text.to_lowercase()))
}

pub(super) fn uc(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    meter.take_text(text.len())?;
    Ok(Value::text(text.to_uppercase()))
}

pub(super) fn substr(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    let Some(start) = given.number(1) else { return Ok(Value::text(&*text)) };
    meter.take_text(text.len())?;
    let length = utf16::length(&text) as f64;
    if start > length {
        return Ok(Value::text(""));
    }
    let end = match given.number(2) {
        None => length,
        Some(count) if count > 0.0 => start + count,
        Some(count) => length + count,
    };
    // As `substring`: within the text, whole, and the smaller one first.
    let place = |place: f64| place.trunc().clamp(0.0, length) as usize;
    let (start, end) = (place(start), place(end));
    Ok(Value::text(&*utf16::slice(&text, start.min(end), start.max(end))))
}

pub(super) fn trim_leading(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    part(&given, meter, |text| text.trim_start_matches(is_blank))
}

pub(super) fn trim_trailing(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    part(&given, meter, |text| text.trim_end_matches(is_blank))
}

pub(super) fn trim(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    part(&given, meter, |text| text.trim_matches(is_blank))
}

fn part(given: &Given, meter: &mut Meter, cut: fn(&str) -> &str) -> Result<Value, Fault> {
    let text = given.text(0);
    meter.take_text(text.len())?;
    Ok(Value::String(Text::from(cut(&text))))
}

pub(super) fn starts_with(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(Value::Boolean(given.text(0).starts_with(&*given.text(1))))
}

pub(super) fn ends_with(given: Given, _: &mut Meter) -> Result<Value, Fault> {
    Ok(Value::Boolean(given.text(0).ends_with(&*given.text(1))))
}

pub(super) fn contains(given: Given, meter: &mut Meter) -> Result<Value, Fault> {
    let text = given.text(0);
    meter.spend(text.len() as u64 / 64)?;
    Ok(Value::Boolean(text.contains(&*given.text(1))))
}
