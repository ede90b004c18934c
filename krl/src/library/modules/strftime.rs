//! Points in time by a format.
//!
//! Source: strftime 0.10 of npm, locale en_US. `%j` counts whole days begun since the new year, as
//! there: it is one less at midnight. Mended: a zone can be asked for; without one it is UTC.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use std::fmt::Write as _;

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A point in time as a clock on some wall shows it.
pub(super) struct Wall {
    pub(super) time: DateTime<FixedOffset>,
    /// What the zone is called.
    pub(super) zone: String,
}

/// Writes the time by a format. No format can make it write more than a few times its own length.
pub(super) fn write(format: &str, wall: &Wall) -> String {
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let (mut padding, mut has_colon) = (None, false);
        let specifier = loop {
            match chars.next() {
                Some('-') => padding = Some(""),
                Some('_') => padding = Some(" "),
                Some('0') => padding = Some("0"),
                Some(':') => has_colon = true,
                other => break other,
            }
        };
        if let Some(specifier) = specifier {
            write_part(&mut out, specifier, padding, has_colon, wall);
        }
    }
    out
}

/// What a specifier stands for that is short for others.
fn expansion(specifier: char) -> Option<&'static str> {
    Some(match specifier {
        'c' => "%a %d %b %Y %r %Z",
        'D' | 'x' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'R' => "%H:%M",
        'r' | 'X' => "%I:%M:%S %p",
        'T' => "%H:%M:%S",
        'v' => "%e-%b-%Y",
        _ => return None,
    })
}

fn write_part(
    out: &mut String,
    specifier: char,
    padding: Option<&'static str>,
    has_colon: bool,
    wall: &Wall,
) {
    if let Some(format) = expansion(specifier) {
        out.push_str(&write(format, wall));
        return;
    }
    let time = &wall.time;
    let ms = time.timestamp_millis();
    let mut two = |number: i64, pad: &str| {
        out.push_str(if number > 9 { "" } else { padding.unwrap_or(pad) });
        // Writing to a string cannot fail, here and below.
        let _ = write!(out, "{number}");
    };
    let weekday = i64::from(time.weekday().num_days_from_sunday());
    let week = |weekday: i64| (i64::from(time.ordinal0()) + 7 - weekday).div_euclid(7);
    let day = DAYS[weekday as usize];
    let month = MONTHS[time.month0() as usize];
    let hour12 = i64::from(time.hour12().1);
    match specifier {
        'C' => return two(i64::from(time.year().div_euclid(100)), "0"),
        'H' => return two(i64::from(time.hour()), "0"),
        'I' => return two(hour12, "0"),
        'M' => return two(i64::from(time.minute()), "0"),
        'S' => return two(i64::from(time.second()), "0"),
        'U' => return two(week(weekday), "0"),
        'W' => return two(week((weekday + 6) % 7), "0"),
        'd' => return two(i64::from(time.day()), "0"),
        'e' => return two(i64::from(time.day()), " "),
        'k' => return two(i64::from(time.hour()), " "),
        'l' => return two(hour12, " "),
        'm' => return two(i64::from(time.month()), "0"),
        'y' => return two(i64::from(time.year() % 100), "0"),
        _ => {}
    }
    let _ = match specifier {
        'A' => out.write_str(day),
        'a' => out.write_str(&day[..3]),
        'B' => out.write_str(month),
        'b' | 'h' => out.write_str(&month[..3]),
        'L' => write!(out, "{:03}", ms.rem_euclid(1000)),
        'P' => out.write_str(if time.hour() < 12 { "am" } else { "pm" }),
        'p' => out.write_str(if time.hour() < 12 { "AM" } else { "PM" }),
        'Y' => write!(out, "{}", time.year()),
        'Z' => out.write_str(&wall.zone),
        'j' => {
            let is_midnight = time.num_seconds_from_midnight() == 0 && ms.rem_euclid(1000) == 0;
            write!(out, "{:03}", time.ordinal() - u32::from(is_midnight))
        }
        'n' => out.write_str("\n"),
        'o' => write!(out, "{}{}", time.day(), ordinal(time.day())),
        's' => write!(out, "{}", ms.div_euclid(1000)),
        't' => out.write_str("\t"),
        'u' => write!(out, "{}", (weekday + 6) % 7 + 1),
        'w' => write!(out, "{weekday}"),
        'z' => {
            let minutes = time.offset().local_minus_utc() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let colon = if has_colon { ":" } else { "" };
            write!(out, "{sign}{:02}{colon}{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
        '%' => out.write_str("%"),
        other => write!(out, "%{other}"),
    };
}

fn ordinal(day: u32) -> &'static str {
    match (day, day % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}
