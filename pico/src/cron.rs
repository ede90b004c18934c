//! Cron expressions: when a schedule that repeats is due.
//!
//! Five fields (minute, hour, day of month, month, day of week) or six with seconds before them;
//! missing fields in front count as `*`, missing seconds as `0`. Lists, ranges, steps, names, `?`,
//! `L` (last day of the month; `5L` last Friday), `5#2` (second Friday) and `@daily`. When both
//! days are restricted, one of them is enough.
//!
//! Source: the dialect of cron-parser 4.9 as node-schedule uses it in pico-engine 1.4. Times are
//! UTC: the reference takes the local time of its server, which is UTC where nobody sets another.
//! Absent: a date in place of an expression.

mod field;

use field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH, SECOND, Unit};
use serde::{Deserialize, Serialize};

/// Longest expression, in bytes.
pub const CRON_BYTES_MAX: usize = 256;
/// How far into the future the next time is looked for: 29 February may be eight years away.
const DAYS_AHEAD_MAX: i64 = 8 * 366;

const DAY_SECONDS: i64 = 86_400;
/// Days of each month, in a leap year.
const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A cron expression. It is stored as its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: Box<str>,
    seconds: Field,
    minutes: Field,
    hours: Field,
    days_of_month: Field,
    months: Field,
    days_of_week: Field,
    /// Which of the days of the week within a month.
    nth: Option<u8>,
}

/// A day of the calendar.
struct Day {
    year: i64,
    /// From 1.
    month: u8,
    /// From 1.
    day: u8,
    /// From Sunday, 0.
    weekday: u8,
}

impl Cron {
    /// Reads an expression. The error is a sentence, in the words of the reference.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > CRON_BYTES_MAX {
            return Err(format!("Cron expression is longer than {CRON_BYTES_MAX} bytes"));
        }
        let fields: Vec<&str> = predefined(text).unwrap_or(text).split_whitespace().collect();
        let Some(missing) = 6_usize.checked_sub(fields.len()) else {
            return Err("Invalid cron expression".into());
        };
        let field = |place: usize, unit: &Unit| {
            let default = if place == 0 { "0" } else { "*" };
            let given = place.checked_sub(missing).and_then(|place| fields.get(place));
            Field::parse(given.unwrap_or(&default), unit)
        };
        let (seconds, minutes, hours) = (field(0, &SECOND)?, field(1, &MINUTE)?, field(2, &HOUR)?);
        let (mut days_of_month, months) = (field(3, &DAY_OF_MONTH)?, field(4, &MONTH)?);
        let weekday = if fields.is_empty() { "*" } else { fields[fields.len() - 1] };
        let (weekday, nth) = field::nth(weekday)?;
        let days_of_week = Field::parse(weekday, &DAY_OF_WEEK)?;
        if let Some(month) = months.only() {
            let days = DAYS[usize::from(month) - 1];
            if days_of_month.first().is_some_and(|first| first > days) {
                return Err("Invalid explicit day of month definition".into());
            }
            days_of_month.keep_up_to(days);
        }
        let text = text.into();
        Ok(Self { text, seconds, minutes, hours, days_of_month, months, days_of_week, nth })
    }

    /// The expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first time after another, both in unix milliseconds; `None` when there is none in the
    /// next eight years.
    pub fn next_after(&self, unix_ms: i64) -> Option<i64> {
        let start = unix_ms.div_euclid(1000).checked_add(1)?;
        let (first, mut second) = (start.div_euclid(DAY_SECONDS), start.rem_euclid(DAY_SECONDS));
        for number in first..first.checked_add(DAYS_AHEAD_MAX)? {
            if self.has_day(&Day::of(number))
                && let Some(found) = self.time_from(second)
            {
                return number.checked_mul(DAY_SECONDS)?.checked_add(found)?.checked_mul(1000);
            }
            second = 0;
        }
        None
    }

    fn has_day(&self, day: &Day) -> bool {
        let (by_month, by_week) = (&self.days_of_month, &self.days_of_week);
        let is_last_day = day.day == day.days_in_month();
        let is_last_week = day.day + 7 > day.days_in_month();
        let in_month = by_month.has(day.day) || (by_month.has_last() && is_last_day);
        let in_week = by_week.has(day.weekday) || (by_week.is_last(day.weekday) && is_last_week);
        let is_any_in_month = by_month.length() >= usize::from(DAYS[usize::from(day.month) - 1]);
        // Only `*` has eight days: Sunday counts as 0 and as 7.
        let is_any_in_week = by_week.length() == 8;
        let is_refused = (!in_month && (!in_week || is_any_in_week))
            || (is_any_in_month && !is_any_in_week && !in_week);
        let is_nth = self.nth.is_none_or(|nth| day.day.div_ceil(7) == nth);
        !is_refused && is_nth && self.months.has(day.month)
    }

    /// The first second of a day from one on.
    fn time_from(&self, second: i64) -> Option<i64> {
        let pick = |field: &Field, from: i64| (from..60).find(|value| field.has_number(*value));
        let (hour, minute) = (second / 3600, second / 60 % 60);
        if self.hours.has_number(hour) {
            if self.minutes.has_number(minute)
                && let Some(second) = pick(&self.seconds, second % 60)
            {
                return Some(hour * 3600 + minute * 60 + second);
            }
            if let Some(minute) = pick(&self.minutes, minute + 1) {
                return Some(hour * 3600 + minute * 60 + pick(&self.seconds, 0)?);
            }
        }
        let hour = pick(&self.hours, hour + 1)?;
        Some(hour * 3600 + pick(&self.minutes, 0)? * 60 + pick(&self.seconds, 0)?)
    }
}

