//! Every pair that is not in the diagram, and formats that nobody asked for.

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::ack::Status;

fn verifiers() -> Vec<(&'static str, Verifier)> {
    vec![
        ("start", Verifier::Start),
        ("proposed", Verifier::AwaitingOurRequest { proposal: proposal("a") }),
        ("requested", Verifier::AwaitingPresentation { request: request("a") }),
        ("checking", Verifier::AwaitingCheck { request: request("a"), wants_ack: false }),
        ("verified", Verifier::Verified),
        ("rejected", Verifier::Rejected { problem: problem() }),
        ("declined", Verifier::Declined { problem: problem() }),
        ("abandoned", Verifier::Abandoned { problem: problem() }),
    ]
}

fn provers() -> Vec<(&'static str, Prover)> {
    vec![
        ("start", Prover::Start),
        ("proposed", Prover::AwaitingRequest { proposal: proposal("a") }),
        ("requested", Prover::AwaitingConsent { request: request("a") }),
        ("presenting", Prover::AwaitingProof { request: request("a") }),
        ("sent", Prover::AwaitingAck),
        ("presented", Prover::Presented),
        ("accepted", Prover::Accepted),
        ("rejected", Prover::Rejected { problem: problem() }),
        ("declined", Prover::Declined { problem: problem() }),
        ("abandoned", Prover::Abandoned { problem: problem() }),
    ]
}

fn messages() -> Vec<Message> {
    vec![
        Message::Propose(proposal("a")),
        Message::Request(request("a")),
        Message::Presentation(presentation("a")),
        Message::Ack(Status::Ok),
        Message::Problem(problem()),
    ]
}

/// The table of RFC 0454 §States for the verifier, with its two deviations.
const VERIFIER: [(&str, &[&str]); 8] = [
    ("start", &["propose-presentation", "our request"]),
    ("proposed", &["problem-report", "our request", "our problem report"]),
    (
        "requested",
        &[
            "propose-presentation",
            "presentation",
            "problem-report",
            "our request",
            "our problem report",
        ],
    ),
    ("checking", &["problem-report", "a passed check", "a failed check"]),
    ("verified", &[]),
    ("rejected", &[]),
    ("declined", &[]),
    ("abandoned", &[]),
];

/// The table of RFC 0454 §States for the prover.
const PROVER: [(&str, &[&str]); 10] = [
    ("start", &["request-presentation", "our proposal"]),
    ("proposed", &["request-presentation", "problem-report", "our problem report"]),
    ("requested", &["problem-report", "our proposal", "our consent", "our problem report"]),
    (
        "presenting",
        &["problem-report", "our presentation", "no presentation", "our problem report"],
    ),
    ("sent", &["ack", "problem-report"]),
    ("presented", &[]),
    ("accepted", &[]),
    ("rejected", &[]),
    ("declined", &[]),
    ("abandoned", &[]),
];

#[test]
fn the_verifier_refuses_every_pair_that_is_not_in_the_diagram() {
    let mut inputs: Vec<_> = messages().into_iter().map(VerifierInput::Received).collect();
    inputs.extend([
        VerifierInput::Request(request("a")),
        VerifierInput::Valid,
        VerifierInput::Invalid(problem()),
        VerifierInput::Decline(problem()),
    ]);
    for ((name, state), (row, allowed)) in verifiers().into_iter().zip(VERIFIER) {
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
fn the_prover_refuses_every_pair_that_is_not_in_the_diagram() {
    let mut inputs: Vec<_> = messages().into_iter().map(ProverInput::Received).collect();
    inputs.extend([
        ProverInput::Propose(proposal("a")),
        ProverInput::Consent { credentials: Vec::new() },
        ProverInput::Presented(presentation("a")),
        ProverInput::Unable,
        ProverInput::Decline(problem()),
    ]);
    for ((name, state), (row, allowed)) in provers().into_iter().zip(PROVER) {
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
fn a_presentation_in_a_format_that_nobody_asked_for_is_refused() {
    let wrong = || Presentation {
        attached: vec![Attached::new("hlindy/proof@v2.0", json!({}))],
        ..Presentation::default()
    };
    let state = Verifier::AwaitingPresentation { request: request("a") };
    let refused = state.step(VerifierInput::Received(Message::Presentation(wrong())));
    assert_eq!(refused, Err(Error::Formats("presentation")));
    let state = Prover::AwaitingProof { request: request("a") };
    assert!(matches!(state.step(ProverInput::Presented(wrong())), Err(Error::Misuse(_))));
}

#[test]
fn nothing_to_say_is_our_own_mistake() {
    let request = Verifier::Start.step(VerifierInput::Request(Request::default()));
    assert!(matches!(request, Err(Error::Misuse(_))));
    let proposal = Prover::Start.step(ProverInput::Propose(Proposal::default()));
    assert!(matches!(proposal, Err(Error::Misuse(_))));
}

/// The rows of version 0.1; a later shape adds rows and keeps these readable.
#[test]
fn stored_states_of_every_release_are_read_and_unknown_fields_refused() {
    let rows: Value = serde_json::from_str(include_str!("../vectors/states-0.1.json")).unwrap();
    let verifiers: Vec<Verifier> = verifiers().into_iter().map(|(_, state)| state).collect();
    let provers: Vec<Prover> = provers().into_iter().map(|(_, state)| state).collect();
    let written = json!({ "verifiers": verifiers, "provers": provers });
    assert_eq!(written, rows, "{written}");
    assert_eq!(Vec::<Verifier>::deserialize(&rows["verifiers"]).unwrap(), verifiers);
    assert_eq!(Vec::<Prover>::deserialize(&rows["provers"]).unwrap(), provers);
    let row = r#"{"Declined":{"problem":{"code":"c","comment":null},"new":1}}"#;
    assert!(serde_json::from_str::<Verifier>(row).is_err());
    assert!(serde_json::from_str::<Prover>(row).is_err());
}
