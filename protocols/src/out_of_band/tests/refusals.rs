//! What Out-of-Band refuses.

use super::*;

/// Row 45, the link.
#[test]
fn hostile_links_are_refused() {
    let long = format!("https://x.example/?oob={}", "A".repeat(2 * 1024 * 1024));
    for (link, expected) in [
        ("", LinkError::NotUrl),
        ("no link", LinkError::NotUrl),
        ("https://x.example/", LinkError::NoInvitation),
        ("https://x.example/?c=e30", LinkError::NoInvitation),
        ("https://x.example/#oob=e30", LinkError::NoInvitation),
        ("https://x.example/?oob=%21%21", LinkError::NotBase64),
        ("https://x.example/?oob=e3", LinkError::NotBase64),
        (long.as_str(), LinkError::TooLong),
    ] {
        assert_eq!(link::read(link).unwrap_err(), expected);
    }
    for content in ["", "bm90IGpzb24", "e30", "W10", "eyJAdHlwZSI6InBpbmciLCJAaWQiOiJ4In0"] {
        let link = format!("https://x.example/?oob={content}");
        assert!(matches!(link::read(&link), Err(LinkError::NotMessage(_))), "{content}");
    }
}

fn with(field: &str, value: Value) -> Message {
    let mut message = acapy();
    message.body.insert(field.to_owned(), value);
    message
}

fn service(change: impl FnOnce(&mut Value)) -> Message {
    let mut service = acapy().body["services"][0].clone();
    change(&mut service);
    with("services", json!([service]))
}

/// Row 45, the services.
#[test]
fn an_invitation_without_a_usable_service_is_refused() {
    let mut without = acapy();
    without.body.remove("services");
    let other_kind = service(|service| service["type"] = json!("LinkedDomains"));
    for message in [without, with("services", json!([])), with("services", json!({})), other_kind] {
        assert_eq!(Invitation::read(&message).unwrap_err(), Error::NoService);
    }
}

/// Row 45, malformed services; among them an endpoint that is a program.
#[test]
fn hostile_services_are_refused() {
    let keys = |n: usize| Value::Array(vec![json!(KEY); n]);
    for message in [
        service(|s| s["serviceEndpoint"] = json!("javascript:alert(1)")),
        service(|s| s["serviceEndpoint"] = json!("file:///etc/passwd")),
        service(|s| s["serviceEndpoint"] = json!("gopher://x.example/")),
        service(|s| s["serviceEndpoint"] = json!("https://")),
        service(|s| s["serviceEndpoint"] = json!("did:")),
        service(|s| s["serviceEndpoint"] = json!(null)),
        service(|s| s["recipientKeys"] = json!([])),
        service(|s| s["recipientKeys"] = json!(["did:key:z6MkBroken"])),
        service(|s| s["recipientKeys"] = json!("x")),
        service(|s| s["recipientKeys"] = keys(KEYS_MAX + 1)),
        service(|s| s["routingKeys"] = keys(KEYS_MAX + 1)),
        service(|s| s["routingKeys"] = json!(["did:web:x.example"])),
        with("services", json!(["not a did"])),
        with("services", json!([7])),
        with("services", Value::Array(vec![json!("did:web:x.example"); SERVICES_MAX + 1])),
        with("label", json!(7)),
        with("handshake_protocols", json!("x")),
        with("requests~attach", Value::Array(vec![json!({}); REQUESTS_MAX + 1])),
    ] {
        let refused = Invitation::read(&message).unwrap_err();
        assert!(matches!(refused, Error::Malformed { .. }), "{:?}", message.body);
    }
}

#[test]
fn endpoints_that_agents_use_are_taken() {
    for endpoint in [
        "http://localhost:8020",
        "wss://agent.example/ws",
        "did:sov:A2wBhNYhMrjHiqZDTUYH7u;routeid",
        "did:peer:2.Vz6Mk#1",
        "didcomm:transport/queue",
    ] {
        let message = service(|service| service["serviceEndpoint"] = json!(endpoint));
        assert!(Invitation::read(&message).is_ok(), "{endpoint}");
    }
}

#[test]
fn an_invitation_that_offers_nothing_we_know_is_refused() {
    let nothing = with("handshake_protocols", json!(["https://example.org/wave/1.0"]));
    assert_eq!(Invitation::read(&nothing).unwrap_err(), Error::NothingOffered);
    let mut linked = connectionless();
    linked.body.insert(
        "requests~attach".to_owned(),
        json!([{"@id": "r", "data": {"links": ["http://169.254.169.254/"]}}]),
    );
    assert_eq!(Invitation::read(&linked).unwrap_err(), Error::NothingOffered);
}

