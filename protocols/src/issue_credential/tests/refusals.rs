//! Every pair that is not in the diagram, and formats that nobody asked for.

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::Step;
use crate::ack::Status;
use crate::bound::{Bound, Stranger};

fn issuers() -> Vec<(&'static str, Issuer)> {
    let request = || request("a");
    vec![
        ("start", Issuer::Start),
        ("proposed", Issuer::AwaitingOurOffer { proposal: proposal("a") }),
        ("offered", Issuer::AwaitingRequest { offer: offer("a") }),
        ("requested", Issuer::AwaitingApproval { offer: None, request: request() }),
        ("answered", Issuer::AwaitingApproval { offer: Some(offer("a")), request: request() }),
        ("signing", Issuer::AwaitingSignature { replacement_id: None, request: request() }),
        ("issued", Issuer::AwaitingAck),
        ("acked", Issuer::Acked),
        ("declined", Issuer::Declined { problem: problem() }),
        ("abandoned", Issuer::Abandoned { problem: problem() }),
    ]
}

fn holders() -> Vec<(&'static str, Holder)> {
    let request = || request("a");
    vec![
        ("start", Holder::Start),
        ("proposed", Holder::AwaitingOffer { proposal: proposal("a") }),
        ("offered", Holder::AwaitingOurRequest { offer: offer("a") }),
        ("requested", Holder::AwaitingCredential { offer: None, request: request() }),
        ("answered", Holder::AwaitingCredential { offer: Some(offer("a")), request: request() }),
        ("checking", Holder::AwaitingCheck { credential: credential("a") }),
        ("stored", Holder::Stored),
        ("declined", Holder::Declined { problem: problem() }),
        ("rejected", Holder::Rejected { problem: problem() }),
        ("abandoned", Holder::Abandoned { problem: problem() }),
    ]
}

fn messages() -> Vec<Message> {
    vec![
        Message::Propose(proposal("a")),
        Message::Offer(offer("a")),
        Message::Request(request("a")),
        Message::Issue(credential("a")),
        Message::Ack(Status::Ok),
        Message::Problem(problem()),
    ]
}

/// The diagram of the issuer: state, inputs that it takes.
const ISSUER: [(&str, &[&str]); 10] = [
    ("start", &["propose-credential", "request-credential", "our offer"]),
    ("proposed", &["problem-report", "our offer", "our problem report"]),
    (
        "offered",
        &["propose-credential", "request-credential", "problem-report", "our problem report"],
    ),
    ("requested", &["problem-report", "our offer", "our approval", "our problem report"]),
    ("answered", &["problem-report", "our approval", "our problem report"]),
    ("signing", &["problem-report", "our signature", "our problem report"]),
    ("issued", &["ack", "problem-report"]),
    ("acked", &[]),
    ("declined", &[]),
    ("abandoned", &[]),
];

/// The diagram of the holder: state, inputs that it takes.
const HOLDER: [(&str, &[&str]); 10] = [
    ("start", &["offer-credential", "our proposal", "our request"]),
    ("proposed", &["offer-credential", "problem-report", "our problem report"]),
    ("offered", &["problem-report", "our proposal", "our request", "our problem report"]),
    (
        "requested",
        &["offer-credential", "issue-credential", "problem-report", "our problem report"],
    ),
    ("answered", &["issue-credential", "problem-report", "our problem report"]),
    ("checking", &["problem-report", "a passed check", "a failed check"]),
    ("stored", &[]),
    ("declined", &[]),
    ("rejected", &[]),
    ("abandoned", &[]),
];

#[test]
fn the_issuer_refuses_every_pair_that_is_not_in_the_diagram() {
    let mut inputs: Vec<_> = messages().into_iter().map(IssuerInput::Received).collect();
    inputs.extend([
        IssuerInput::Offer(offer("a")),
        IssuerInput::Approve,
        IssuerInput::Signed(vc("a")),
        IssuerInput::Decline(problem()),
    ]);
    for ((name, state), (row, allowed)) in issuers().into_iter().zip(ISSUER) {
        assert_eq!(name, row);
        for input in &inputs {
            let taken = allowed.contains(&input.name());
            let result = state.clone().step(input.clone());
            assert_eq!(result.is_ok(), taken, "{name}, {}", input.name());
            if let Err(error) = result {
                let (input, state) = (input.name(), state.rfc_state());
                assert_eq!(error, Error::Unexpected { input, state });
            }
        }
        assert_eq!(state.is_terminal(), allowed.is_empty(), "{name}");
    }
}

