//! Sequences and vectors of DID Exchange; the refusals are in `refusals`.

use ed25519_dalek::SigningKey;
use picomesh_did_resolver::{
    Did, DidDocument, PublicKey, legacy,
    method::{key, peer},
};
use picomesh_didcomm::Message;
use serde_json::json;

use super::*;
use crate::Step;

mod diagram;
mod refusals;
mod resolution;

const INVITATION_ID: &str = "11111111-1111-4111-8111-111111111111";
const REQUEST_ID: &str = "22222222-2222-4222-8222-222222222222";

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

fn unqualified(key: &SigningKey) -> DidDocument {
    let did = legacy::did_from_verkey(&public(key));
    legacy::document(did, &public(key), "https://agent.example/didcomm", &[])
}

fn peer4(key: &SigningKey) -> Did {
    let multibase = PublicKey::Ed25519(public(key)).to_multibase();
    let input = json!({
        "verificationMethod": [
            {"id": "#key-0", "type": "Multikey", "publicKeyMultibase": multibase}
        ],
        "authentication": ["#key-0"],
        "service": [{
            "id": "#didcomm-0", "type": "did-communication", "priority": 0,
            "recipientKeys": ["#key-0"], "serviceEndpoint": "https://agent.example/didcomm"
        }]
    });
    peer::create_4(&input).unwrap().long
}

fn origin(minor: u16) -> Origin {
    Origin::explicit(INVITATION_ID, None, &[public(&invitation_key())], minor)
}

fn request_for(did: Did, document: Option<picomesh_didcomm::Attachment>) -> Request {
    Request { label: "Alice".to_owned(), goal_code: None, goal: None, did, document }
}

/// Alice's request with an unqualified DID, as 1.0 has it.
fn request_1_0() -> Request {
    let document = unqualified(&alice());
    let attachment = sign_document(&document, "doc", &alice());
    request_for(document.id, Some(attachment))
}

fn request_1_1() -> Request {
    request_for(peer4(&alice()), None)
}

fn response_1_0() -> Response {
    let document = unqualified(&bob());
    let proof = Proof::Document(sign_document(&document, "doc", &invitation_key()));
    Response { did: document.id, proof }
}

fn response_1_1() -> Response {
    let did = peer4(&bob());
    let proof = Proof::Rotation(sign_rotation(&did, "rotate", &invitation_key()));
    Response { did, proof }
}

fn awaiting_response(minor: u16, request: &Request) -> Step<Requester, Effect> {
    let accept = RequesterInput::Accept { id: REQUEST_ID, request };
    Requester::invited(origin(minor)).step(accept).unwrap()
}

fn awaiting_decision(message: &Message) -> Step<Responder, Effect> {
    let requested = ResponderInput::Requested { message, sender_key: &public(&alice()) };
    Responder::inviting(INVITATION_ID).step(requested).unwrap()
}

fn sent(effects: &[Effect]) -> &Message {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::Send { message, .. } => Some(message),
        Effect::Learn { .. } | Effect::Resolve { .. } => None,
    });
    found.unwrap()
}

/// RFC 0023 §Flow Overview, in both minor versions.
///
///   Requester                 Responder
///      | ------- request -------> |
///      | <------ response ------- |
///      | ------- complete ------> |
#[test]
fn two_agents_exchange_dids() {
    for (minor, request, response) in
        [(0, request_1_0(), response_1_0()), (1, request_1_1(), response_1_1())]
    {
        let requester = awaiting_response(minor, &request);
        assert_eq!(requester.state.rfc_state(), "request-sent");
        let message = sent(&requester.effects);
        assert_eq!(message.kind.minor, minor);

        let responder = awaiting_decision(message);
        assert_eq!(responder.state.rfc_state(), "request-received");
        let [Effect::Learn { did, document }] = &responder.effects[..] else { panic!("one DID") };
        assert_eq!(*did, request.did);
        assert!(document.has_ed25519(&public(&alice())));
        assert!(document.didcomm_service().is_some());

        let accept = ResponderInput::Accept { id: "r1", response: &response };
        let responder = responder.state.step(accept).unwrap();
        assert_eq!(responder.state.rfc_state(), "response-sent");
        let message = sent(&responder.effects);
        assert_eq!(message.kind.minor, minor);
        assert_eq!(message.thread_id(), REQUEST_ID);
        assert_eq!(message.pthid.as_deref(), Some(INVITATION_ID), "ACA-Py copies it");

        let responded =
            RequesterInput::Responded { message, sender_key: &public(&bob()), id: "c1" };
        let requester = requester.state.step(responded).unwrap();
        assert_eq!(requester.state, Requester::Completed { did: response.did.clone() });
        let [Effect::Learn { .. }, Effect::Send { to: To::Peer, message }] = &requester.effects[..]
        else {
            panic!("first learn, then send")
        };

        let responder = responder.state.step(ResponderInput::Completed(message)).unwrap();
        assert_eq!(responder.state, Responder::Completed { did: request.did });
        assert_eq!(
            (responder.state.rfc_state(), responder.state.is_terminal()),
            ("completed", true)
        );
    }
}

