//! Answers, made alike: what differs from run to run is replaced.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::script::{Step, folder, read};
use crate::{Error, Result};

/// Ids: words of 20 characters and more in which letters and digits mix.
static ID: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z0-9_-]{20,}"));
static TIME: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\b20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|\b20\d{6}T\d{6}\+0000"));
static MILLISECONDS: LazyLock<Regex> = LazyLock::new(|| regex(r"\b1[789]\d{11}\b"));

/// A pattern of this file.
#[expect(clippy::expect_used, reason = "the patterns are constants")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// What an engine answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The request, to find it by.
    pub step: String,
    /// Status and the headers that programs see.
    pub head: Value,
    /// The body.
    pub body: String,
}

impl Answer {
    /// What the reference answered to a script.
    pub fn recorded(script: &str) -> Result<Vec<Self>> {
        let recorded = read(&folder("recorded").join(format!("{script}.json")))?;
        let answers = recorded.as_array().ok_or_else(|| Error::missing("answers", &recorded))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let answer = |a: &Value| Self {
            step: text(&a["step"]),
            head: a["head"].clone(),
            body: text(&a["body"]),
        };
        Ok(answers.iter().map(answer).collect())
    }

    /// Keeps what the reference answered.
    pub fn record(script: &str, answers: &[Self]) -> Result<()> {
        let lines: Vec<String> = answers
            .iter()
            .map(|a| json!({ "step": a.step, "head": a.head, "body": a.body }).to_string())
            .collect();
        let text = format!("[\n{}\n]\n", lines.join(",\n"));
        std::fs::write(folder("recorded").join(format!("{script}.json")), text)?;
        Ok(())
    }
}

/// Status and headers as they came.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
}

/// Makes answers alike.
pub(super) struct Same<'a> {
    places: &'a BTreeMap<String, String>,
}

impl<'a> Same<'a> {
    pub(super) fn new(places: &'a BTreeMap<String, String>) -> Self {
        Self { places }
    }

    pub(super) fn answer(&self, step: &Step, head: Head, body: &str) -> Answer {
        let header = |name: &str| {
            let values = head.headers.get_all(name).iter();
            let values: Vec<_> =
                values.map(|v| self.text(&String::from_utf8_lossy(v.as_bytes()))).collect();
            values
        };
        let mut shown = json!({ "status": head.status });
        for name in ["content-type", "location", "set-cookie", "allow", "vary"] {
            match header(name).as_slice() {
                [] => {}
                [value] => shown[name] = value.as_str().into(),
                values => shown[name] = values.into(),
            }
        }
        if head.headers.contains_key("etag") {
            shown["etag"] = true.into();
        }
        Answer {
            step: format!("{} {}", step.method, step.path),
            head: shown,
            body: match (step.is_quiet, step.is_exact) {
                (true, _) => String::new(),
                (false, true) => body.to_owned(),
                (false, false) => self.text(body),
            },
        }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for name in ["files", "base", "eci", "ui", "root"] {
            if let Some(place) = self.places.get(name) {
                text = text.replace(place, &format!("<{name}>"));
                text = text.replace(&place.replace("http://", ""), &format!("<{name} host>"));
            }
        }
        let text = TIME.replace_all(&text, "<time>");
        let text = MILLISECONDS.replace_all(&text, "<ms>");
        let id = |found: &regex::Captures<'_>| {
            let word = &found[0];
            let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
            let is_id = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
            if is_id { "<id>".to_owned() } else { word.to_owned() }
        };
        ID.replace_all(&text, id).into_owned()
    }
}
