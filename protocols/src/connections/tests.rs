//! Sequences and vectors of Connections; the refusals are in `refusals`.

use ed25519_dalek::SigningKey;
use picomesh_did_resolver::{Did, DidDocument, legacy};
use picomesh_didcomm::Message;
use serde_json::{Value, json};

use super::*;
use crate::{Step, link};

mod refusals;

const REQUEST_ID: &str = "22222222-2222-4222-8222-222222222222";
const NOW: u64 = 1_700_000_000;

/// The seeds behind the vectors that ACA-Py's code made.
fn invitation_key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn alice() -> SigningKey {
    SigningKey::from_bytes(&[2; 32])
}

fn bob() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

fn public(key: &SigningKey) -> [u8; 32] {
    key.verifying_key().to_bytes()
}

fn vector(text: &str) -> Message {
    Message::parse(text.as_bytes()).unwrap()
}

fn document(key: &SigningKey) -> DidDocument {
    let did = legacy::did_from_verkey(&public(key));
    legacy::document(did, &public(key), "https://agent.example/didcomm", &[])
}

fn connection(key: &SigningKey) -> Connection {
    let document = document(key);
    Connection { did: document.id.clone(), document: Some(legacy::write(&document)) }
}

fn request() -> Request {
    Request { label: "Alice".to_owned(), connection: connection(&alice()) }
}

fn signed(connection: &Connection, key: &SigningKey) -> Signature {
    sign(&serde_json::to_value(connection).unwrap(), NOW, key)
}

fn awaiting_response(pthid: Option<&str>) -> Step<Invitee, Effect> {
    let request = request();
    let accept = InviteeInput::Accept { id: REQUEST_ID, request: &request };
    Invitee::invited(pthid, &[public(&invitation_key())]).step(accept).unwrap()
}

fn awaiting_decision(message: &Message) -> Step<Inviter, Effect> {
    let requested = InviterInput::Requested { message, sender_key: &public(&alice()) };
    Inviter::inviting(message.pthid.as_deref()).step(requested).unwrap()
}

fn sent(effects: &[Effect]) -> &Message {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Send { message, .. } => Some(message),
        Effect::Learn { .. } | Effect::Resolve { .. } => None,
    });
    found.unwrap()
}

/// RFC 0160 §Flow Overview, with and without an Out-of-Band invitation.
///
///   Invitee                   Inviter
///      | ------- request -------> |
///      | <------ response ------- |
///      | --------- ack ---------> |
#[test]
fn two_agents_connect() {
    for pthid in [None, Some("i1")] {
        let invitee = awaiting_response(pthid);
        assert_eq!(invitee.state.rfc_state(), "requested");
        let message = sent(&invitee.effects);
        assert_eq!(message.pthid.as_deref(), pthid);

        let inviter = awaiting_decision(message);
        assert_eq!(inviter.state.rfc_state(), "requested");
        let [Effect::Learn { did, document }] = &inviter.effects[..] else { panic!("one DID") };
        assert_eq!(*did, request().connection.did);
        assert!(document.didcomm_service().is_some());

        let signature = signed(&connection(&bob()), &invitation_key());
        let accept = InviterInput::Accept { id: "r1", connection: &signature };
        let inviter = inviter.state.step(accept).unwrap();
        let message = sent(&inviter.effects);
        assert_eq!(message.thread_id(), REQUEST_ID);

        let responded = InviteeInput::Responded { message, sender_key: &public(&bob()), id: "a1" };
        let invitee = invitee.state.step(responded).unwrap();
        assert_eq!(invitee.state, Invitee::Connected { did: connection(&bob()).did });
        let [Effect::Learn { .. }, Effect::Send { to: To::Peer, message }] = &invitee.effects[..]
        else {
            panic!("first learn, then send")
        };
        assert_eq!((message.kind.name.as_str(), message.thread_id()), ("ack", REQUEST_ID));

        let inviter = inviter.state.step(InviterInput::Confirmed).unwrap();
        assert_eq!((inviter.state.rfc_state(), inviter.state.is_terminal()), ("complete", true));
    }
}

#[test]
fn messages_of_acapy_are_read() {
    let request = vector(include_str!("vectors/acapy-request.json"));
    let step = awaiting_decision(&request);
    let Inviter::AwaitingDecision { request } = &step.state else { panic!("read") };
    assert_eq!((request.label.as_str(), request.thid.as_str()), ("Alice", REQUEST_ID));

    let response = vector(include_str!("vectors/acapy-response.json"));
    let responded =
        InviteeInput::Responded { message: &response, sender_key: &public(&bob()), id: "a1" };
    let step = awaiting_response(None).state.step(responded).unwrap();
    assert!(matches!(step.state, Invitee::Connected { .. }));
}

