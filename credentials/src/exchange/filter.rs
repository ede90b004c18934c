//! What must hold of a claim's value.
//!
//! Source: JSON Schema draft 7, the part that presentation definitions use; with `format` of a
//! date, the bounds compare dates (Presentation Exchange 1.0, as ACA-Py does).
//!
//! Absent on purpose: every other keyword. One that would restrict the value is refused, not
//! skipped. Patterns run on a linear engine with a bound on their size, without look-around.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{NESTING_MAX, PATHS_MAX, PATTERN_CHARS_MAX};
use crate::Error;

/// Bytes of a compiled pattern.
const PATTERN_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a text that a pattern looks at.
const PATTERN_TEXT_MAX: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
}

#[derive(Clone, Debug)]
enum Rule {
    Kinds(Vec<Kind>),
    OneOf(Vec<Value>),
    Pattern(Regex),
    MinLength(u64),
    MaxLength(u64),
    Bound(Bound, Value),
    /// The text is a date, or a date and time.
    Date,
    Not(Filter),
    Contains(Filter),
}

/// A parsed filter: all its rules must hold.
#[derive(Clone, Debug)]
pub struct Filter {
    rules: Vec<Rule>,
}

impl Filter {
    /// Reads a filter.
    pub fn parse(value: &Value) -> Result<Self, Error> {
        Self::nested(value, 0)
    }

    fn nested(value: &Value, depth: usize) -> Result<Self, Error> {
        if depth > NESTING_MAX {
            return Err(Error::TooLarge("NESTING_MAX"));
        }
        let map = value.as_object().ok_or_else(|| malformed("not an object"))?;
        let mut rules = Vec::new();
        for (keyword, value) in map {
            rules.push(match keyword.as_str() {
                "type" => Rule::Kinds(kinds(value)?),
                "const" => Rule::OneOf(vec![value.clone()]),
                "enum" => {
                    let values = value.as_array().ok_or_else(|| malformed("enum"))?;
                    Rule::OneOf(values.clone())
                }
                "pattern" => Rule::Pattern(pattern(value)?),
                "minLength" => Rule::MinLength(length(value)?),
                "maxLength" => Rule::MaxLength(length(value)?),
                "minimum" => bound(Bound::Minimum, value)?,
                "maximum" => bound(Bound::Maximum, value)?,
                "exclusiveMinimum" => bound(Bound::ExclusiveMinimum, value)?,
                "exclusiveMaximum" => bound(Bound::ExclusiveMaximum, value)?,
                "format" => match value.as_str() {
                    Some("date" | "date-time") => Rule::Date,
                    _ => return Err(Error::Unsupported(format!("format {value}"))),
                },
                "not" => Rule::Not(Self::nested(value, depth + 1)?),
                "contains" => Rule::Contains(Self::nested(value, depth + 1)?),
                "$schema" | "$comment" | "title" | "description" | "default" | "examples" => {
                    continue;
                }
                other => return Err(Error::Unsupported(format!("filter {other}"))),
            });
        }
        Ok(Self { rules })
    }

    /// Whether the value passes.
    pub fn accepts(&self, value: &Value) -> bool {
        self.rules.iter().all(|rule| match rule {
            Rule::Kinds(kinds) => kinds.iter().any(|kind| kind.is(value)),
            Rule::OneOf(values) => values.iter().any(|allowed| equal(allowed, value)),
            Rule::Pattern(regex) => value
                .as_str()
                .is_some_and(|text| text.len() <= PATTERN_TEXT_MAX && regex.is_match(text)),
            Rule::MinLength(min) => chars(value).is_some_and(|count| count >= *min),
            Rule::MaxLength(max) => chars(value).is_some_and(|count| count <= *max),
            Rule::Bound(bound, limit) => bound.holds(value, limit),
            Rule::Date => value.as_str().is_some_and(|text| date(text).is_some()),
            Rule::Not(filter) => !filter.accepts(value),
            Rule::Contains(filter) => {
                value.as_array().is_some_and(|items| items.iter().any(|item| filter.accepts(item)))
            }
        })
    }
}

impl Kind {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => {
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|f| f.fract() == 0.0)
            }
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

impl Bound {
    /// Numbers compare with numbers, dates with dates; anything else does not hold.
    fn holds(self, value: &Value, limit: &Value) -> bool {
        let order = match (value, limit) {
            (Value::Number(value), Value::Number(limit)) => {
                value.as_f64().zip(limit.as_f64()).and_then(|(a, b)| a.partial_cmp(&b))
            }
            (Value::String(value), Value::String(limit)) => {
                date(value).zip(date(limit)).map(|(a, b)| a.cmp(&b))
            }
            _ => None,
        };
        order.is_some_and(|order| match self {
            Self::Minimum => order.is_ge(),
            Self::Maximum => order.is_le(),
            Self::ExclusiveMinimum => order.is_gt(),
            Self::ExclusiveMaximum => order.is_lt(),
        })
    }
}

