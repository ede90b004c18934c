//! Sequences, vectors and refusals of Out-of-Band 2.0.

use picomesh_didcomm::{Message, MessageType, Version};
use serde_json::json;
use url::Url;

use super::*;
use crate::link::{self, Parameter};

fn vector() -> Message {
    Message::parse(include_bytes!("vectors/didcomm-v2-invitation.json")).unwrap()
}

fn ours() -> Invitation {
    let ping = Message::new(Version::V2, "p1", MessageType::new("trust-ping", (2, 0), "ping"));
    Invitation::new("i1", "did:web:agent.example".parse().unwrap()).with_request(&ping)
}

#[test]
fn the_example_of_the_specification_is_read() {
    let invitation = Invitation::read(&vector()).unwrap();
    assert_eq!(invitation.from.as_str(), "did:example:alice");
    assert_eq!(invitation.goal_code.as_deref(), Some("issue-vc"));
    assert_eq!(invitation.messages()[0].kind.name, "ping");
}

#[test]
fn what_is_written_is_read_back_through_the_link() {
    let base = Url::parse("https://agent.example/").unwrap();
    let link = link::write(&base, Parameter::OutOfBandV2, &ours().to_message());
    assert!(link.as_str().starts_with("https://agent.example/?_oob="));
    let read = Invitation::read(&link::read(link.as_str()).unwrap()).unwrap();
    assert_eq!(read, ours());
}

/// DIDComm v2 §Out Of Band: the receiver writes to `from`, with the invitation as `pthid`.
#[test]
fn an_accepted_invitation_makes_a_peer_and_answers_its_request() {
    let step = Receiver::receive(&ours().to_message(), 0).unwrap().step(Input::Accept).unwrap();
    assert_eq!((step.state.rfc_state(), step.state.is_terminal()), ("done", true));
    let [Effect::Connect { did, pthid }, Effect::Answer { requests, .. }] = &step.effects[..]
    else {
        panic!("a peer and an answer")
    };
    assert_eq!((did.as_str(), pthid.as_str()), ("did:web:agent.example", "i1"));
    assert_eq!(requests[0].id, "p1");
}

/// Row 46.
#[test]
fn a_single_use_invitation_is_answered_once_and_a_multi_use_one_often() {
    let responded = SenderInput::Responded { pthid: "i1", now: 0 };
    let once = Sender::invite(&ours(), false).step(responded).unwrap().state;
    for _ in 0..99 {
        let refused = once.clone().step(responded).unwrap_err();
        assert_eq!(refused.problem_code(Version::V2), Some("e.p.req.already-used"));
    }
    let often = Sender::invite(&ours(), true).step(responded).unwrap().state;
    assert_eq!(often, Sender::invite(&ours(), true));
}

/// Row 47.
#[test]
fn an_expired_invitation_is_refused_on_both_sides() {
    let mut invitation = ours();
    invitation.expires_time = Some(100);
    assert_eq!(Receiver::receive(&invitation.to_message(), 100).unwrap_err(), Error::Expired);
    let late = SenderInput::Responded { pthid: "i1", now: 100 };
    assert_eq!(Sender::invite(&invitation, true).step(late).unwrap_err(), Error::Expired);
}

#[test]
fn every_other_pair_of_state_and_input_is_refused() {
    for state in [Receiver::Answered, Receiver::Declined] {
        for input in [Input::Accept, Input::Decline] {
            assert!(matches!(state.clone().step(input), Err(Error::Unexpected { .. })));
        }
    }
    for state in [Sender::Used, Sender::Withdrawn] {
        assert!(state.clone().step(SenderInput::Withdraw).is_err());
        let responded = SenderInput::Responded { pthid: "i1", now: 0 };
        assert_eq!(state.step(responded).unwrap_err(), Error::AlreadyUsed);
    }
    let other = SenderInput::Responded { pthid: "other", now: 0 };
    let refused = Sender::invite(&ours(), true).step(other).unwrap_err();
    assert_eq!(refused, Error::OtherThread("response"));
    let withdrawn = Sender::invite(&ours(), true).step(SenderInput::Withdraw).unwrap();
    assert_eq!(withdrawn.state, Sender::Withdrawn);
}

#[test]
fn hostile_invitations_are_refused() {
    let change = |change: &dyn Fn(&mut Message)| {
        let mut message = vector();
        change(&mut message);
        Invitation::read(&message).unwrap_err()
    };
    let one = vector().attachments[0].clone();
    for refused in [
        change(&|m| m.from = None),
        change(&|m| m.from = Some("javascript:alert(1)".to_owned())),
        change(&|m| m.from = Some("LjgpST2rjsoxYegQDRm7EL".to_owned())),
        change(&|m| m.version = Version::V1),
        change(&|m| m.kind.major = 3),
        change(&|m| m.kind.name = "other".to_owned()),
        change(&|m| m.attachments = vec![one.clone(); ATTACHMENTS_MAX + 1]),
        change(&|m| _ = m.body.insert("goal".to_owned(), json!(7))),
    ] {
        assert!(matches!(refused, Error::Malformed { .. }), "{refused:?}");
    }
    let other_profile = change(&|m| _ = m.body.insert("accept".to_owned(), json!(["didcomm/v3"])));
    assert_eq!(other_profile, Error::NothingOffered);
}

#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    let states = [Receiver::receive(&vector(), 0).unwrap(), Receiver::Answered, Receiver::Declined];
    for state in states {
        let row = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Receiver>(&row).unwrap(), state);
    }
    let row = r#"{"awaiting_response":{"id":"i1","multi_use":true,"expires_time":7}}"#;
    let state: Sender = serde_json::from_str(row).unwrap();
    assert_eq!((state.rfc_state(), state.is_terminal()), ("await-response", false));
    assert!(serde_json::from_str::<Sender>(r#"{"awaiting_response":{"id":"i1"},"x":1}"#).is_err());
}
