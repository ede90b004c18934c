//! `time`: the present, and points in time as ISO 8601 text.
//!
//! Source: pico-engine-core 1.4 over moment 2.29. Mended: `now({"tz": zone})` answers in that zone
//! with its offset, and `strftime(date, format, {"tz": zone})` prints in it; the reference ignores
//! both. A zone that nobody knows is passed over, as there. Text that names no zone is UTC, where
//! the reference takes the zone of its machine.

use super::strftime::{self, Wall};
use super::{Member, iso};
use crate::fault::Fault;
use crate::library::arguments::Given;
use crate::library::{Meter, path};
use crate::value::{self, Map, Value};
use chrono::{DateTime, Months, SecondsFormat, Utc};
use chrono_tz::Tz;

pub(super) fn member(name: &str) -> Option<Member> {
    Some(match name {
        "now" => (&["opts"], now),
        "new" => (&["date"], new),
        "add" => (&["date", "spec"], add),
        "strftime" => (&["date", "fmt", "opts"], format),
        _ => return None,
    })
}

fn out_of_range() -> Fault {
    Fault::Thrown("RangeError: Invalid time value".into())
}

/// The zone that options name.
fn zone(options: &Value) -> Option<Tz> {
    let name = path::member(options, &Value::text("tz"));
    if name.is_truthy() { name.as_text().parse().ok() } else { None }
}

fn now(given: Given, now_ms: f64, _: &mut Meter) -> Result<Value, Fault> {
    let options = given.at(0);
    if options.is_truthy() && !matches!(options, Value::Map(_)) {
        return Err(Fault::type_error(format_args!(
            "time:now was given {} instead of an opts map",
            options.as_text()
        )));
    }
    let text = match zone(options) {
        Some(zone) => iso::utc(now_ms)
            .map(|time| time.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Millis, false)),
        None => iso::write(now_ms),
    };
    text.map(Value::text).ok_or_else(out_of_range)
}

/// Reads the date that a function was given.
fn read(function: &str, date: &Value, now_ms: f64) -> Result<f64, Fault> {
    if !date.is_truthy() {
        return Err(Fault::error(format_args!("time:{function} needs a date string")));
    }
    let text = date.as_text();
    iso::read(&text, now_ms).ok_or_else(|| match date {
        Value::String(_) => {
            Fault::error(format_args!("time:{function} was given an invalid date string ({text})"))
        }
        _ => {
            let text = format_args!("time:{function} was given {text} instead of a date string");
            Fault::type_error(text)
        }
    })
}

fn new(given: Given, now_ms: f64, _: &mut Meter) -> Result<Value, Fault> {
    let ms = match given.at(0) {
        Value::Number(ms) if ms.is_finite() && *ms != 0.0 => ms.trunc(),
        date => read("new", date, now_ms)?,
    };
    iso::write(ms).map(Value::text).ok_or_else(out_of_range)
}

fn add(given: Given, now_ms: f64, meter: &mut Meter) -> Result<Value, Fault> {
    let (date, spec) = (given.at(0), given.at(1));
    if date.is_truthy() && !spec.is_truthy() {
        return Err(Fault::error("time:add needs a spec map"));
    }
    let ms = read("add", date, now_ms)?;
    let Value::Map(spec) = spec else {
        return Err(Fault::type_error(format_args!(
            "time:add was given {} instead of a spec map",
            spec.as_text()
        )));
    };
    let sum = iso::utc(ms).zip(Some(Span::read(spec, meter)?)).and_then(|(at, span)| span.add(at));
    Ok(sum.and_then(iso::write).map_or(Value::Null, Value::text))
}

/// What is added: months keep to the length of the month, all else is time.
struct Span {
    months: f64,
    days: f64,
    ms: f64,
}

/// Units by the names that moment knows: how many months, days or milliseconds each is.
const UNITS: [(&[&str], [f64; 3]); 9] = [
    (&["year", "years", "y"], [12.0, 0.0, 0.0]),
    (&["quarter", "quarters", "Q", "q"], [3.0, 0.0, 0.0]),
    (&["month", "months", "M"], [1.0, 0.0, 0.0]),
    (&["week", "weeks", "w", "isoweek", "isoweeks", "W"], [0.0, 7.0, 0.0]),
    (&["day", "days", "d"], [0.0, 1.0, 0.0]),
    (&["hour", "hours", "h"], [0.0, 0.0, 3_600_000.0]),
    (&["minute", "minutes", "m"], [0.0, 0.0, 60_000.0]),
    (&["second", "seconds", "s"], [0.0, 0.0, 1000.0]),
    (&["millisecond", "milliseconds", "ms"], [0.0, 0.0, 1.0]),
];

impl Span {
    fn read(spec: &Map, meter: &mut Meter) -> Result<Self, Fault> {
        let mut counts = [0.0; UNITS.len()];
        for (name, count) in spec.iter() {
            meter.spend(1)?;
            let find = |name: &str| UNITS.iter().position(|(names, _)| names.contains(&name));
            let unit = find(name).or_else(|| find(&name.to_ascii_lowercase()));
            let Some(unit) = unit else { continue };
            let is_given = count.is_truthy();
            counts[unit] = if is_given { value::plain_number(count, meter)? } else { 0.0 };
        }
        let total = |column: usize| {
            counts.iter().zip(UNITS).map(move |(count, (_, unit))| {
                if unit[column] == 0.0 { 0.0 } else { count * unit[column] }
            })
        };
        // What is no number adds nothing.
        let sum = |column: usize| Some(total(column).sum()).filter(|sum: &f64| !sum.is_nan());
        let whole = |column: usize| sum(column).unwrap_or(0.0).round();
        Ok(Self { months: whole(0), days: whole(1), ms: sum(2).unwrap_or(0.0) })
    }

    fn add(&self, at: DateTime<Utc>) -> Option<f64> {
        let months = Months::new(self.months.abs() as u32);
        let at = if self.months < 0.0 {
            at.checked_sub_months(months)?
        } else {
            at.checked_add_months(months)?
        };
        let sum = at.timestamp_millis() as f64 + self.days * 86_400_000.0 + self.ms;
        Some(sum.trunc())
    }
}

fn format(given: Given, now_ms: f64, meter: &mut Meter) -> Result<Value, Fault> {
    let (date, format) = (given.at(0), given.at(1));
    if date.is_truthy() && !format.is_truthy() {
        return Err(Fault::error("time:strftime needs a fmt string"));
    }
    let ms = read("strftime", date, now_ms)?;
    let Some(format) = format.as_str() else {
        return Err(Fault::type_error(format_args!(
            "time:strftime was given {} instead of a fmt string",
            format.as_text()
        )));
    };
    meter.take_text(format.len().saturating_mul(16))?;
    let time = iso::utc(ms).ok_or_else(out_of_range)?;
    let wall = match zone(given.at(2)) {
        Some(zone) => {
            let time = time.with_timezone(&zone);
            Wall { time: time.fixed_offset(), zone: time.format("%Z").to_string() }
        }
        None => Wall { time: time.fixed_offset(), zone: "Coordinated Universal Time".into() },
    };
    Ok(Value::text(strftime::write(format, &wall)))
}