fn kinds(value: &Value) -> Result<Vec<Kind>, Error> {
    let single = std::slice::from_ref(value);
    let names = value.as_array().map_or(single, Vec::as_slice);
    if names.len() > PATHS_MAX {
        return Err(Error::TooLarge("PATHS_MAX"));
    }
    let kind = |name: &Value| match name.as_str() {
        Some("null") => Ok(Kind::Null),
        Some("boolean") => Ok(Kind::Boolean),
        Some("integer") => Ok(Kind::Integer),
        Some("number") => Ok(Kind::Number),
        Some("string") => Ok(Kind::String),
        Some("array") => Ok(Kind::Array),
        Some("object") => Ok(Kind::Object),
        _ => Err(malformed("type")),
    };
    names.iter().map(kind).collect()
}

fn pattern(value: &Value) -> Result<Regex, Error> {
    let text = value.as_str().ok_or_else(|| malformed("pattern"))?;
    if text.len() > PATTERN_CHARS_MAX {
        return Err(Error::TooLarge("PATTERN_CHARS_MAX"));
    }
    let regex = RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES_MAX)
        .dfa_size_limit(PATTERN_BYTES_MAX)
        .nest_limit(20)
        .build();
    regex.map_err(|_| Error::Unsupported("this pattern".into()))
}

fn bound(bound: Bound, value: &Value) -> Result<Rule, Error> {
    let comparable = value.is_number() || value.as_str().is_some_and(|text| date(text).is_some());
    if comparable { Ok(Rule::Bound(bound, value.clone())) } else { Err(malformed("bound")) }
}

fn length(value: &Value) -> Result<u64, Error> {
    value.as_u64().ok_or_else(|| malformed("length"))
}

fn chars(value: &Value) -> Option<u64> {
    u64::try_from(value.as_str()?.chars().count()).ok()
}

/// 1 and 1.0 are one number in JSON Schema.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || x.as_f64() == y.as_f64(),
        _ => a == b,
    }
}

/// Seconds of a date (its midnight, UTC) or of a date and time with zone.
fn date(text: &str) -> Option<i64> {
    if text.len() > 40 {
        return None;
    }
    if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp());
    }
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp())
}

fn malformed(reason: &str) -> Error {
    Error::malformed("filter", reason)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    fn accepts(filter: Value, value: Value) -> bool {
        Filter::parse(&filter).unwrap().accepts(&value)
    }

    #[test]
    fn each_rule_accepts_and_refuses() {
        let cases = [
            (json!({ "type": "string" }), json!("a"), json!(1)),
            (json!({ "type": ["integer", "null"] }), json!(2.0), json!(2.5)),
            (json!({ "type": "boolean", "const": true }), json!(true), json!("true")),
            (json!({ "const": 1 }), json!(1.0), json!("1")),
            (json!({ "enum": ["a", "b"] }), json!("b"), json!("c")),
            (json!({ "pattern": "^did:(key|web):" }), json!("did:key:z"), json!("x did:key:z")),
            (json!({ "minLength": 2, "maxLength": 3 }), json!("äö"), json!("ä")),
            (json!({ "minimum": 18 }), json!(18), json!(17.9)),
            (json!({ "exclusiveMinimum": 18 }), json!(18.1), json!(18)),
            (json!({ "maximum": 18 }), json!(18), json!(19)),
            (json!({ "exclusiveMaximum": 18 }), json!(17), json!(18)),
            (json!({ "minimum": 18 }), json!(19), json!("19")),
            (json!({ "format": "date" }), json!("2024-02-29"), json!("2023-02-29")),
            (
                json!({ "format": "date", "minimum": "1999-05-16" }),
                json!("1999-05-16T00:00:00Z"),
                json!("1999-05-15"),
            ),
            (
                json!({ "format": "date", "exclusiveMaximum": "1999-05-16" }),
                json!("1999-05-15"),
                json!("1999-05-16"),
            ),
            (json!({ "not": { "const": "DE" } }), json!("FR"), json!("DE")),
            (json!({ "type": "array", "contains": { "const": 1 } }), json!([2, 1]), json!([2])),
        ];
        for (filter, good, bad) in cases {
            assert!(accepts(filter.clone(), good.clone()), "{filter} {good}");
            assert!(!accepts(filter.clone(), bad.clone()), "{filter} {bad}");
        }
    }

    #[test]
    fn what_would_be_skipped_or_blow_up_is_refused() {
        for filter in [
            json!([]),
            json!({ "allOf": [] }),
            json!({ "properties": {} }),
            json!({ "format": "email" }),
            json!({ "type": "date" }),
            json!({ "enum": "a" }),
            json!({ "pattern": 1 }),
            json!({ "pattern": "a{1000}{1000}" }),
            json!({ "pattern": "(?=a)" }),
            json!({ "pattern": "(".repeat(100) }),
            json!({ "pattern": "a".repeat(501) }),
            json!({ "minimum": "soon" }),
            json!({ "minLength": -1 }),
            json!({ "not": { "not": { "not": { "not": { "not": { "not": {} } } } } } }),
        ] {
            assert!(Filter::parse(&filter).is_err(), "{filter}");
        }
        // Catastrophic elsewhere, linear here.
        assert!(!accepts(json!({ "pattern": "^(a+)+$" }), json!("a".repeat(60_000) + "b")));
    }
}
