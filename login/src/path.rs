//! Where a claim stands in a credential: the plain part of JSONPath.
//!
//! Source: RFC 9535, only `$`, `.name`, `['name']` and `[index]`: one place, one value.
//!
//! Absent on purpose: wildcards, filters, recursion. They could give many values, and the cost
//! of a filter is in the hands of whoever wrote the credential.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::{PATH_BYTES_MAX, PATH_STEPS_MAX};

/// A parsed path; kept and shown as the text that it was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    /// Reads `$.credentialSubject.name`, `$['a b'][0]` and the like.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > PATH_BYTES_MAX {
            return Err("path is too long");
        }
        let mut rest = text.strip_prefix('$').ok_or("path must start with `$`")?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() == PATH_STEPS_MAX {
                return Err("path has too many steps");
            }
            let step;
            (step, rest) = next_step(rest).ok_or("path may hold .name, ['name'] and [0] only")?;
            steps.push(step);
        }
        if steps.is_empty() {
            return Err("path must name a member");
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value at this place.
    ///
    /// A name looks through an array of one element, as JSON-LD makes no difference between a
    /// value and a list of just this value.
    #[must_use]
    pub fn select<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(document, |value, step| match (step, value) {
            (Step::Index(index), Value::Array(items)) => items.get(*index),
            (Step::Name(name), Value::Object(members)) => members.get(name),
            (Step::Name(name), Value::Array(items)) => match items.as_slice() {
                [only] => only.get(name),
                _ => None,
            },
            (Step::Name(_) | Step::Index(_), _) => None,
        })
    }
}

impl TryFrom<String> for Path {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.text
    }
}

fn next_step(text: &str) -> Option<(Step, &str)> {
    if let Some(quoted) = text.strip_prefix("['") {
        let (name, rest) = quoted.split_once("']")?;
        let is_plain = !name.is_empty() && !name.contains(['\'', '\\']);
        return is_plain.then(|| (Step::Name(name.to_owned()), rest));
    }
    if let Some(bracket) = text.strip_prefix('[') {
        let (digits, rest) = bracket.split_once(']')?;
        let is_index = digits.bytes().all(|byte| byte.is_ascii_digit());
        return is_index.then(|| digits.parse().ok())?.map(|index| (Step::Index(index), rest));
    }
    let dotted = text.strip_prefix('.')?;
    let end = dotted.find(['.', '[']).unwrap_or(dotted.len());
    let (name, rest) = dotted.split_at(end);
    let is_name = |c: char| c.is_alphanumeric() || "_-@:".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then(|| (Step::Name(name.to_owned()), rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_its_value() {
        let document = json!({"credentialSubject": {"a b": [1, {"c": "x"}]}, "one": [{"y": 2}]});
        let find = |path: &str| Path::parse(path).unwrap().select(&document).cloned();
        assert_eq!(find("$.credentialSubject['a b'][1].c"), Some(json!("x")));
        assert_eq!(find("$.one.y"), Some(json!(2)));
        assert_eq!(find("$.one[0].y"), Some(json!(2)));
        assert_eq!(find("$.one[1].y"), None);
        assert_eq!(find("$.credentialSubject.c.d"), None);
    }

    #[test]
    fn what_is_not_a_plain_path_is_refused() {
        let long = format!("${}", ".a".repeat(200));
        let deep = format!("${}", ".a".repeat(17));
        for bad in [
            "",
            "$",
            "a",
            "$a",
            "$.",
            "$..a",
            "$.*",
            "$[*]",
            "$[-1]",
            "$[]",
            "$['']",
            "$['a",
            "$[?(@.a)]",
            "$.a.",
            "$[99999999999999999999]",
            "$.a b",
            &long,
            &deep,
        ] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
    }
}
