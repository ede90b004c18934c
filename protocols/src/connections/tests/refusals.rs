//! What Connections refuses: key substitution, and every pair that is not in the diagram.

use picomesh_didcomm::Version;

use super::*;

fn requested(message: &Message, sender: &SigningKey) -> Error {
    let input = InviterInput::Requested { message, sender_key: &public(sender) };
    Inviter::inviting(Some("i1")).step(input).unwrap_err()
}

fn response(signature: &Value) -> Message {
    let mut message = vector(include_str!("../vectors/acapy-response.json"));
    message.body.insert("connection~sig".to_owned(), signature.clone());
    message
}

fn responded(message: &Message, sender: &SigningKey) -> Error {
    let input = InviteeInput::Responded { message, sender_key: &public(sender), id: "a1" };
    awaiting_response(None).state.step(input).unwrap_err()
}

#[test]
fn a_request_that_does_not_match_its_envelope_is_refused() {
    let message = request().to_message(REQUEST_ID, None);
    let refused = requested(&message, &bob());
    assert!(matches!(refused, Error::Untrusted { .. }));
    assert_eq!(refused.problem_code(Version::V1), Some("request_not_accepted"));

    // The document of one DID beside another DID.
    let mut swapped = request();
    swapped.connection.did = connection(&bob()).did;
    assert!(
        requested(&swapped.to_message(REQUEST_ID, None), &alice()).to_string().contains("about")
    );

    let mut bare = request();
    bare.connection.document = None;
    let refused = requested(&bare.to_message(REQUEST_ID, None), &alice());
    assert!(matches!(refused, Error::Untrusted { .. }));

    let other = request().to_message(REQUEST_ID, Some("other"));
    assert_eq!(requested(&other, &alice()), Error::OtherThread("request"));
}

/// Row 48 for this protocol.
#[test]
fn a_document_beyond_the_limits_is_refused() {
    for (field, value) in [
        ("publicKey", {
            let key = legacy::write(&document(&alice()))["publicKey"][0].clone();
            Value::Array(vec![key; 500])
        }),
        ("comment", json!("x".repeat(1024 * 1024))),
    ] {
        let mut large = request();
        let mut json = legacy::write(&document(&alice()));
        json[field] = value;
        large.connection.document = Some(json);
        let refused = requested(&large.to_message(REQUEST_ID, None), &alice());
        assert!(matches!(refused, Error::Untrusted { .. }), "{field}");
    }
}

/// RFC 0160 §Response: the signature has to be of the invitation's key.
#[test]
fn a_response_that_the_inviter_did_not_sign_is_refused() {
    let good = serde_json::to_value(signed(&connection(&bob()), &invitation_key())).unwrap();
    let with = |name: &str, value: Value| {
        let mut signature = good.clone();
        signature[name] = value;
        signature
    };
    let own = serde_json::to_value(signed(&connection(&bob()), &bob())).unwrap();
    let other = serde_json::to_value(signed(&connection(&alice()), &bob())).unwrap();
    for signature in [
        own.clone(),
        with("sig_data", other["sig_data"].clone()),
        with("signature", own["signature"].clone()),
        with("signer", own["signer"].clone()),
        with("signer", json!("not a key")),
        with("sig_data", json!("")),
        with("sig_data", json!("%%%")),
        with("signature", json!("AAAA")),
        with("@type", json!("https://didcomm.org/signature/1.0/rsa")),
    ] {
        let refused = responded(&response(&signature), &bob());
        assert!(matches!(refused, Error::Untrusted { .. }), "{refused}");
        assert_eq!(refused.problem_code(Version::V1), Some("response_not_accepted"));
    }
    // All is signed, but another key sent the envelope.
    assert!(matches!(responded(&response(&good), &alice()), Error::Untrusted { .. }));
}

/// Signed well, but not a connection: shorter than its timestamp, no JSON, other JSON.
#[test]
fn signed_nonsense_is_refused() {
    for value in [json!(7), json!({}), json!({"DID": "x"}), json!({"DIDDoc": {}})] {
        let signature = serde_json::to_value(sign(&value, NOW, &invitation_key())).unwrap();
        let refused = responded(&response(&signature), &bob());
        assert!(matches!(refused, Error::Malformed { .. }), "{value}");
    }
    let mut other = vector(include_str!("../vectors/acapy-response.json"));
    other.thid = Some("other".to_owned());
    assert_eq!(responded(&other, &bob()), Error::OtherThread("response"));
}

