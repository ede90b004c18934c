//! JSON paths, as far as presentation definitions use them.
//!
//! Source: the JSONPath subset of Presentation Exchange 2.0 §8.1: `$`, `.name`, `['name']`, `[0]`,
//! `[*]`, `.*`, `..name`, `..*`.
//!
//! Absent on purpose: filter expressions, slices, unions, scripts.

use serde_json::Value;

use super::{PATH_CHARS_MAX, PATH_MATCHES_MAX};
use crate::Error;

/// Steps of a path.
const STEPS_MAX: usize = 20;
/// Values that the walk of `..` may visit.
const VISITS_MAX: usize = 50_000;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    All,
    /// `..`: the value and everything below it; the next step applies to each.
    Below,
}

/// A parsed JSON path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

impl JsonPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > PATH_CHARS_MAX {
            return Err(Error::TooLarge("PATH_CHARS_MAX"));
        }
        let unsupported = || Error::Unsupported(format!("path {text}"));
        let mut rest = text.strip_prefix('$').ok_or_else(unsupported)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() >= STEPS_MAX {
                return Err(Error::TooLarge("STEPS_MAX"));
            }
            let (step, after) = if let Some(after) = rest.strip_prefix("..") {
                // `..name` is `..` and then a name; `..[0]` goes on with the bracket.
                steps.push(Step::Below);
                if after.starts_with('[') { bracket(after) } else { name(after) }
            } else if let Some(after) = rest.strip_prefix('.') {
                name(after)
            } else {
                bracket(rest)
            }
            .ok_or_else(unsupported)?;
            steps.push(step);
            rest = after;
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// The path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The values at this path, at most [`PATH_MATCHES_MAX`].
    pub fn find<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![root];
        let mut visits = 0;
        for step in &self.steps {
            let mut next = Vec::new();
            for value in found {
                match step {
                    Step::Name(name) => next.extend(value.get(name)),
                    Step::Index(index) => next.extend(value.get(index)),
                    Step::All => next.extend(children(value)),
                    Step::Below => below(value, &mut next, &mut visits),
                }
            }
            let max = if *step == Step::Below { VISITS_MAX } else { PATH_MATCHES_MAX };
            next.truncate(max);
            found = next;
        }
        found
    }
}

fn name(text: &str) -> Option<(Step, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match name {
        "" => None,
        "*" => Some((Step::All, rest)),
        _ if name.contains(['(', ')', '?', '*', ' ', '\'', '"', ']', ',']) => None,
        _ => Some((Step::Name(name.to_owned()), rest)),
    }
}

fn bracket(text: &str) -> Option<(Step, &str)> {
    let text = text.strip_prefix('[')?;
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, rest) = quoted.split_once(quote)?;
            let rest = rest.strip_prefix(']')?;
            let plain = !name.is_empty() && !name.contains('\\');
            return plain.then(|| (Step::Name(name.to_owned()), rest));
        }
    }
    let (inner, rest) = text.split_once(']')?;
    if inner == "*" {
        return Some((Step::All, rest));
    }
    let digits = !inner.is_empty() && inner.len() <= 6 && inner.bytes().all(|b| b.is_ascii_digit());
    let index = digits.then(|| inner.parse().ok()).flatten()?;
    Some((Step::Index(index), rest))
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(map) => map.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn below<'a>(value: &'a Value, found: &mut Vec<&'a Value>, visits: &mut usize) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        *visits += 1;
        if *visits > VISITS_MAX {
            return;
        }
        found.push(value);
        let mut inner = children(value);
        inner.reverse();
        open.extend(inner);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_forms_of_a_path() {
        let document = json!({
            "a": { "b": [1, { "c": 2 }], "d e": 3, "@type": 4 },
            "c": 5
        });
        let find = |path: &str| -> Vec<Value> {
            JsonPath::parse(path).unwrap().find(&document).into_iter().cloned().collect()
        };
        assert_eq!(find("$.a.b[0]"), [json!(1)]);
        assert_eq!(find("$['a']['b'][1].c"), [json!(2)]);
        assert_eq!(find("$.a[\"d e\"]"), [json!(3)]);
        assert_eq!(find("$.a.@type"), [json!(4)]);
        assert_eq!(find("$..c"), [json!(5), json!(2)]);
        assert_eq!(find("$.a.b[*]").len(), 2);
        assert_eq!(find("$.a.b.*").len(), 2);
        assert_eq!(find("$").len(), 1);
        assert!(find("$.none.b").is_empty() && find("$.a.b[7]").is_empty());
    }

    #[test]
    fn what_is_no_such_path_is_refused() {
        for path in [
            "",
            "a",
            ".a",
            "$.",
            "$a",
            "$..",
            "$[",
            "$[]",
            "$[-1]",
            "$[1:2]",
            "$[?(@.a)]",
            "$.a[?(@.b > 1)]",
            "$['a",
            "$['a'",
            "$[0,1]",
            "$.a()",
            "$[99999999]",
            "$.a b",
        ] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
        assert!(JsonPath::parse(&format!("${}", ".a".repeat(200))).is_err());
        assert!(JsonPath::parse(&format!("${}", "..*".repeat(21))).is_err());
    }

    #[test]
    fn a_path_that_multiplies_stays_bounded() {
        let mut value = json!([1, 2, 3]);
        for _ in 0..5 {
            value = json!([value, value, value, value]);
        }
        let path = JsonPath::parse(&format!("${}", "..*".repeat(9))).unwrap();
        assert!(path.find(&value).len() <= PATH_MATCHES_MAX);
    }
}
