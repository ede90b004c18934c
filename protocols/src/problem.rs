//! How one party ends a thread, and how it asks to hear of a good end: what the credential
//! protocols adopt.
//!
//! Source: RFC 0035 as adopted by RFC 0453 and RFC 0454, DIDComm v2 §Problem Reports for the body
//! over v2; RFC 0317 and DIDComm v2 §ACKs for the wish.
//!
//! Absent on purpose: the ack itself (`crate::ack`) and reports outside a protocol
//! (`crate::report_problem`).

use picomesh_didcomm::{Message, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Longest text that is kept of a peer's problem report, in characters.
pub const PROBLEM_CHARS_MAX: usize = 1_000;

/// Whether the sender asks for an ack (RFC 0317; DIDComm v2 §ACKs).
pub(crate) fn asks_for_ack(message: &Message) -> bool {
    message.decorators.contains_key(please_ack(message.version))
}

/// Asks for an ack once the outcome is known.
pub(crate) fn ask_for_ack(message: &mut Message) {
    let when = match message.version {
        Version::V1 => json!({ "on": ["OUTCOME"] }),
        // DIDComm v2 §ACKs: the empty string names this very message.
        Version::V2 => json!([""]),
    };
    message.decorators.insert(please_ack(message.version).to_owned(), when);
}

fn please_ack(version: Version) -> &'static str {
    match version {
        Version::V1 => "~please_ack",
        Version::V2 => "please_ack",
    }
}

/// Why a thread was ended, as one party tells the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// For programs.
    pub code: String,
    /// For people; nothing in it may be secret.
    pub comment: Option<String>,
}

impl Problem {
    /// A problem with a code and a sentence for people.
    pub fn new(code: impl Into<String>, comment: impl Into<String>) -> Self {
        Self { code: code.into(), comment: Some(comment.into()) }
    }

    /// Reads a problem report of either generation, adopted or not.
    ///
    /// It never fails: a report that says little still ends the thread.
    #[must_use]
    pub fn read(message: &Message) -> Self {
        let body = &message.body;
        let description = body.get("description");
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(shortened);
        let code = text(description.and_then(|one| one.get("code")))
            .or_else(|| text(body.get("code")))
            // RFC 0023 and RFC 0160 §Error Message Attributes.
            .or_else(|| text(body.get("problem-code")))
            .unwrap_or_else(|| "unspecified".to_owned());
        let comment = text(description.and_then(|one| one.get("en")))
            .or_else(|| text(description))
            .or_else(|| text(body.get("explain-ltxt")))
            .or_else(|| text(body.get("explain")))
            .or_else(|| text(body.get("comment")));
        Self { code, comment }
    }

    /// The body of an adopted problem report.
    pub(crate) fn body(&self, version: Version) -> Map<String, Value> {
        let comment = self.comment.as_deref().unwrap_or(&self.code);
        let fields = match version {
            // ACA-Py insists on `code` and on at least one locale beside it.
            Version::V1 => {
                vec![("description", json!({ "code": self.code, "en": comment }))]
            }
            Version::V2 => vec![("code", json!(self.code)), ("comment", json!(comment))],
        };
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(PROBLEM_CHARS_MAX).collect()
}