#[test]
fn malformed_messages_are_refused() {
    for body in [
        json!({}),
        json!({"connection": {}}),
        json!({"connection": {"DID": 7}}),
        json!({"connection": {"DID": "did:"}}),
        json!({"label": 7, "connection": {"DID": "GxWz2Za2u3DjqyYq9mA57y"}}),
    ] {
        let mut message = request().to_message(REQUEST_ID, None);
        message.body = body.as_object().cloned().unwrap();
        assert!(matches!(requested(&message, &alice()), Error::Malformed { .. }), "{body}");
    }
    for body in [
        json!({"label": "x"}),
        json!({"recipientKeys": [], "serviceEndpoint": "https://a.example"}),
        json!({"recipientKeys": ["x"], "serviceEndpoint": "https://a.example"}),
        json!({"recipientKeys": ["8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K"]}),
        json!({"recipientKeys": ["8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K"],
            "serviceEndpoint": "javascript:alert(1)"}),
        json!({"did": "x"}),
    ] {
        let mut message = link::read(include_str!("../vectors/rfc0160-link.txt")).unwrap();
        message.body = body.as_object().cloned().unwrap();
        let refused = Invitation::read(&message).unwrap_err();
        assert!(matches!(refused, Error::Malformed { .. }), "{body}");
        assert_eq!(refused.problem_code(Version::V1), None, "RFC 0160 has no errors here");
    }
}

#[test]
fn every_other_pair_of_state_and_input_of_the_invitee_is_refused() {
    let (request, key) = (request(), public(&bob()));
    let message = vector(include_str!("../vectors/acapy-response.json"));
    let did: Did = "did:web:bob.example".parse().unwrap();
    let document = published(&did, &bob());
    let inputs = [
        InviteeInput::Accept { id: REQUEST_ID, request: &request },
        InviteeInput::Decline,
        InviteeInput::Responded { message: &message, sender_key: &key, id: "a1" },
        InviteeInput::Resolved { document: &document, id: "a1" },
        InviteeInput::Unresolvable { id: "p1" },
        InviteeInput::Reported(&message),
    ];
    let waiting = Invitee::AwaitingDocument {
        thid: REQUEST_ID.to_owned(),
        did: did.clone(),
        sender_key: None,
    };
    let states: [(Invitee, &[usize]); 6] = [
        (Invitee::invited(None, &[public(&invitation_key())]), &[0, 1]),
        (awaiting_response(None).state, &[2, 5]),
        (waiting, &[3, 4, 5]),
        (Invitee::Connected { did }, &[]),
        (Invitee::Declined, &[]),
        (Invitee::Abandoned { problem: crate::problem::Problem::new("x", "y") }, &[]),
    ];
    for (state, allowed) in states {
        for (index, input) in inputs.iter().enumerate() {
            let result = state.clone().step(*input);
            if allowed.contains(&index) {
                assert!(result.is_ok(), "{state:?} {input:?}");
            } else {
                assert!(matches!(result, Err(Error::Unexpected { .. })), "{state:?} {input:?}");
            }
        }
        assert_eq!(state.is_terminal(), allowed.is_empty());
    }
}

#[test]
fn every_other_pair_of_state_and_input_of_the_inviter_is_refused() {
    let (message, key) = (request().to_message(REQUEST_ID, None), public(&alice()));
    let signature = signed(&connection(&bob()), &invitation_key());
    let did: Did = "did:web:alice.example".parse().unwrap();
    let document = published(&did, &alice());
    let inputs = [
        InviterInput::Requested { message: &message, sender_key: &key },
        InviterInput::Resolved(&document),
        InviterInput::Unresolvable,
        InviterInput::Accept { id: "r1", connection: &signature },
        InviterInput::Refuse { id: "p1", explain: "no" },
        InviterInput::Confirmed,
        InviterInput::Reported(&message),
    ];
    let mut elsewhere = request();
    elsewhere.connection = Connection { did: did.clone(), document: None };
    let deciding = awaiting_decision(&message).state;
    let states: [(Inviter, &[usize]); 7] = [
        (Inviter::inviting(None), &[0]),
        (awaiting_decision(&elsewhere.to_message(REQUEST_ID, None)).state, &[1, 2, 6]),
        (deciding.clone(), &[3, 4, 6]),
        (deciding.step(inputs[3]).unwrap().state, &[5, 6]),
        (Inviter::Connected { did }, &[]),
        (Inviter::Refused, &[]),
        (Inviter::Abandoned { problem: crate::problem::Problem::new("x", "y") }, &[]),
    ];
    for (state, allowed) in states {
        for (index, input) in inputs.iter().enumerate() {
            let result = state.clone().step(*input);
            if allowed.contains(&index) {
                assert!(result.is_ok(), "{state:?} {input:?}");
            } else {
                assert!(matches!(result, Err(Error::Unexpected { .. })), "{state:?} {input:?}");
            }
        }
        assert_eq!(state.is_terminal(), allowed.is_empty());
    }
}
