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
    let Message::Propose(proposal) = read(include_str!("../vectors/acapy-propose.json")).unwrap()
    else {
        panic!("not a proposal");
    };
    let attributes = proposal.preview.unwrap().attributes;
    assert_eq!(attributes[0].mime_type.as_deref(), Some("image/png"));
    assert_eq!((&*attributes[1].name, &*attributes[1].value), ("givenName", "JANE"));

    let Message::Offer(offer) = read(include_str!("../vectors/acapy-offer.json")).unwrap() else {
        panic!("not an offer");
    };
    assert_eq!(offer.replacement_id.as_deref(), Some("r-1"));
    assert_eq!(offer.attached[0].format, LD_PROOF_VC_DETAIL);
    assert_eq!(offer.attached[0].content["options"]["proofType"], "Ed25519Signature2018");

    let request = read(include_str!("../vectors/acapy-request.json")).unwrap();
    assert!(matches!(&request, Message::Request(one) if one.attached == offer.attached));

    let Message::Issue(issued) = read(include_str!("../vectors/acapy-issue.json")).unwrap() else {
        panic!("not a credential");
    };
    assert_eq!(issued.attached[0].format, LD_PROOF_VC);
    assert_eq!(issued.attached[0].content["proof"]["proofPurpose"], "assertionMethod");
    assert!(!issued.please_ack);

    let ack = read(include_str!("../vectors/acapy-ack.json")).unwrap();
    assert_eq!(ack, Message::Ack(Status::Ok));
    let report = read(include_str!("../vectors/acapy-problem-report.json")).unwrap();
    let problem = Problem::new(ISSUANCE_ABANDONED, ISSUANCE_ABANDONED);
    assert_eq!(report, Message::Problem(problem));
}

#[test]
fn the_whole_exchange_of_acapy_runs_through_our_issuer() {
    let Message::Offer(offer) = read(include_str!("../vectors/acapy-offer.json")).unwrap() else {
        panic!("another message")
    };
    let state = Issuer::Start.step(IssuerInput::Offer(offer)).unwrap().state;
    let request = read(include_str!("../vectors/acapy-request.json")).unwrap();
    let state = state.step(IssuerInput::Received(request)).unwrap().state;
    let state = state.step(IssuerInput::Approve).unwrap().state;
    let state = state.step(IssuerInput::Signed(vc("a"))).unwrap().state;
    let ack = read(include_str!("../vectors/acapy-ack.json")).unwrap();
    assert_eq!(state.step(IssuerInput::Received(ack)).unwrap().state, Issuer::Acked);
}

#[test]
fn a_higher_minor_version_the_old_prefix_and_unknown_fields_are_accepted() {
    let text = include_str!("../vectors/offer-minor-2-two-formats.json");
    let Message::Offer(offer) = read(text).unwrap() else { panic!("not an offer") };
    let formats: Vec<_> = offer.attached.iter().map(Attached::family).collect();
    assert_eq!(formats, ["hlindy", "aries"]);
    assert_eq!(offer.attached[0].content["schema_id"], "s");
}

#[test]
fn a_request_may_open_a_thread() {
    let request = read(include_str!("../vectors/request-begins.json")).unwrap();
    let state = Issuer::Start.step(IssuerInput::Received(request)).unwrap().state;
    assert_eq!(state.rfc_state(), "request-received");
}

#[test]
fn an_offer_over_didcomm_v2_names_its_format_in_the_attachment() {
    let text = include_str!("../vectors/didcomm-v2-offer.json");
    let Message::Offer(offer) = read(text).unwrap() else { panic!("not an offer") };
    assert_eq!(offer.attached[0].format, LD_PROOF_VC_DETAIL);
    assert_eq!(offer.goal_code.as_deref(), Some("issue-vc"));
}

#[test]
fn malformed_messages_are_refused_for_the_right_reason() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../vectors/malformed.json")).unwrap();
    assert!(rows.len() > 30);
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

#[test]
fn a_preview_has_a_limit() {
    let mut message = Message::Offer(offer("a")).write(Version::V1, "m1", None);
    let attribute = json!({ "name": "n", "value": "v" });
    for (count, good) in [(PREVIEW_ATTRIBUTES_MAX, true), (PREVIEW_ATTRIBUTES_MAX + 1, false)] {
        let preview = json!({ "attributes": vec![attribute.clone(); count] });
        message.body.insert("credential_preview".to_owned(), preview);
        assert_eq!(Message::read(&message).is_ok(), good);
    }
}

#[test]
fn what_we_write_is_what_we_read_in_both_generations() {
    let preview = Preview {
        attributes: vec![Attribute {
            name: "photo".to_owned(),
            mime_type: Some("image/png".to_owned()),
            value: "AA".to_owned(),
        }],
    };
    let mut proposed = proposal("a");
    proposed.preview = Some(preview.clone());
    let mut offered = offer("a");
    offered.comment = Some("look".to_owned());
    offered.goal_code = Some("issue-vc".to_owned());
    offered.preview = Some(preview);
    for message in [
        Message::Propose(proposed),
        Message::Offer(offered),
        Message::Request(request("a")),
        Message::Issue(credential("a")),
        Message::Ack(Status::Ok),
        Message::Ack(Status::Pending),
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

/// `bad-inputs.md` row 35: nothing that a peer writes is lost or changed on the way.
#[test]
fn nul_and_long_numbers_pass_through() {
    let content = json!({ "a": "\u{0}", "n": u64::MAX, "i": i64::MIN, "f": 0.1 });
    let attached = vec![Attached::new(LD_PROOF_VC, content)];
    let message = Message::Issue(Credential { attached, ..Credential::default() });
    let bytes = message.write(Version::V1, "m1", None).to_bytes();
    let again = didcomm::Message::parse(&bytes).unwrap();
    assert_eq!(Message::read(&again).unwrap(), message);
}

/// What ACA-Py says in our words; ACA-Py 1.7.0 deserializes each of these.
#[test]
fn what_we_write_is_what_acapy_was_shown() {
    let mut messages = [
        read(include_str!("../vectors/acapy-propose.json")).unwrap(),
        read(include_str!("../vectors/acapy-offer.json")).unwrap(),
        read(include_str!("../vectors/acapy-request.json")).unwrap(),
        read(include_str!("../vectors/acapy-issue.json")).unwrap(),
        Message::Ack(Status::Ok),
        Message::Problem(problem()),
    ];
    if let Message::Issue(issued) = &mut messages[3] {
        issued.please_ack = true;
    }
    let rows: Value = serde_json::from_str(include_str!("../vectors/written.json")).unwrap();
    let write = |one: &Message| one.write(Version::V1, one.name(), Some("t1")).to_fields();
    let written: Value = messages.iter().map(|one| Value::Object(write(one))).collect();
    assert_eq!(written, rows, "{written}");
}
