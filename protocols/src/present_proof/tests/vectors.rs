//! Messages of other agents and of other shapes, good and malformed.

use picomesh_didcomm::{self as didcomm, Version};
use serde_json::Value;

use super::*;
use crate::ack::Status;

fn read(text: &str) -> Result<Message, Error> {
    Message::read(&didcomm::Message::parse(text.as_bytes()).unwrap())
}

/// Written by ACA-Py 1.7.0.
#[test]
fn the_messages_of_acapy_are_read() {
    let proposal = read(include_str!("../vectors/acapy-propose.json")).unwrap();
    assert!(matches!(proposal, Message::Propose(one) if one.attached[0].family() == "dif"));

    let request = read(include_str!("../vectors/acapy-request.json")).unwrap();
    let Message::Request(request) = request else { panic!("not a request") };
    assert!(request.will_confirm);
    assert_eq!(request.attached[0].format, DIF_DEFINITIONS);
    assert_eq!(request.attached[0].content["options"]["domain"], "us.gov/DriversLicense");

    let shown = read(include_str!("../vectors/acapy-presentation.json")).unwrap();
    let Message::Presentation(shown) = shown else { panic!("not a presentation") };
    assert_eq!(shown.attached[0].format, DIF_SUBMISSION);
    assert_eq!(shown.attached[0].content["type"][1], "PresentationSubmission");

    let ack = read(include_str!("../vectors/acapy-ack.json")).unwrap();
    assert_eq!(ack, Message::Ack(Status::Ok));
    let report = read(include_str!("../vectors/acapy-problem-report.json")).unwrap();
    assert_eq!(report, Message::Problem(Problem::new(ABANDONED, ABANDONED)));
}

#[test]
fn a_presentation_of_acapy_answers_a_request_of_acapy() {
    let Message::Request(request) = read(include_str!("../vectors/acapy-request.json")).unwrap()
    else {
        panic!("another message")
    };
    let state = Verifier::Start.step(VerifierInput::Request(request)).unwrap().state;
    let shown = read(include_str!("../vectors/acapy-presentation.json")).unwrap();
    let step = state.step(VerifierInput::Received(shown)).unwrap();
    assert!(matches!(step.effects[..], [VerifierEffect::Check { .. }]));
}

#[test]
fn an_ack_with_a_false_verification_result_is_no_success() {
    let ack = |result: Value| {
        json!({
            "@type": "https://didcomm.org/present-proof/2.0/ack", "@id": "a", "status": "OK",
            "verification_result": result,
        })
    };
    for (result, status) in [
        (json!("true"), Status::Ok),
        (json!(true), Status::Ok),
        (json!(null), Status::Ok),
        (json!("false"), Status::Fail),
        (json!(false), Status::Fail),
        (json!("maybe"), Status::Fail),
        (json!(1), Status::Fail),
    ] {
        assert_eq!(read(&ack(result).to_string()).unwrap(), Message::Ack(status));
    }
}

/// RFC 0454 §Propose Presentation: the formats that the prover supports, and nothing else.
#[test]
fn a_proposal_may_name_formats_only() {
    let proposal = read(include_str!("../vectors/propose-formats-only.json")).unwrap();
    let Message::Propose(proposal) = proposal else { panic!("not a proposal") };
    assert_eq!(proposal.attached, [Attached::new(DIF_DEFINITIONS, Value::Null)]);
    let written = Message::Propose(proposal).write(Version::V1, "p1", None);
    assert_eq!(written.body["formats"], json!([{ "format": DIF_DEFINITIONS }]));
    assert_eq!(written.body["proposals~attach"], json!([]));
}

#[test]
fn a_proposal_with_the_field_name_of_rfc_0510_is_read() {
    let proposal = read(include_str!("../vectors/propose-singular-field.json")).unwrap();
    let Message::Propose(proposal) = proposal else { panic!("not a proposal") };
    assert_eq!(proposal.attached[0].content["input_descriptors"][0]["id"], "name");
}

#[test]
fn a_higher_minor_version_the_old_prefix_and_unknown_fields_are_accepted() {
    let request = read(include_str!("../vectors/request-minor-2.json")).unwrap();
    let Message::Request(request) = request else { panic!("not a request") };
    assert!(!request.will_confirm, "absent means false");
    assert_eq!(request.goal_code.as_deref(), Some("login"));
    assert_eq!(request.attached[0].content["options"]["challenge"], "c");
}

