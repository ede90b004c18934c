//! Sequences, vectors and refusals of Out-of-Band 1.x; rows 45 to 47 of the hostile inputs.

use picomesh_didcomm::{Message, MessageType, Version};
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::link::{self, LinkError, Parameter};

mod refusals;

const KEY: &str = "did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX";
const INVITATION_ID: &str = "11111111-1111-4111-8111-111111111111";

fn vector(text: &str) -> Message {
    Message::parse(text.as_bytes()).unwrap()
}

fn acapy() -> Message {
    vector(include_str!("vectors/acapy-invitation.json"))
}

fn acapy_peer4() -> Message {
    vector(include_str!("vectors/acapy-invitation-peer4.json"))
}

fn connectionless() -> Message {
    vector(include_str!("vectors/acapy-invitation-connectionless.json"))
}

fn ours() -> Invitation {
    let service = InlineService::new(KEY, "https://agent.example/didcomm");
    let mut invitation =
        Invitation::new("i1", vec![Service::Inline(service)]).with_handshakes(&Handshake::ALL);
    invitation.label = Some("Faber".to_owned());
    invitation
}

fn request() -> Message {
    let kind = MessageType::new("present-proof", (2, 0), "request-presentation");
    Message::new(Version::V1, "p1", kind)
}

fn accept(invitation: &Message, existing: Option<&str>) -> crate::Step<Receiver, Effect> {
    let receiver = Receiver::receive(invitation, 0).unwrap();
    receiver.step(Input::Accept { existing, id: "u1" }).unwrap()
}

#[test]
fn the_link_of_rfc_0434_is_read() {
    let message = link::read(include_str!("vectors/rfc0434-link.txt")).unwrap();
    let invitation = Invitation::read(&message).unwrap();
    assert_eq!(invitation.label.as_deref(), Some("Faber College"));
    assert_eq!(invitation.goal_code.as_deref(), Some("issue-vc"));
    assert_eq!(invitation.minor, 0);
    assert_eq!(invitation.handshake(), Some(Handshake::DidExchange10));
    let [Service::Did(did)] = &invitation.services[..] else { panic!("one DID") };
    assert_eq!(did.as_str(), "did:sov:LjgpST2rjsoxYegQDRm7EL");
}

#[test]
fn the_link_of_acapy_is_read() {
    let message = link::read(include_str!("vectors/acapy-link.txt")).unwrap();
    assert_eq!(message, acapy());
    let invitation = Invitation::read(&message).unwrap();
    assert_eq!(invitation.handshake(), Some(Handshake::DidExchange11));
    assert_eq!(invitation.accept.len(), 2);
    let [Service::Inline(service)] = &invitation.services[..] else { panic!("one service") };
    assert_eq!(service.recipient_ed25519_keys().len(), 1);
    let peer4 = Invitation::read(&acapy_peer4()).unwrap();
    assert!(matches!(&peer4.services[..], [Service::Did(did)] if did.method() == "peer"));
}

#[test]
fn padding_and_the_standard_alphabet_are_read() {
    let link = include_str!("vectors/rfc0434-link.txt").trim();
    for variant in [format!("{link}="), format!("{link}=="), link.replace("http:", "didcomm:")] {
        link::read(&variant).unwrap();
    }
    // `>>>???` in the label makes both letters that the alphabets write differently.
    let mut invitation = ours();
    invitation.label = Some(">>>???>>>???".to_owned());
    let base = Url::parse("https://agent.example/").unwrap();
    let link = link::write(&base, Parameter::OutOfBand, &invitation.to_message()).to_string();
    let standard = link.replace('-', "+").replace('_', "/");
    assert_ne!(standard, link);
    assert_eq!(link::read(&standard).unwrap(), invitation.to_message());
}

#[test]
fn what_is_written_is_read_back_through_the_link() {
    let mut invitation = ours().with_request(&request());
    invitation.expires_time = Some(1_700_000_000);
    let base = Url::parse("https://agent.example/oob?coupon=7").unwrap();
    let link = link::write(&base, Parameter::OutOfBand, &invitation.to_message());
    assert!(link.as_str().starts_with("https://agent.example/oob?coupon=7&oob="));
    assert!(!link.as_str().contains("%3D"), "no padding is written");
    let read = Invitation::read(&link::read(link.as_str()).unwrap()).unwrap();
    assert_eq!(read, invitation);
    assert_eq!(read.messages(), [request()]);
    let body = &invitation.to_message().body;
    assert!(["id", "minor", "expires_time"].iter().all(|field| !body.contains_key(*field)));
}

#[test]
fn handshakes_of_both_prefixes_and_higher_minor_versions_are_known() {
    for (uri, expected) in [
        ("https://didcomm.org/didexchange/1.1", Ok(Handshake::DidExchange11)),
        ("https://didcomm.org/didexchange/1.9", Ok(Handshake::DidExchange11)),
        ("did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/didexchange/1.0", Ok(Handshake::DidExchange10)),
        ("did:sov:BzCbsNYhMrjHiqZDTUASHg;spec/connections/1.0", Ok(Handshake::Connections10)),
    ] {
        assert_eq!(uri.parse(), expected, "{uri}");
    }
    for uri in ["https://didcomm.org/didexchange/2.0", "https://example.org/didexchange/1.0", ""] {
        assert!(uri.parse::<Handshake>().is_err(), "{uri}");
    }
    assert!(Handshake::ALL.iter().all(|known| known.uri().parse() == Ok(*known)));
}