/// RFC 0234: the JSON is signed as it stands behind eight bytes of time.
#[test]
fn our_signature_is_the_one_of_the_rfc() {
    let theirs = vector(include_str!("vectors/acapy-response.json"));
    let theirs: Signature = serde_json::from_value(theirs.body["connection~sig"].clone()).unwrap();
    let (value, signer) = theirs.open().unwrap();
    assert_eq!(signer, public(&invitation_key()));
    let ours = sign(&value, NOW, &invitation_key());
    assert_eq!(ours.open().unwrap(), (value, signer));
    let fields = serde_json::to_value(&ours).unwrap();
    assert_eq!(fields["@type"], json!("https://didcomm.org/signature/1.0/ed25519Sha512_single"));
    assert!(fields["sig_data"].as_str().unwrap().starts_with("AAAAAGVT8Q"), "the time of NOW");
}

#[test]
fn the_invitation_of_the_rfc_is_read_from_its_link() {
    let message = link::read(include_str!("vectors/rfc0160-link.txt")).unwrap();
    let Invitation::Service { label, recipient_keys, routing_keys, endpoint, .. } =
        Invitation::read(&message).unwrap()
    else {
        panic!("a service")
    };
    assert_eq!((label.as_str(), endpoint.as_str()), ("Alice", "https://example.com/endpoint"));
    assert_eq!(recipient_keys, ["8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K"]);
    assert_eq!(routing_keys, recipient_keys);
}

#[test]
fn an_invitation_may_name_a_public_did() {
    let message = vector(
        r#"{"@type": "https://didcomm.org/connections/1.0/invitation", "@id": "i1",
            "label": "Alice", "did": "did:sov:QmWbsNYhMrjHiqZDTUTEJs"}"#,
    );
    let Invitation::Did { did, .. } = Invitation::read(&message).unwrap() else { panic!("a DID") };
    assert_eq!(did.as_str(), "did:sov:QmWbsNYhMrjHiqZDTUTEJs");
}

#[test]
fn a_published_did_is_resolved() {
    let did: Did = "did:web:alice.example".parse().unwrap();
    let request = Request {
        label: String::new(),
        connection: Connection { did: did.clone(), document: None },
    };
    let step = awaiting_decision(&request.to_message(REQUEST_ID, None));
    assert_eq!(step.effects, [Effect::Resolve { did: did.clone() }]);
    let document = published(&did, &alice());
    let decided = step.state.clone().step(InviterInput::Resolved(&document)).unwrap();
    assert!(matches!(decided.state, Inviter::AwaitingDecision { .. }));
    let gone = step.state.step(InviterInput::Unresolvable).unwrap();
    assert_eq!(gone.state, Inviter::Refused);
}

/// A published document with one key.
fn published(did: &Did, key: &SigningKey) -> DidDocument {
    let mut document = document(key);
    document.id = did.clone();
    document.verification_method[0].id = did.with_fragment("1");
    document.authentication = vec![did.with_fragment("1")];
    document
}

/// RFC 0160 §Errors.
#[test]
fn a_refused_request_is_reported_and_the_report_is_read() {
    let inviter = awaiting_decision(&request().to_message(REQUEST_ID, None)).state;
    let step = inviter.step(InviterInput::Refuse { id: "p1", explain: "Not today." }).unwrap();
    assert_eq!((step.state.rfc_state(), step.state.is_terminal()), ("null", true));
    let report = sent(&step.effects);
    assert_eq!(report.kind.to_string(), "https://didcomm.org/connections/1.0/problem_report");
    assert_eq!(report.body["problem-code"], json!("request_not_accepted"));

    let step = awaiting_response(None).state.step(InviteeInput::Reported(report)).unwrap();
    let Invitee::Abandoned { problem } = step.state else { panic!("abandoned") };
    assert_eq!(problem.code, "request_not_accepted");
    assert_eq!(problem.comment.as_deref(), Some("Not today."));
}

#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    let message = request().to_message(REQUEST_ID, Some("i1"));
    for state in [Inviter::inviting(None), awaiting_decision(&message).state, Inviter::Refused] {
        let row = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Inviter>(&row).unwrap(), state);
    }
    for state in [Invitee::invited(None, &[]), awaiting_response(None).state, Invitee::Declined] {
        let row = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Invitee>(&row).unwrap(), state);
    }
    let row = r#"{"awaiting_response":{"thid":"t","keys":[],"x":1}}"#;
    assert!(serde_json::from_str::<Invitee>(row).is_err());
}