#[test]
fn a_presentation_over_didcomm_v2_carries_its_own_attachments() {
    let shown = read(include_str!("../vectors/didcomm-v2-presentation.json")).unwrap();
    let Message::Presentation(shown) = shown else { panic!("not a presentation") };
    assert!(shown.please_ack);
    assert_eq!(shown.attached[0].format, DIF_SUBMISSION);
}

#[test]
fn malformed_messages_are_refused_for_the_right_reason() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../vectors/malformed.json")).unwrap();
    assert!(rows.len() > 16);
    for row in rows {
        let message = row["message"].to_string();
        let error = read(&message).expect_err(row["why"].as_str().unwrap());
        let kind = match &error {
            Error::Malformed { .. } => "malformed",
            Error::Attachment { .. } => "attachment",
            Error::Type => "type",
            Error::Unexpected { .. } | Error::Stranger(_) | Error::Formats(_) => "peer",
            Error::Misuse(_) => "ours",
        };
        assert_eq!(kind, row["refused"], "{}: {error}", row["why"]);
        assert!(error.problem_code(Version::V2).unwrap().starts_with("e.p.msg"));
    }
}

/// A problem report ends the thread however little it says.
#[test]
fn a_poor_problem_report_still_ends_the_thread() {
    for (body, code, comment) in [
        (json!({}), "unspecified", None),
        (json!({ "description": "gone" }), "unspecified", Some("gone")),
        (json!({ "description": { "code": "c" } }), "c", None),
        (json!({ "description": { "code": 7, "en": "x" } }), "unspecified", Some("x")),
        (json!({ "explain-ltxt": "old" }), "unspecified", Some("old")),
        (json!({ "code": "e.p.x", "comment": "v2" }), "e.p.x", Some("v2")),
    ] {
        let mut message = Message::Problem(problem()).write(Version::V1, "m1", Some("t1"));
        message.body = body.as_object().unwrap().clone();
        let comment = comment.map(str::to_owned);
        let read = Message::read(&message).unwrap();
        assert_eq!(read, Message::Problem(Problem { code: code.to_owned(), comment }));
    }
    let long = "ä".repeat(5_000);
    let mut message = Message::Problem(problem()).write(Version::V2, "m1", Some("t1"));
    message.body.insert("comment".to_owned(), json!(long));
    let kept = Problem::read(&message).comment.unwrap();
    assert_eq!(kept.chars().count(), crate::problem::PROBLEM_CHARS_MAX);
}

#[test]
fn what_we_write_is_what_we_read_in_both_generations() {
    let asking = Presentation {
        please_ack: true,
        comment: Some("here".to_owned()),
        goal_code: Some("login".to_owned()),
        ..presentation("a")
    };
    for message in [
        Message::Propose(proposal("a")),
        Message::Request(request("a")),
        Message::Request(curt("a")),
        Message::Presentation(presentation("a")),
        Message::Presentation(asking),
        Message::Ack(Status::Ok),
        Message::Problem(problem()),
    ] {
        for version in [Version::V1, Version::V2] {
            let written = message.write(version, "m1", Some("t1"));
            assert_eq!(written.thread_id(), "t1");
            let again = didcomm::Message::parse(&written.to_bytes()).unwrap();
            assert_eq!(again, written);
            assert_eq!(Message::read(&again).unwrap(), message);
        }
    }
}

/// What ACA-Py says in our words; ACA-Py 1.7.0 deserializes each of these.
#[test]
fn what_we_write_is_what_acapy_was_shown() {
    let mut messages = [
        read(include_str!("../vectors/acapy-propose.json")).unwrap(),
        read(include_str!("../vectors/acapy-request.json")).unwrap(),
        read(include_str!("../vectors/acapy-presentation.json")).unwrap(),
        Message::Ack(Status::Ok),
        Message::Problem(problem()),
    ];
    if let Message::Presentation(shown) = &mut messages[2] {
        shown.please_ack = true;
    }
    let rows: Value = serde_json::from_str(include_str!("../vectors/written.json")).unwrap();
    let write = |one: &Message| one.write(Version::V1, one.name(), Some("t1")).to_fields();
    let written: Value = messages.iter().map(|one| Value::Object(write(one))).collect();
    assert_eq!(written, rows, "{written}");
}
