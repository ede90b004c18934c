//! Every pair of state and input that is not in the diagrams of RFC 0023.

use super::*;

#[test]
fn every_other_pair_of_state_and_input_of_the_requester_is_refused() {
    let (request, key) = (request_1_1(), public(&bob()));
    let message = response_1_1().to_message("r1", REQUEST_ID, INVITATION_ID, 1);
    let document = published(&"did:web:bob.example".parse().unwrap(), &bob());
    let inputs = [
        RequesterInput::Accept { id: REQUEST_ID, request: &request },
        RequesterInput::Decline,
        RequesterInput::Responded { message: &message, sender_key: &key, id: "c1" },
        RequesterInput::Resolved { document: &document, id: "c1" },
        RequesterInput::Unresolvable { id: "p1" },
        RequesterInput::Reported(&message),
    ];
    let waiting = Requester::AwaitingDocument {
        origin: origin(1),
        thid: REQUEST_ID.to_owned(),
        minor: 1,
        did: document.id.clone(),
        sender_key: key::from_ed25519(&key).to_string(),
    };
    let states: [(Requester, &[usize]); 6] = [
        (Requester::invited(origin(1)), &[0, 1]),
        (awaiting_response(1, &request).state, &[2, 5]),
        (waiting, &[3, 4, 5]),
        (Requester::Completed { did: document.id.clone() }, &[]),
        (Requester::Declined, &[]),
        (Requester::Abandoned { problem: crate::problem::Problem::new("x", "y") }, &[]),
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
fn every_other_pair_of_state_and_input_of_the_responder_is_refused() {
    let (message, key) = (request_1_1().to_message(REQUEST_ID, INVITATION_ID, 1), public(&alice()));
    let response = response_1_1();
    let complete = Complete.to_message("c1", REQUEST_ID, INVITATION_ID, 1);
    let web: Did = "did:web:alice.example".parse().unwrap();
    let document = published(&web, &alice());
    let inputs = [
        ResponderInput::Requested { message: &message, sender_key: &key },
        ResponderInput::Resolved(&document),
        ResponderInput::Unresolvable,
        ResponderInput::Accept { id: "r1", response: &response },
        ResponderInput::Refuse { id: "p1", explain: "no" },
        ResponderInput::Completed(&complete),
        ResponderInput::Reported(&complete),
    ];
    let elsewhere = request_for(web, None).to_message(REQUEST_ID, INVITATION_ID, 1);
    let deciding = awaiting_decision(&message).state;
    let states: [(Responder, &[usize]); 7] = [
        (Responder::inviting(INVITATION_ID), &[0]),
        (awaiting_decision(&elsewhere).state, &[1, 2, 6]),
        (deciding.clone(), &[3, 4, 6]),
        (deciding.step(inputs[3]).unwrap().state, &[5, 6]),
        (Responder::Completed { did: document.id.clone() }, &[]),
        (Responder::Refused, &[]),
        (Responder::Abandoned { problem: crate::problem::Problem::new("x", "y") }, &[]),
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