#[test]
fn other_messages_are_no_invitations() {
    for text in [
        r#"{"@type":"https://didcomm.org/out-of-band/2.0/invitation","@id":"i"}"#,
        r#"{"@type":"https://didcomm.org/out-of-band/1.1/handshake-reuse","@id":"i"}"#,
        r#"{"type":"https://didcomm.org/out-of-band/1.1/invitation","id":"i","body":{}}"#,
        r#"{"@type":"https://example.org/out-of-band/1.1/invitation","@id":"i"}"#,
    ] {
        let refused = Invitation::read(&vector(text)).unwrap_err();
        assert!(matches!(refused, Error::Malformed { .. }), "{text}");
    }
}

/// Row 46: one succeeds, ninety-nine are told that it is used.
#[test]
fn a_single_use_invitation_is_answered_once() {
    let mut sender = Sender::invite(&ours(), false);
    let mut codes = Vec::new();
    for _ in 0..100 {
        match sender.clone().step(SenderInput::Responded { pthid: "i1", now: 0 }) {
            Ok(step) => sender = step.state,
            Err(refused) => codes.push(refused.problem_code(Version::V2)),
        }
    }
    assert_eq!(codes, vec![Some("e.p.req.already-used"); 99]);
    assert_eq!(sender.rfc_state(), "done");
}

#[test]
fn a_multi_use_invitation_is_answered_often() {
    let mut sender = Sender::invite(&ours(), true);
    for _ in 0..100 {
        sender = sender.step(SenderInput::Responded { pthid: "i1", now: 0 }).unwrap().state;
    }
    assert!(!sender.is_terminal());
}

/// Row 47: on both sides.
#[test]
fn an_expired_invitation_is_refused() {
    let mut invitation = ours();
    invitation.expires_time = Some(1_700_000_000);
    let message = invitation.to_message();
    assert_eq!(Receiver::receive(&message, 1_700_000_000).unwrap_err(), Error::Expired);
    Receiver::receive(&message, 1_699_999_999).unwrap();

    let sender = Sender::invite(&invitation, true);
    let late = SenderInput::Responded { pthid: "i1", now: 1_700_000_001 };
    let refused = sender.step(late).unwrap_err();
    assert_eq!(refused, Error::Expired);
    assert_eq!(refused.problem_code(Version::V1), Some("request_not_accepted"));
    assert_eq!(refused.problem_code(Version::V2), Some("e.p.req.time"));
}

#[test]
fn answers_to_another_invitation_are_refused() {
    let sender = Sender::invite(&ours(), true);
    let refused = sender.step(SenderInput::Responded { pthid: "other", now: 0 }).unwrap_err();
    assert_eq!(refused, Error::OtherThread("response"));

    let waiting = accept(&acapy(), Some("c0")).state;
    for (thid, pthid) in [("u1", "other"), ("other", INVITATION_ID)] {
        let accepted = Reuse::Accepted.to_message("a", thid, pthid, 1);
        let refused = waiting.clone().step(Input::ReuseAccepted(&accepted)).unwrap_err();
        assert_eq!(refused, Error::OtherThread("handshake-reuse-accepted"));
    }
}

#[test]
fn every_other_pair_of_state_and_input_is_refused() {
    let asked = Reuse::Asked.to_message("u", "u", "i1", 1);
    for state in [Sender::Used, Sender::Withdrawn] {
        for input in [
            SenderInput::Responded { pthid: "i1", now: 0 },
            SenderInput::Reused { message: &asked, id: "a", now: 0 },
            SenderInput::Withdraw,
        ] {
            assert!(state.clone().step(input).is_err(), "{state:?} {input:?}");
        }
    }

    let accepted = Reuse::Accepted.to_message("a", "u1", INVITATION_ID, 1);
    let inputs = [
        Input::Accept { existing: None, id: "u1" },
        Input::Decline,
        Input::ReuseAccepted(&accepted),
        Input::ReuseRefused,
        Input::Connected { connection: "c1" },
        Input::ConnectionFailed,
    ];
    let allowed = |state: &Receiver| match state {
        Receiver::AwaitingDecision { .. } => vec![0, 1],
        Receiver::AwaitingReuse { .. } => vec![2, 3],
        Receiver::AwaitingConnection { .. } => vec![4, 5],
        Receiver::Answered | Receiver::Declined => vec![],
    };
    for state in [
        Receiver::receive(&acapy(), 0).unwrap(),
        accept(&acapy(), Some("c0")).state,
        accept(&acapy(), None).state,
        Receiver::Answered,
        Receiver::Declined,
    ] {
        for (index, input) in inputs.iter().enumerate() {
            let result = state.clone().step(*input);
            if allowed(&state).contains(&index) {
                assert!(result.is_ok(), "{state:?} {input:?}");
            } else {
                assert!(matches!(result, Err(Error::Unexpected { .. })), "{state:?} {input:?}");
            }
        }
    }
}
