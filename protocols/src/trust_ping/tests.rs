//! Sequences and refusals of Trust Ping.

use picomesh_didcomm::{Message, Version};

use super::*;
use crate::Error;

fn vector(name: &str) -> Message {
    let text = match name {
        "ping" => include_str!("vectors/rfc0048-ping.json"),
        "response" => include_str!("vectors/rfc0048-ping-response.json"),
        "v2-ping" => include_str!("vectors/didcomm-v2-ping.json"),
        "v2-response" => include_str!("vectors/didcomm-v2-ping-response.json"),
        other => panic!("no vector {other}"),
    };
    Message::parse(text.as_bytes()).unwrap()
}

fn ping(response_requested: bool) -> Ping {
    Ping { comment: None, response_requested }
}

/// RFC 0048 §Messages, both generations.
///
///   Sender              Receiver
///     | ------ ping ------> |
///     | <-- ping response - |
#[test]
fn a_ping_is_answered_on_its_thread() {
    for version in [Version::V1, Version::V2] {
        let begun = Sender::ping(version, "p1", &ping(true));
        let [Effect::Send(sent)] = &begun.effects[..] else { panic!("one message") };

        let response = answer(sent, "r1").unwrap().unwrap();
        assert_eq!(response.thread_id(), "p1");
        assert_eq!(response.id, "r1");

        let step = begun.state.step(Input::Responded(&response)).unwrap();
        assert_eq!(step.state, Sender::Answered);
        assert!(step.state.is_terminal());
        assert!(step.effects.is_empty());
    }
}

/// RFC 0048 §Messages: MUST NOT respond.
#[test]
fn a_ping_that_wants_no_response_gets_none() {
    let begun = Sender::ping(Version::V1, "p1", &ping(false));
    assert_eq!(begun.state, Sender::Unanswered);
    let [Effect::Send(sent)] = &begun.effects[..] else { panic!("one message") };
    assert_eq!(answer(sent, "r1").unwrap(), None);
}

#[test]
fn the_vectors_of_the_specifications_are_read() {
    let first = Ping::read(&vector("ping")).unwrap();
    assert_eq!(first.comment.as_deref(), Some("Hi. Are you listening?"));
    assert!(first.response_requested);
    PingResponse::read(&vector("response")).unwrap();
    assert!(Ping::read(&vector("v2-ping")).unwrap().response_requested);
    PingResponse::read(&vector("v2-response")).unwrap();
}

#[test]
fn a_higher_minor_version_and_an_unknown_field_are_accepted_and_answered_in_ours() {
    let message = Message::parse(
        br#"{"@type":"https://didcomm.org/trust_ping/1.7/ping","@id":"p","mood":"good"}"#,
    )
    .unwrap();
    let response = answer(&message, "r").unwrap().unwrap();
    assert_eq!(response.kind.to_string(), "https://didcomm.org/trust_ping/1.0/ping_response");
}

#[test]
fn every_other_pair_of_state_and_input_is_refused() {
    let response = vector("response");
    for state in [Sender::Answered, Sender::Unanswered] {
        let refused = state.step(Input::Responded(&response)).unwrap_err();
        assert!(matches!(refused, Error::Unexpected { .. }));
    }
}

#[test]
fn a_response_of_another_thread_or_kind_is_refused() {
    let waiting = || Sender::AwaitingResponse { thid: "other".to_owned() };
    let refused = waiting().step(Input::Responded(&vector("response"))).unwrap_err();
    assert_eq!(refused, Error::OtherThread("ping response"));
    let refused = waiting().step(Input::Responded(&vector("ping"))).unwrap_err();
    assert!(matches!(refused, Error::Malformed { .. }));
    assert_eq!(refused.problem_code(Version::V1), Some("message-parse-failure"));
    assert_eq!(refused.problem_code(Version::V2), Some("e.p.msg"));
}

#[test]
fn malformed_pings_are_refused() {
    for text in [
        r#"{"@type":"https://didcomm.org/trust_ping/1.0/ping","@id":"p","response_requested":"yes"}"#,
        r#"{"@type":"https://didcomm.org/trust_ping/1.0/ping","@id":"p","comment":7}"#,
        r#"{"@type":"https://didcomm.org/trust_ping/2.0/ping","@id":"p"}"#,
        r#"{"type":"https://didcomm.org/trust-ping/2.0/ping","id":"p","body":{"response_requested":1}}"#,
        r#"{"type":"https://didcomm.org/trust_ping/1.0/ping","id":"p","body":{}}"#,
    ] {
        let message = Message::parse(text.as_bytes()).unwrap();
        assert!(matches!(answer(&message, "r"), Err(Error::Malformed { .. })), "{text}");
    }
}

#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    let row = r#"{"awaiting_response":{"thid":"p1"}}"#;
    let state: Sender = serde_json::from_str(row).unwrap();
    assert_eq!(state.rfc_state(), "awaiting-response");
    assert_eq!(serde_json::to_string(&state).unwrap(), row);
    assert!(serde_json::from_str::<Sender>(r#"{"awaiting_response":{"thid":"p","x":1}}"#).is_err());
}
