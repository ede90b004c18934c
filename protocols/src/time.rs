//! Times as text: ISO 8601 in UTC, as v1 messages write them.
//!
//! Source: RFC 0074 §Date-Time Conventions, RFC 0095, RFC 0032.
//! Absent on purpose: the present time.

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

/// Seconds since 1970 as `2019-01-15T18:42:01Z`; `None` beyond what a calendar can say.
pub(crate) fn to_iso(unix_seconds: u64) -> Option<String> {
    let seconds = i64::try_from(unix_seconds).ok()?;
    let time = DateTime::<Utc>::from_timestamp(seconds, 0)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Reads the forms that agents write: `T` or a blank between date and time, `Z` or an offset.
pub(crate) fn from_iso(text: &str) -> Option<u64> {
    let text = text.trim().replacen(' ', "T", 1);
    let time = DateTime::parse_from_rfc3339(&text).map(|time| time.timestamp()).or_else(|_| {
        let naive = text.trim_end_matches('Z');
        NaiveDateTime::parse_from_str(naive, "%Y-%m-%dT%H:%M:%S%.f")
            .map(|time| time.and_utc().timestamp())
    });
    u64::try_from(time.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_rfcs_are_read() {
        let expected = Some(1_547_577_721);
        for text in [
            "2019-01-15 18:42:01Z",
            "2019-01-15T18:42:01Z",
            "2019-01-15T18:42:01.250000Z",
            "2019-01-15T19:42:01+01:00",
            "2019-01-15T18:42:01",
        ] {
            assert_eq!(from_iso(text), expected, "{text}");
        }
        assert_eq!(to_iso(1_547_577_721).as_deref(), Some("2019-01-15T18:42:01Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "yesterday", "1e30", "2019-13-45T00:00:00Z", "-0001-01-01T00:00:00Z"] {
            assert_eq!(from_iso(text), None, "{text}");
        }
        assert_eq!(to_iso(u64::MAX), None);
    }
}
