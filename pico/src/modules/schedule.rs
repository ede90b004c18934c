//! `schedule`: events that a ruleset sends its pico later.
//!
//! A ruleset sees its own schedules alone. Beyond the reference, one that is overdue after a
//! restart fires, and `remove` removes one.

use super::{Args, Member, action, arg, function, postlude};
use crate::context::Context;
use crate::cron::Cron;
use crate::fault::Fault;
use crate::id::Eci;
use crate::operations::{krl_text, type_name};
use crate::schedule::{Repeat, SCHEDULES_PER_PICO_MAX, Schedule};
use serde_json::{Map, Value, json};

pub(crate) const MEMBERS: &[Member] = &[
    function("list", &[]),
    function("get", &["id"]),
    action("remove", &["id"]),
    action("clear", &[]),
    postlude("at", &["time", "eci", "domain", "name", "attrs"]),
    postlude("repeat", &["timespec", "eci", "domain", "name", "attrs"]),
];

/// What a member does.
pub(crate) fn call(context: &mut Context, name: &str, args: &Args) -> Result<Value, Fault> {
    match name {
        "list" => Ok(own(context)?.iter().map(shown).collect()),
        "get" => {
            let id = arg(args, "id");
            Ok(own(context)?.iter().find(|one| one.id == *id).map_or(Value::Null, shown))
        }
        "remove" => {
            // `setting(x)` of a schedule statement gives the whole schedule: both are taken.
            let id = match arg(args, "id") {
                Value::Object(schedule) => schedule.get("id").unwrap_or(&Value::Null),
                id @ Value::Null
                | id @ Value::Bool(_)
                | id @ Value::Number(_)
                | id @ Value::String(_)
                | id @ Value::Array(_) => id,
            };
            if let Some(one) = own(context)?.iter().find(|one| one.id == *id) {
                context.schedule_delete(&one.id)?;
            }
            Ok(Value::Null)
        }
        "clear" => {
            for one in own(context)? {
                context.schedule_delete(&one.id)?;
            }
            Ok(Value::Null)
        }
        "at" => at(context, args),
        "repeat" => repeat(context, args),
        _ => Err(Fault::Broken(format!("schedule:{name} is not here"))),
    }
}

/// The schedules of the running ruleset, the oldest first.
fn own(context: &Context) -> Result<Vec<Schedule>, Fault> {
    let rid = context.rid();
    let mut own = context.all_schedules()?;
    own.retain(|one| one.rid.as_ref() == Some(rid));
    own.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(own)
}

/// A schedule as programs see it.
fn shown(schedule: &Schedule) -> Value {
    let event = json!({
        "eci": schedule.eci,
        "domain": schedule.domain,
        "name": schedule.name,
        "data": { "attrs": schedule.attrs },
        "time": 0,
    });
    match &schedule.repeat {
        None => {
            json!({ "id": schedule.id, "type": "at", "time": schedule.due_at, "event": event })
        }
        Some(Repeat::Cron(cron)) => {
            json!({ "id": schedule.id, "type": "repeat", "timespec": cron, "event": event })
        }
        Some(Repeat::EverySeconds(seconds)) => {
            let timespec = format!("every {seconds} seconds");
            json!({ "id": schedule.id, "type": "repeat", "timespec": timespec, "event": event })
        }
    }
}

fn at(context: &mut Context, args: &Args) -> Result<Value, Fault> {
    let time = arg(args, "time");
    let due_at = match time {
        Value::Number(number) => number.as_f64().map(|time| time as i64),
        Value::String(text) => iso_millis(text.trim()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let due_at = due_at.ok_or_else(|| {
        Fault::type_error(format_args!(
            "schedule .. at expected a timestamp but got {}",
            type_name(time)
        ))
    })?;
    add(context, args, due_at, None)
}

/// Reads a time in ISO 8601: unix milliseconds. Without a zone it is UTC.
fn iso_millis(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let (time, zone_minutes) = zone(time)?;
    let mut date = date.splitn(3, '-');
    let year = digits(date.next()?)?;
    let (month, day) = (digits(date.next().unwrap_or("1"))?, digits(date.next().unwrap_or("1"))?);
    let mut time = time.splitn(3, ':');
    let (hours, minutes) = (digits(time.next()?)?, digits(time.next()?)?);
    let (seconds, fraction) = match time.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "0")),
        None => ("0", "0"),
    };
    let seconds = digits(seconds)?;
    let millis = digits(&format!("{fraction:0<3}")[..3])?;
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_date || hours > 24 || minutes > 59 || seconds > 59 {
        return None;
    }
    let minutes = (days(year, month, day) * 24 + hours) * 60 + minutes - zone_minutes;
    Some((minutes * 60 + seconds) * 1000 + millis)
}

/// Splits a time from its zone, in minutes east of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let (time, zone) = time.split_at(at);
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let zone = zone[1..].replace(':', "");
    let (hours, minutes) = (digits(zone.get(..2)?)?, digits(zone.get(2..).unwrap_or("0"))?);
    Some((time, sign * (hours * 60 + minutes)))
}

fn digits(text: &str) -> Option<i64> {
    let is_short = (1..=6).contains(&text.len());
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?.filter(|_| is_short)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

fn repeat(context: &mut Context, args: &Args) -> Result<Value, Fault> {
    let timespec = krl_text(arg(args, "timespec"));
    let invalid = || {
        let text = format_args!("schedule .. repeat expected a cron timespec but got {timespec}");
        Fault::type_error(text)
    };
    let cron = Cron::parse(&timespec).map_err(|_| invalid())?;
    let due_at = cron.next_after(context.now()).ok_or_else(invalid)?;
    add(context, args, due_at, Some(Repeat::Cron(cron)))
}

fn add(
    context: &mut Context,
    args: &Args,
    due_at: i64,
    repeat: Option<Repeat>,
) -> Result<Value, Fault> {
    if context.all_schedules()?.len() >= SCHEDULES_PER_PICO_MAX {
        return Err(Fault::Limit { name: "SCHEDULES_PER_PICO_MAX" });
    }
    let attrs = match arg(args, "attrs") {
        Value::Object(attrs) => attrs.clone(),
        Value::Null => Map::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(Fault::thrown("Expected a JSON map for event.data.attrs"));
        }
    };
    let schedule = Schedule {
        id: format!("c{}", context.fresh_id()),
        domain: krl_text(arg(args, "domain")),
        name: krl_text(arg(args, "name")),
        attrs,
        due_at,
        repeat,
        rid: Some(context.rid().clone()),
        eci: arg(args, "eci").as_str().and_then(|eci| Eci::parse(eci).ok()),
    };
    let shown = shown(&schedule);
    context.schedule_put(schedule)?;
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_iso_forms() {
        for (text, millis) in [
            ("1970-01-01", Some(0)),
            ("2026-12-01T02:47:38.5Z", Some(1_796_093_258_500)),
            ("2026-12-01T03:47:38+01:00", Some(1_796_093_258_000)),
            ("2024-02-29T00:00", Some(1_709_164_800_000)),
            ("soon", None),
            ("2026-13-01", None),
            ("2026-12-01T", None),
            ("é026-12-01T1:é", None),
        ] {
            assert_eq!(iso_millis(text), millis, "{text}");
        }
    }
}
