//! Problem reports of both generations.
//!
//! Sources: RFC 0035 (v1), DIDComm v2 §Problem Reports.
//!
//! A report is never answered with a report: [`ProblemReport::answer`] returns nothing then, so
//! that two agents cannot argue for ever.
//!
//! Absent on purpose: when to report. Only an authenticated sender gets one.

use serde_json::{Map, Value, json};

use crate::{Error, Message, MessageType, Version};

/// What went wrong, as one party tells the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemReport {
    /// v1: a word of the protocol; v2: `e.p.…` or `w.m.…` (§Problem Codes).
    pub code: String,
    /// For people; v2 may hold placeholders `{1}`.
    pub comment: Option<String>,
    /// What to put into the placeholders (v2).
    pub args: Vec<String>,
    /// Where a person finds help (v2).
    pub escalate_to: Option<String>,
}

/// Whether this message reports a problem, in whichever protocol.
#[must_use]
pub fn is_problem_report(message: &Message) -> bool {
    ["problem-report", "problem_report"].contains(&message.kind.name.as_str())
}

impl ProblemReport {
    /// A report with a code and a text for people.
    #[must_use]
    pub fn new(code: &str, comment: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            comment: Some(comment.into()),
            args: Vec::new(),
            escalate_to: None,
        }
    }

    /// The report as an answer to `problem`, in its generation, or nothing if that is a report.
    #[must_use]
    pub fn answer(&self, problem: &Message, id: impl Into<String>) -> Option<Message> {
        if is_problem_report(problem) {
            return None;
        }
        Some(match problem.version {
            Version::V1 => {
                let kind = MessageType::new("report-problem", (1, 0), "problem-report");
                self.answer_as(problem, id, kind)
            }
            Version::V2 => {
                let kind = MessageType::new("report-problem", (2, 0), "problem-report");
                let mut report = Message::new(Version::V2, id, kind);
                // §Problem Reports: a child of the thread that has the problem.
                report.pthid = Some(problem.thread_id().to_owned());
                report.decorators.insert("ack".to_owned(), json!([problem.id]));
                report.body = self.body(Version::V2);
                report
            }
        })
    }

    /// The report as a message of a protocol's own (`issue-credential/2.0/problem-report`),
    /// on the same thread.
    #[must_use]
    pub fn answer_as(
        &self,
        problem: &Message,
        id: impl Into<String>,
        kind: MessageType,
    ) -> Message {
        let mut report = problem.reply(id, kind);
        report.body = self.body(problem.version);
        report
    }

    /// The body of the report.
    #[must_use]
    pub fn body(&self, version: Version) -> Map<String, Value> {
        let mut body = Map::new();
        match version {
            Version::V1 => {
                let mut description = Map::new();
                description.insert("code".to_owned(), self.code.clone().into());
                if let Some(comment) = &self.comment {
                    description.insert("en".to_owned(), comment.clone().into());
                }
                body.insert("description".to_owned(), Value::Object(description));
            }
            Version::V2 => {
                body.insert("code".to_owned(), self.code.clone().into());
                if let Some(comment) = &self.comment {
                    body.insert("comment".to_owned(), comment.clone().into());
                }
                if !self.args.is_empty() {
                    body.insert("args".to_owned(), self.args.clone().into());
                }
                if let Some(escalate_to) = &self.escalate_to {
                    body.insert("escalate_to".to_owned(), escalate_to.clone().into());
                }
            }
        }
        body
    }

    /// Reads a report of either generation, whichever protocol it belongs to.
    ///
    /// v1 agents write `description.code`, `problem-code` (RFC 0160, RFC 0023) or only `explain`.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is no report or has no code in v2.
    pub fn parse(message: &Message) -> Result<Self, Error> {
        if !is_problem_report(message) {
            return Err(malformed("not a problem report"));
        }
        let body = &message.body;
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        match message.version {
            Version::V1 => {
                let description = |key: &str| {
                    let text = body.get("description").and_then(|value| value.get(key));
                    text.and_then(Value::as_str).map(str::to_owned)
                };
                let code = description("code").or_else(|| text("problem-code"));
                let comment = description("en").or_else(|| text("explain"));
                let comment = comment.or_else(|| text("explain-ltxt")).or_else(|| text("comment"));
                let code = code.unwrap_or_default();
                Ok(Self { code, comment, args: Vec::new(), escalate_to: None })
            }
            Version::V2 => {
                let args = body.get("args").and_then(Value::as_array).map(Vec::as_slice);
                let args = args.unwrap_or_default().iter().filter_map(Value::as_str);
                Ok(Self {
                    code: text("code").ok_or_else(|| malformed("no code"))?,
                    comment: text("comment"),
                    args: args.map(str::to_owned).collect(),
                    escalate_to: text("escalate_to"),
                })
            }
        }
    }
}

fn malformed(reason: &str) -> Error {
    Error::Malformed { message: "problem report".to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping(version: Version) -> Message {
        let mut ping = Message::new(version, "m1", MessageType::new("trust_ping", (1, 0), "ping"));
        ping.thid = Some("t1".to_owned());
        ping
    }

    #[test]
    fn a_v1_report_answers_on_the_thread() {
        let report = ProblemReport::new("request-not-accepted", "no");
        let message = report.answer(&ping(Version::V1), "r1").unwrap();
        assert_eq!(message.thid.as_deref(), Some("t1"));
        assert!(message.kind.is("report-problem", 1));
        assert_eq!(
            message.body["description"],
            json!({"code": "request-not-accepted", "en": "no"})
        );
        assert_eq!(ProblemReport::parse(&message).unwrap(), report);
    }

    #[test]
    fn a_v2_report_is_a_child_of_the_thread() {
        let mut report = ProblemReport::new("e.p.msg", "bad {1}");
        report.args = vec!["field".to_owned()];
        let message = report.answer(&ping(Version::V2), "r1").unwrap();
        assert_eq!((message.thid.as_deref(), message.pthid.as_deref()), (None, Some("t1")));
        assert_eq!(message.decorators["ack"], json!(["m1"]));
        assert_eq!(ProblemReport::parse(&message).unwrap(), report);
    }

    #[test]
    fn a_report_is_never_answered_with_a_report() {
        for version in [Version::V1, Version::V2] {
            let report = ProblemReport::new("e.p.msg", "x");
            let first = report.answer(&ping(version), "r1").unwrap();
            assert_eq!(report.answer(&first, "r2"), None);
        }
        let mut old = ping(Version::V1);
        old.kind = MessageType::new("connections", (1, 0), "problem_report");
        assert_eq!(ProblemReport::new("x", "y").answer(&old, "r1"), None);
    }

    #[test]
    fn reports_of_older_protocols_are_read() {
        let kind = MessageType::new("connections", (1, 0), "problem_report");
        let message = Message::new(Version::V1, "m1", kind);
        let body = json!({"problem-code": "request_not_accepted", "explain": "no"});
        let report = ProblemReport::parse(&message.with_body(&body).unwrap()).unwrap();
        assert_eq!(report, ProblemReport::new("request_not_accepted", "no"));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert!(ProblemReport::parse(&ping(Version::V1)).is_err());
        let kind = MessageType::new("report-problem", (2, 0), "problem-report");
        assert!(ProblemReport::parse(&Message::new(Version::V2, "m1", kind)).is_err());
    }
}