#[test]
fn messages_of_acapy_lead_through_both_roles() {
    let vectors = [
        (
            0,
            include_str!("vectors/acapy-request-1.0.json"),
            include_str!("vectors/acapy-response-1.0.json"),
            include_str!("vectors/acapy-complete-1.0.json"),
        ),
        (
            1,
            include_str!("vectors/acapy-request-1.1.json"),
            include_str!("vectors/acapy-response-1.1.json"),
            include_str!("vectors/acapy-complete-1.1.json"),
        ),
    ];
    for (minor, request, response, complete) in vectors {
        let responder = awaiting_decision(&vector(request)).state;
        let ours = response_1_0();
        let accept = ResponderInput::Accept { id: "r1", response: &ours };
        let step = responder.step(accept).unwrap();
        assert_eq!(sent(&step.effects).kind.minor, minor, "1.0 is answered in 1.0");
        let step = step.state.step(ResponderInput::Completed(&vector(complete))).unwrap();
        assert!(matches!(step.state, Responder::Completed { .. }));

        let requester = awaiting_response(minor, &request_1_1()).state;
        let message = vector(response);
        let responded =
            RequesterInput::Responded { message: &message, sender_key: &public(&bob()), id: "c1" };
        let step = requester.step(responded).unwrap();
        assert_eq!(sent(&step.effects).kind.minor, minor);
    }
}

#[test]
fn the_lower_minor_version_is_spoken() {
    let mut message = request_1_1().to_message(REQUEST_ID, INVITATION_ID, 0);
    message.kind.minor = 7;
    let responder = awaiting_decision(&message);
    let response = response_1_1();
    let accept = ResponderInput::Accept { id: "r1", response: &response };
    let step = responder.state.step(accept).unwrap();
    assert_eq!(sent(&step.effects).kind.minor, 1);

    let requester = awaiting_response(1, &request_1_1());
    let message = response_1_0().to_message("r1", REQUEST_ID, INVITATION_ID, 0);
    let responded =
        RequesterInput::Responded { message: &message, sender_key: &public(&bob()), id: "c1" };
    let step = requester.state.step(responded).unwrap();
    assert_eq!(sent(&step.effects).kind.minor, 0);
}

/// A published document with one key.
fn published(did: &Did, signing: &SigningKey) -> DidDocument {
    let of_key = key::document(&key::from_ed25519(&public(signing))).unwrap();
    let mut document = DidDocument::new(did.clone());
    let mut method = of_key.verification_method[0].clone();
    method.id = did.with_fragment("1");
    method.controller = did.to_string();
    document.authentication.push(method.id.clone());
    document.verification_method.push(method);
    document
}

/// RFC 0023 §Errors.
#[test]
fn a_refused_request_is_reported_and_the_report_is_read() {
    let message = request_1_1().to_message(REQUEST_ID, INVITATION_ID, 1);
    let responder = awaiting_decision(&message).state;
    let refuse = ResponderInput::Refuse { id: "p1", explain: "Not today." };
    let step = responder.step(refuse).unwrap();
    assert_eq!(step.state, Responder::Refused);
    let report = sent(&step.effects);
    assert_eq!(report.kind.to_string(), "https://didcomm.org/didexchange/1.1/problem_report");
    assert_eq!(report.thread_id(), REQUEST_ID);

    for report in [report.clone(), vector(include_str!("vectors/acapy-problem-report.json"))] {
        let requester = awaiting_response(1, &request_1_1()).state;
        let step = requester.step(RequesterInput::Reported(&report)).unwrap();
        let Requester::Abandoned { problem } = &step.state else { panic!("abandoned") };
        assert_eq!(problem.code, "request_not_accepted");
        assert!(step.effects.is_empty(), "a report is never answered");
    }
    let untold = problem_report(&message, "p2", Code::RequestProcessingError, "Try again.");
    assert_eq!(untold.body["description"]["code"], json!("request_processing_error"));
}

#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    let message = request_1_1().to_message(REQUEST_ID, INVITATION_ID, 1);
    let requesters = [
        Requester::invited(origin(1)),
        awaiting_response(1, &request_1_1()).state,
        Requester::Completed { did: peer4(&bob()) },
        Requester::Declined,
    ];
    for state in requesters {
        let row = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Requester>(&row).unwrap(), state);
    }
    for state in [Responder::inviting("i1"), awaiting_decision(&message).state, Responder::Refused]
    {
        let row = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<Responder>(&row).unwrap(), state);
    }
    let row = r#"{"awaiting_request":{"pthid":"i1"}}"#;
    assert_eq!(serde_json::from_str::<Responder>(row).unwrap(), Responder::inviting("i1"));
    let row = r#"{"awaiting_request":{"pthid":"i1","x":1}}"#;
    assert!(serde_json::from_str::<Responder>(row).is_err());
}