#[test]
fn the_holder_refuses_every_pair_that_is_not_in_the_diagram() {
    let mut inputs: Vec<_> = messages().into_iter().map(HolderInput::Received).collect();
    inputs.extend([
        HolderInput::Propose(proposal("a")),
        HolderInput::Request(request("a")),
        HolderInput::Valid,
        HolderInput::Invalid(problem()),
        HolderInput::Decline(problem()),
    ]);
    for ((name, state), (row, allowed)) in holders().into_iter().zip(HOLDER) {
        assert_eq!(name, row);
        for input in &inputs {
            let taken = allowed.contains(&input.name());
            let result = state.clone().step(input.clone());
            assert_eq!(result.is_ok(), taken, "{name}, {}", input.name());
        }
        assert_eq!(state.is_terminal(), allowed.is_empty(), "{name}");
    }
}

#[test]
fn a_format_that_nobody_asked_for_is_refused() {
    let indy = || vec![Attached::new("hlindy/cred-req@v2.0", json!({}))];
    let wrong = Message::Request(Request { attached: indy(), ..Request::default() });
    let state = Issuer::AwaitingRequest { offer: offer("a") };
    let refused = state.step(IssuerInput::Received(wrong));
    assert_eq!(refused, Err(Error::Formats("request-credential")));

    let wrong = Message::Issue(Credential { attached: indy(), ..Credential::default() });
    let state = Holder::AwaitingCredential { offer: None, request: request("a") };
    let refused = state.step(HolderInput::Received(wrong));
    assert_eq!(refused, Err(Error::Formats("issue-credential")));

    let state = Issuer::AwaitingSignature { replacement_id: None, request: request("a") };
    assert!(matches!(state.step(IssuerInput::Signed(indy())), Err(Error::Misuse(_))));
    let state = Holder::AwaitingOurRequest { offer: offer("a") };
    let wrong = HolderInput::Request(Request { attached: indy(), ..Request::default() });
    assert!(matches!(state.step(wrong), Err(Error::Misuse(_))));
}

#[test]
fn one_of_several_offered_formats_may_be_requested() {
    let mut two = offer("a");
    two.attached.insert(0, Attached::new("hlindy/cred-abstract@v2.0", json!({})));
    let state = Issuer::AwaitingRequest { offer: two };
    let _ = state.step(IssuerInput::Received(Message::Request(request("a")))).unwrap();
}

#[test]
fn nothing_to_say_is_our_own_mistake() {
    let empty = [
        Issuer::Start.step(IssuerInput::Offer(Offer::default())).map(|_| ()),
        Holder::Start.step(HolderInput::Propose(Proposal::default())).map(|_| ()),
        Holder::Start.step(HolderInput::Request(Request::default())).map(|_| ()),
    ];
    for result in empty {
        assert!(matches!(result, Err(Error::Misuse(_))));
    }
}

/// `promises.md` T-D8: a thread id is no secret.
#[test]
fn only_the_peer_of_the_thread_moves_it() {
    let bound = Bound::to("alice", Issuer::AwaitingRequest { offer: offer("a") });
    let asked = || IssuerInput::Received(Message::Request(request("a")));
    let refused = bound.clone().receive("mallory", |issuer| issuer.step(asked()));
    assert_eq!(refused, Err(Error::Stranger(Stranger)));
    let Step { state, .. } = bound.receive("alice", |issuer| issuer.step(asked())).unwrap();
    assert_eq!(state.role.rfc_state(), "request-received");
}

/// The rows of version 0.1; a later shape adds rows and keeps these readable.
#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    let rows: Value = serde_json::from_str(include_str!("../vectors/states-0.1.json")).unwrap();
    let issuers: Vec<Issuer> = issuers().into_iter().map(|(_, state)| state).collect();
    let holders: Vec<Holder> = holders().into_iter().map(|(_, state)| state).collect();
    let written = json!({ "issuers": issuers, "holders": holders });
    assert_eq!(written, rows, "{written}");
    assert_eq!(Vec::<Issuer>::deserialize(&rows["issuers"]).unwrap(), issuers);
    assert_eq!(Vec::<Holder>::deserialize(&rows["holders"]).unwrap(), holders);
    let row = r#"{"Declined":{"problem":{"code":"c","comment":null,"new":1}}}"#;
    assert!(serde_json::from_str::<Issuer>(row).is_err());
    assert!(serde_json::from_str::<Holder>(row).is_err());
}
