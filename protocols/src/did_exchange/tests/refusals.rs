//! What DID Exchange refuses: attack T-D10, row 48, and malformed messages.

use picomesh_didcomm::{Attachment, Version};
use serde_json::Value;

use super::*;

fn requested(request: &Request, sender: &SigningKey) -> Error {
    let message = request.to_message(REQUEST_ID, INVITATION_ID, 1);
    requested_message(&message, sender)
}

fn requested_message(message: &Message, sender: &SigningKey) -> Error {
    let input = ResponderInput::Requested { message, sender_key: &public(sender) };
    Responder::inviting(INVITATION_ID).step(input).unwrap_err()
}

fn responded(response: &Response, sender: &SigningKey) -> Error {
    let message = response.to_message("r1", REQUEST_ID, INVITATION_ID, 1);
    let input =
        RequesterInput::Responded { message: &message, sender_key: &public(sender), id: "c1" };
    awaiting_response(1, &request_1_1()).state.step(input).unwrap_err()
}

fn is_request_not_accepted(refused: &Error) -> bool {
    refused.problem_code(Version::V1) == Some("request_not_accepted")
}

fn is_response_not_accepted(refused: &Error) -> bool {
    matches!(refused, Error::Untrusted { .. })
        && refused.problem_code(Version::V1) == Some("response_not_accepted")
        && refused.problem_code(Version::V2) == Some("e.p.trust")
}

fn tampered(mut attachment: Attachment) -> Attachment {
    let other = Attachment::from_bytes("doc", "application/json", b"{}");
    attachment.data.base64 = other.data.base64;
    attachment
}

fn unsigned(mut attachment: Attachment) -> Attachment {
    attachment.data.jws = None;
    attachment
}

/// T-D10 and row 48, first half: the request.
#[test]
fn a_document_that_its_did_did_not_sign_is_refused() {
    let document = unqualified(&alice());
    let did = document.id.clone();
    let signed = || sign_document(&document, "doc", &alice());
    for attachment in [
        unsigned(signed()),
        tampered(signed()),
        sign_document(&document, "doc", &bob()),
        // About another DID than the one sent.
        sign_document(&unqualified(&bob()), "doc", &bob()),
    ] {
        let refused = requested(&request_for(did.clone(), Some(attachment)), &alice());
        assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");
        assert!(is_request_not_accepted(&refused));
    }
    // RFC 0023 §Request processing: the envelope came from somebody else.
    let refused = requested(&request_1_0(), &bob());
    assert!(is_request_not_accepted(&refused));
    assert!(is_request_not_accepted(&requested(&request_1_1(), &bob())));
}

/// An attached document does not stand in for a DID that says or publishes its own.
#[test]
fn an_attached_document_cannot_replace_what_a_did_says_of_itself() {
    let mut forged = unqualified(&bob());
    forged.id = peer4(&alice());
    let attachment = sign_document(&forged, "doc", &bob());
    let refused = requested(&request_for(forged.id.clone(), Some(attachment)), &bob());
    assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");

    let did: Did = "did:web:alice.example".parse().unwrap();
    forged.id = did.clone();
    let attachment = sign_document(&forged, "doc", &bob());
    let message =
        request_for(did.clone(), Some(attachment)).to_message(REQUEST_ID, INVITATION_ID, 1);
    let input = ResponderInput::Requested { message: &message, sender_key: &public(&bob()) };
    let step = Responder::inviting(INVITATION_ID).step(input).unwrap();
    assert_eq!(step.effects, [Effect::Resolve { did }], "nothing is learned from it");
}

/// Row 48: too many keys, too many bytes.
#[test]
fn a_document_beyond_the_limits_is_refused() {
    let document = unqualified(&alice());
    let mut many = legacy::write(&document);
    let key = many["publicKey"][0].clone();
    many["publicKey"] = Value::Array(vec![key; 500]);
    let mut large = legacy::write(&document);
    large["comment"] = json!("x".repeat(1024 * 1024));
    for json in [many, large] {
        let attachment = signed_json(&json);
        let refused = requested(&request_for(document.id.clone(), Some(attachment)), &alice());
        assert!(is_request_not_accepted(&refused), "{refused}");
    }
}

/// Alice signs any JSON.
fn signed_json(json: &Value) -> Attachment {
    attach::signed("doc", "application/json", json.to_string().as_bytes(), &alice())
}

