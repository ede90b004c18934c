//! DIDs that are published somewhere: implicit invitations and documents that are fetched.

use super::*;

/// RFC 0023 §Correlating requests to invitations: a public DID is an invitation.
#[test]
fn a_request_to_a_public_did_names_its_service() {
    let did: Did = "did:web:bob.example".parse().unwrap();
    let service = "did:web:bob.example#didcomm";
    let origin = Origin::implicit(did.clone(), Some(service), &[public(&bob())]);
    let request = request_1_1();
    let accept = RequesterInput::Accept { id: REQUEST_ID, request: &request };
    let requester = Requester::invited(origin).step(accept).unwrap();
    let message = sent(&requester.effects).clone();
    assert_eq!(message.pthid.as_deref(), Some(service));

    let requested = ResponderInput::Requested { message: &message, sender_key: &public(&alice()) };
    let step = Responder::inviting(did.as_str()).step(requested).unwrap();
    assert_eq!(step.state.rfc_state(), "request-received");
    let refused = Responder::inviting("did:web:bob.exampl").step(requested).unwrap_err();
    assert_eq!(refused, Error::OtherThread("request"));

    // The responder keeps its public DID, so there is nothing to rotate but a document to fetch.
    let response = Response { did: did.clone(), proof: Proof::SameDid };
    let message = response.to_message("r1", REQUEST_ID, service, 1);
    let responded =
        RequesterInput::Responded { message: &message, sender_key: &public(&bob()), id: "c1" };
    let step = requester.state.step(responded).unwrap();
    assert_eq!(step.effects, [Effect::Resolve { did: did.clone() }]);
    assert_eq!(step.state.rfc_state(), "response-received");

    let document = published(&did, &bob());
    let resolved = RequesterInput::Resolved { document: &document, id: "c1" };
    let step = step.state.step(resolved).unwrap();
    assert_eq!(step.state, Requester::Completed { did });
    assert_eq!(sent(&step.effects).pthid.as_deref(), Some(service));
}

#[test]
fn a_published_did_is_resolved_before_the_request_is_shown() {
    let did: Did = "did:web:alice.example".parse().unwrap();
    let message = request_for(did.clone(), None).to_message(REQUEST_ID, INVITATION_ID, 1);
    let step = awaiting_decision(&message);
    assert_eq!(step.effects, [Effect::Resolve { did: did.clone() }]);
    let document = published(&did, &alice());
    let step = step.state.clone().step(ResponderInput::Resolved(&document)).unwrap();
    assert!(matches!(step.state, Responder::AwaitingDecision { .. }));

    let foreign = published(&did, &bob());
    let waiting = awaiting_decision(&message).state;
    let refused = waiting.clone().step(ResponderInput::Resolved(&foreign)).unwrap_err();
    assert!(matches!(refused, Error::Untrusted { .. }));
    let other = published(&"did:web:other.example".parse().unwrap(), &alice());
    assert!(waiting.clone().step(ResponderInput::Resolved(&other)).is_err());
    assert_eq!(waiting.step(ResponderInput::Unresolvable).unwrap().state, Responder::Refused);
}

#[test]
fn an_unresolvable_response_is_reported() {
    let did: Did = "did:web:bob.example".parse().unwrap();
    let proof = Proof::Rotation(sign_rotation(&did, "rotate", &invitation_key()));
    let message = Response { did, proof }.to_message("r1", REQUEST_ID, INVITATION_ID, 1);
    let responded =
        RequesterInput::Responded { message: &message, sender_key: &public(&bob()), id: "c1" };
    let waiting = awaiting_response(1, &request_1_1()).state.step(responded).unwrap().state;
    let step = waiting.step(RequesterInput::Unresolvable { id: "p1" }).unwrap();
    assert_eq!(step.state.rfc_state(), "abandoned");
    assert_eq!(sent(&step.effects).body["problem-code"], json!("response_not_accepted"));
}