/// RFC 0434 §Responses, row `Yes | No | No`.
#[test]
fn without_a_connection_a_handshake_begins() {
    let step = accept(&acapy(), None);
    assert_eq!((step.state.rfc_state(), step.state.is_terminal()), ("prepare-response", false));
    let [Effect::Handshake { protocol, pthid, services }] = &step.effects[..] else {
        panic!("a handshake")
    };
    assert_eq!((*protocol, pthid.as_str()), (Handshake::DidExchange11, INVITATION_ID));
    assert_eq!(services.len(), 1);

    let step = step.state.step(Input::Connected { connection: "c1" }).unwrap();
    assert_eq!((step.state, step.effects), (Receiver::Answered, Vec::new()));
}

/// Row `No | Yes | No`: connectionless.
#[test]
fn a_request_without_handshake_is_answered_to_the_service() {
    let step = accept(&connectionless(), None);
    assert_eq!(step.state, Receiver::Answered);
    let [Effect::Answer { requests, pthid, over: Over::Services(services) }] = &step.effects[..]
    else {
        panic!("an answer")
    };
    assert_eq!(requests[0].kind.name, "request-presentation");
    assert_eq!((pthid.as_str(), services.len()), (INVITATION_ID, 1));
}

/// Row `Yes | Yes | No`: first the connection, then the request over it.
#[test]
fn a_request_with_handshake_waits_for_the_connection() {
    let invitation = ours().with_request(&request()).to_message();
    let step = accept(&invitation, None);
    assert!(matches!(step.effects[..], [Effect::Handshake { .. }]));
    let step = step.state.step(Input::Connected { connection: "c1" }).unwrap();
    let [Effect::Answer { over, .. }] = &step.effects[..] else { panic!("an answer") };
    assert_eq!(*over, Over::Connection("c1".to_owned()));
}

/// Rows `No | Yes | Yes` and `Yes | Yes | Yes`: the request goes over what is there.
#[test]
fn a_request_is_answered_over_an_existing_connection() {
    for invitation in [connectionless(), ours().with_request(&request()).to_message()] {
        let step = accept(&invitation, Some("c0"));
        let [Effect::Answer { over, .. }] = &step.effects[..] else { panic!("an answer") };
        assert_eq!(*over, Over::Connection("c0".to_owned()));
        assert_eq!(step.state, Receiver::Answered);
    }
}

/// Row `Yes | No | Yes`, RFC 0434 §Reuse Messages.
///
///   Receiver                          Sender
///      | ------ handshake-reuse ------> |
///      | <-- handshake-reuse-accepted - |
#[test]
fn a_connection_is_used_again() {
    let invitation = Invitation::read(&acapy_peer4()).unwrap();
    let sender = Sender::invite(&invitation, false);
    let step = accept(&acapy_peer4(), Some("c0"));
    let [Effect::Send { connection, message: asked }] = &step.effects[..] else {
        panic!("a message")
    };
    assert_eq!(connection, "c0");
    assert_eq!(asked.kind.to_string(), "https://didcomm.org/out-of-band/1.1/handshake-reuse");
    assert_eq!((asked.thid.as_deref(), asked.pthid.as_deref()), (Some("u1"), Some(INVITATION_ID)));

    let reused = SenderInput::Reused { message: asked, id: "a1", now: 0 };
    let answered = sender.step(reused).unwrap();
    assert_eq!(answered.state, Sender::Used);
    let [SenderEffect::Send(accepted)] = &answered.effects[..] else { panic!("a message") };
    assert_eq!(accepted.kind.name, "handshake-reuse-accepted");

    let step = step.state.step(Input::ReuseAccepted(accepted)).unwrap();
    assert_eq!(step.state, Receiver::Answered);
}

/// RFC 0434 §Reuse Accepted: without it, the regular process.
#[test]
fn a_refused_reuse_becomes_a_handshake() {
    let step = accept(&acapy(), Some("c0"));
    let step = step.state.step(Input::ReuseRefused).unwrap();
    assert!(matches!(step.effects[..], [Effect::Handshake { .. }]));
}

#[test]
fn reuse_messages_of_acapy_are_read() {
    let asked = vector(include_str!("vectors/acapy-handshake-reuse.json"));
    let thid = "77777777-7777-4777-8777-777777777777";
    assert_eq!(Reuse::Asked.read(&asked).unwrap(), (thid, INVITATION_ID));
    let accepted = vector(include_str!("vectors/acapy-handshake-reuse-accepted.json"));
    assert_eq!(Reuse::Accepted.read(&accepted).unwrap(), (thid, INVITATION_ID));
}

#[test]
fn an_owner_may_decline_or_withdraw() {
    let step = Receiver::receive(&acapy(), 0).unwrap().step(Input::Decline).unwrap();
    assert_eq!(step.state, Receiver::Declined);
    let sender = Sender::invite(&ours(), true).step(SenderInput::Withdraw).unwrap().state;
    let refused = sender.step(SenderInput::Responded { pthid: "i1", now: 0 }).unwrap_err();
    assert_eq!(refused, Error::AlreadyUsed);
}

#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    for row in [
        r#"{"awaiting_response":{"id":"i1","multi_use":false,"expires_time":null}}"#,
        r#""used""#,
        r#""withdrawn""#,
    ] {
        let state: Sender = serde_json::from_str(row).unwrap();
        assert_eq!(serde_json::to_string(&state).unwrap(), row);
    }
    let states = [
        Receiver::receive(&acapy(), 0).unwrap(),
        accept(&acapy(), Some("c0")).state,
        accept(&acapy(), None).state,
        Receiver::Answered,
    ];
    for state in states {
        let row = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Receiver>(&row).unwrap(), state);
    }
    let row = r#"{"awaiting_response":{"id":"i","multi_use":true,"expires_time":1,"x":1}}"#;
    assert!(serde_json::from_str::<Sender>(row).is_err());
}