impl TryFrom<String> for Cron {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text.into()
    }
}

fn predefined(text: &str) -> Option<&'static str> {
    Some(match text {
        "@yearly" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return None,
    })
}

impl Day {
    /// The day so many days after 1970-01-01.
    ///
    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    fn of(number: i64) -> Self {
        let shifted = number + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let small = |value: i64| u8::try_from(value).unwrap_or(u8::MAX);
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: small(month),
            day: small(day),
            weekday: small((number + 4).rem_euclid(7)),
        }
    }

    fn days_in_month(&self) -> u8 {
        let is_leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        DAYS[usize::from(self.month) - 1] - u8::from(self.month == 2 && !is_leap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// `text`, `from` and the `next` four times, or the `error`, of cron-parser 4.9 in UTC.
    const VECTORS: &str = include_str!("../vectors/cron.json");

    fn answer(case: &Value) -> Value {
        let cron = match Cron::parse(case["text"].as_str().unwrap()) {
            Ok(cron) => cron,
            Err(error) => return error.into(),
        };
        let mut at = case["from"].as_i64().unwrap();
        let next = std::iter::repeat_with(|| {
            at = cron.next_after(at)?;
            Some(at)
        });
        next.take(4).map(|at| at.map_or("never".into(), Value::from)).collect()
    }

    #[test]
    fn times_are_those_of_the_reference() {
        let cases: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
        for case in cases {
            match case["error"].as_str() {
                // The reference finds out while it searches.
                Some(error) if error.contains("loop limit") => {
                    assert_eq!(answer(&case)[0], "never", "{case}");
                }
                Some(error) => assert_eq!(answer(&case), error, "{case}"),
                None => assert_eq!(answer(&case), case["next"], "{case}"),
            }
        }
    }

    #[test]
    fn odd_input_is_refused_or_never_due() {
        for text in ["0 0 * * 1#2.5", "é * * * *", "* * * * é", "99999999999999999999 * * * *"] {
            assert!(Cron::parse(text).is_err(), "{text}");
        }
        assert!(Cron::parse(&"1,".repeat(200)).is_err());
        let cron = Cron::parse("* * * * * *").unwrap();
        assert_eq!(cron.next_after(i64::MAX), None);
        assert_eq!(cron.next_after(-1), Some(0));
        assert!(cron.next_after(i64::MIN).is_some_and(|next| next < 0));
    }

    #[test]
    fn an_expression_is_stored_as_its_text() {
        let cron = Cron::parse("0 9 * * MON").unwrap();
        let stored = serde_json::to_value(&cron).unwrap();
        assert_eq!(stored, "0 9 * * MON");
        assert_eq!(serde_json::from_value::<Cron>(stored).unwrap(), cron);
        assert!(serde_json::from_value::<Cron>("61 * * * *".into()).is_err());
    }
}
