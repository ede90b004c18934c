//! Points in time as text, by ISO 8601.
//!
//! Source: moment 2.29 (`moment.ISO_8601`) for what is read, ECMA-262 §21.4 for what is written.
//! A point in time is a number of milliseconds since 1970. Years beyond ±262,000 are absent.

use chrono::{DateTime, Datelike, IsoWeek, NaiveDate, Utc, Weekday};

const DAY_MS: f64 = 86_400_000.0;
/// The last point in time of JavaScript.
const TIME_MAX: f64 = 8.64e15;

/// The date and time in UTC; `None` beyond what dates reach.
pub(super) fn utc(ms: f64) -> Option<DateTime<Utc>> {
    if ms.is_nan() || ms.abs() > TIME_MAX {
        return None;
    }
    DateTime::from_timestamp_millis(ms as i64)
}

/// `2010-08-08T05:00:00.000Z`
pub(super) fn write(ms: f64) -> Option<String> {
    let time = utc(ms)?;
    let year = match time.year() {
        year @ 0..=9999 => format!("{year:04}"),
        year => format!("{}{:06}", if year < 0 { '-' } else { '+' }, year.abs()),
    };
    Some(format!("{year}{}", time.format("-%m-%dT%H:%M:%S%.3fZ")))
}

/// Reads a date with or without a time, or a time of today. What names no zone is UTC.
pub(super) fn read(text: &str, now_ms: f64) -> Option<f64> {
    let today = || Some(write(now_ms)?.split_once('T')?.0.to_owned());
    read_one(text)
        .or_else(|| read_one(&format!("{}T{text}", today()?)))
        .or_else(|| read_one(&format!("{}T{text}", today()?.replace('-', ""))))
}

fn read_one(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(crate::value::is_blank);
    let is_ascii_word = text.is_ascii();
    let (date, rest) = match text.find(['T', ' ']) {
        Some(place) if is_ascii_word => (&text[..place], &text[place + 1..]),
        Some(_) => return None,
        None => (text, ""),
    };
    let has_time = date.len() < text.len();
    let (day, is_extended, may_have_time) = read_date(date)?;
    if !has_time {
        return Some(day);
    }
    if !may_have_time {
        return None;
    }
    let end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let time = if zone == "Z" { time.trim_end_matches(crate::value::is_blank) } else { time };
    Some(day + read_time(time, is_extended)? - read_zone(zone)?)
}

/// The digits of a part, as a number.
fn number(text: &str, count: usize) -> Option<u32> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The date, whether it is written with hyphens, and whether a time may follow.
fn read_date(text: &str) -> Option<(f64, bool, bool)> {
    let (sign, text) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => (0, text),
    };
    let (year, rest) = text.split_at_checked(if sign == 0 { 4 } else { 6 })?;
    let year = number(year, year.len())? as i32 * if sign < 0 { -1 } else { 1 };
    let is_extended = rest.starts_with('-');
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let day = |date: NaiveDate, may_have_time| {
        let days = date.signed_duration_since(NaiveDate::default()).num_days();
        Some((days as f64 * DAY_MS, is_extended, may_have_time))
    };
    if let Some(week) = rest.strip_prefix('W') {
        let (week, weekday) = week.split_at_checked(2)?;
        let weekday =
            if is_extended && !weekday.is_empty() { weekday.strip_prefix('-')? } else { weekday };
        let weekday = if weekday.is_empty() { None } else { Some(number(weekday, 1)?) };
        let date = week_date(year, number(week, 2)?, weekday.unwrap_or(1))?;
        return day(date, weekday.is_some());
    }
    match (rest.len(), is_extended) {
        (0, false) => day(NaiveDate::from_ymd_opt(year, 1, 1)?, false),
        (2, _) => day(NaiveDate::from_ymd_opt(year, number(rest, 2)?, 1)?, false),
        (3, _) => day(NaiveDate::from_yo_opt(year, number(rest, 3)?)?, true),
        (4, false) | (5, true) => {
            let (month, date) = rest.split_at_checked(2)?;
            let date = if is_extended { date.strip_prefix('-')? } else { date };
            day(NaiveDate::from_ymd_opt(year, number(month, 2)?, number(date, 2)?)?, true)
        }
        _ => None,
    }
}

fn week_date(year: i32, week: u32, weekday: u32) -> Option<NaiveDate> {
    let weekday = Weekday::try_from(u8::try_from(weekday.checked_sub(1)?).ok()?).ok()?;
    let date = NaiveDate::from_isoywd_opt(year, week, weekday)?;
    let is_same = |found: IsoWeek| found.week() == week;
    is_same(date.iso_week()).then_some(date)
}

/// `05`, `05:00`, `05:00:00`, `05:00:00.123`, or without colons.
fn read_time(text: &str, is_extended: bool) -> Option<f64> {
    let (whole, fraction) = match text.find(['.', ',']) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    };
    let parts: Vec<&str> = if is_extended {
        whole.split(':').collect()
    } else {
        let pair = |start: usize| whole.get(start..start + 2).unwrap_or("");
        (0..whole.len()).step_by(2).map(pair).collect()
    };
    let part = |place: usize| parts.get(place).map_or(Some(0), |part| number(part, 2));
    let (hour, minute, second) = (part(0)?, part(1)?, part(2)?);
    if parts.is_empty() || parts.len() > 3 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = match fraction {
        Some(digits) if parts.len() == 3 && !digits.is_empty() => {
            number(digits, digits.len().min(9)).or_else(|| number(&digits[..9], 9))?;
            (format!("0.{digits}").parse::<f64>().ok()? * 1000.0).trunc()
        }
        Some(_) => return None,
        None => 0.0,
    };
    let ms = f64::from(hour * 3600 + minute * 60 + second) * 1000.0 + fraction;
    (ms <= DAY_MS).then_some(ms)
}

/// The offset in milliseconds: `Z`, `+05`, `+05:30`, `+0530`; without one UTC is meant.
fn read_zone(text: &str) -> Option<f64> {
    if matches!(text, "" | "Z") {
        return Some(0.0);
    }
    let (sign, digits) = text.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if digits.len() == 2 { 0 } else { number(minutes, 2)? };
    let offset = f64::from(number(hours, 2)? * 60 + minutes) * 60_000.0;
    match sign {
        "+" => Some(offset),
        "-" => Some(-offset),
        _ => None,
    }
}
