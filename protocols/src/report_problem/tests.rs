//! Vectors and refusals of Report Problem; row 39 of the hostile inputs, attack T-D17.

use picomesh_didcomm::{Message, MessageType, Version};

use super::*;

/// DIDComm v2 §Problem Reports.
const DIDCOMM_V2: &str = r#"{
  "type": "https://didcomm.org/report-problem/2.0/problem-report",
  "id": "7c9de639-c51c-4d60-ab95-103fa613c805",
  "pthid": "1e513ad4-48c9-444e-9e7e-5b8b45c5e325",
  "ack": ["1e513ad4-48c9-444e-9e7e-5b8b45c5e325"],
  "body": {
    "code": "e.p.xfer.cant-use-endpoint",
    "comment": "Unable to use the {1} endpoint for {2}.",
    "args": ["https://agents.r.us/inbox", "did:sov:C805sNYhMrjHiqZDTUASHg"],
    "escalate_to": "mailto:admin@foo.org"
  }
}"#;

/// As RFC 0035 §problem-report and ACA-Py write it.
const ARIES: &str = r#"{
  "@type": "https://didcomm.org/notification/1.0/problem-report",
  "@id": "7c9de639-c51c-4d60-ab95-103fa613c805",
  "~thread": {"thid": "1e513ad4-48c9-444e-9e7e-5b8b45c5e325"},
  "description": {"en": "Unable to find a route.", "code": "cant-find-route"},
  "who_retries": "none"
}"#;

const THREAD: &str = "1e513ad4-48c9-444e-9e7e-5b8b45c5e325";

fn parse(text: &str) -> Message {
    Message::parse(text.as_bytes()).unwrap()
}

#[test]
fn reports_of_both_generations_are_read() {
    for (text, code) in [(DIDCOMM_V2, "e.p.xfer.cant-use-endpoint"), (ARIES, "cant-find-route")] {
        let message = parse(text);
        let (report, thread) = told(&message).unwrap();
        assert_eq!((report.code.as_str(), thread), (code, THREAD));
    }
}

#[test]
fn a_refused_message_is_reported_on_its_thread() {
    let first = Message::new(Version::V1, "m1", MessageType::new("trust_ping", (1, 0), "ping"));
    let report = answer(&first, "r1", "message-parse-failure", "no").unwrap();
    assert_eq!(report.kind.to_string(), "https://didcomm.org/notification/1.0/problem-report");
    assert_eq!(told(&report).unwrap().1, "m1");

    let second = Message::new(Version::V2, "m2", MessageType::new("trust-ping", (2, 0), "ping"));
    let report = answer(&second, "r2", "e.p.msg", "no").unwrap();
    assert_eq!(told(&report).unwrap().1, "m2");
}

#[test]
fn no_report_answers_a_report_or_an_ack() {
    for text in [DIDCOMM_V2, ARIES] {
        assert_eq!(answer(&parse(text), "r", "e.p.msg", "no"), None);
    }
    let ack = Message::new(Version::V1, "a", MessageType::new("notification", (1, 0), "ack"));
    assert_eq!(answer(&ack, "r", "e.p.msg", "no"), None);
}

#[test]
fn what_is_no_report_is_refused() {
    for text in [
        r#"{"@type":"https://didcomm.org/trust_ping/1.0/ping","@id":"p"}"#,
        r#"{"@type":"https://didcomm.org/notification/1.0/problem-report","@id":"p"}"#,
        r#"{"type":"https://didcomm.org/report-problem/2.0/problem-report","id":"p","body":{}}"#,
    ] {
        assert!(told(&parse(text)).is_err(), "{text}");
    }
}