#[test]
fn a_did_that_nobody_can_look_up_is_refused() {
    let short = peer::short_form(&peer4(&alice())).unwrap();
    for did in
        [short.as_str(), "GxWz2Za2u3DjqyYq9mA57y", "did:sov:GxWz2Za2u3DjqyYq9mA57y", "did:x:y"]
    {
        let refused = requested(&request_for(did.parse().unwrap(), None), &alice());
        assert!(is_request_not_accepted(&refused), "{did}: {refused}");
    }
    let mut wrong_hash = peer4(&alice()).to_string();
    wrong_hash.replace_range(12..20, "QmQQQQQQ");
    let refused = requested(&request_for(wrong_hash.parse().unwrap(), None), &alice());
    assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");
}

/// T-D10, second half: the response has to be signed by the invitation key.
#[test]
fn a_response_that_the_inviter_did_not_sign_is_refused() {
    let document = unqualified(&bob());
    let did = peer4(&bob());
    let rotation = |key| sign_rotation(&did, "rotate", key);
    for response in [
        // Signed by its own key, not by the one of the invitation.
        Response {
            did: document.id.clone(),
            proof: Proof::Document(sign_document(&document, "doc", &bob())),
        },
        Response {
            did: document.id.clone(),
            proof: Proof::Document(unsigned(sign_document(&document, "doc", &invitation_key()))),
        },
        Response { did: did.clone(), proof: Proof::Rotation(rotation(&bob())) },
        Response {
            did: did.clone(),
            proof: Proof::Rotation(unsigned(rotation(&invitation_key()))),
        },
        Response {
            did: did.clone(),
            proof: Proof::Rotation(tampered(rotation(&invitation_key()))),
        },
        // Vouches for another DID than the one sent.
        Response { did: peer4(&alice()), proof: Proof::Rotation(rotation(&invitation_key())) },
        Response { did: did.clone(), proof: Proof::SameDid },
    ] {
        let refused = responded(&response, &bob());
        assert!(is_response_not_accepted(&refused), "{refused}");
    }
    // All is signed, but another key sent the envelope.
    assert!(is_response_not_accepted(&responded(&response_1_1(), &alice())));
}

#[test]
fn messages_of_other_threads_are_refused() {
    for (thid, pthid) in [("other", INVITATION_ID), (REQUEST_ID, "other")] {
        let message = response_1_1().to_message("r1", thid, pthid, 1);
        let input =
            RequesterInput::Responded { message: &message, sender_key: &public(&bob()), id: "c" };
        let refused = awaiting_response(1, &request_1_1()).state.step(input).unwrap_err();
        assert_eq!(refused, Error::OtherThread("response"));

        let request = request_1_1().to_message(REQUEST_ID, INVITATION_ID, 1);
        let response = response_1_1();
        let accept = ResponderInput::Accept { id: "r1", response: &response };
        let waiting = awaiting_decision(&request).state.step(accept).unwrap().state;
        let complete = Complete.to_message("c1", thid, pthid, 1);
        let refused = waiting.clone().step(ResponderInput::Completed(&complete)).unwrap_err();
        assert_eq!(refused, Error::OtherThread("complete"));
        let mut bare = complete;
        bare.pthid = None;
        assert!(waiting.step(ResponderInput::Completed(&bare)).is_err());
    }
    let mut message = request_1_1().to_message(REQUEST_ID, "other", 1);
    assert_eq!(requested_message(&message, &alice()), Error::OtherThread("request"));
    message.pthid = None;
    assert!(is_request_not_accepted(&requested_message(&message, &alice())));
}

#[test]
fn malformed_requests_are_refused() {
    let good = request_1_0().to_message(REQUEST_ID, INVITATION_ID, 1);
    let with = |name: &str, value: Value| {
        let mut message = good.clone();
        message.body.insert(name.to_owned(), value);
        message
    };
    let mut other_major = good.clone();
    other_major.kind.major = 2;
    let mut other_name = good.clone();
    other_name.kind.name = "response".to_owned();
    let attachment = good.body["did_doc~attach"].clone();
    for message in [
        with("did", json!(null)),
        with("did", json!(7)),
        with("did", json!("did:")),
        with("did", json!("x".repeat(100_000))),
        with("label", json!(["x"])),
        with("did_doc~attach", json!("x")),
        with("did_doc~attach", json!([attachment, attachment])),
        other_major,
        other_name,
    ] {
        let refused = requested_message(&message, &alice());
        assert!(matches!(refused, Error::Malformed { .. }), "{refused}");
        assert!(is_request_not_accepted(&refused));
    }
    for data in [json!({"links": ["http://169.254.169.254/"]}), json!({}), json!({"json": {}})] {
        let message = with("did_doc~attach", json!({"@id": "a", "data": data}));
        assert!(is_request_not_accepted(&requested_message(&message, &alice())));
    }
}
