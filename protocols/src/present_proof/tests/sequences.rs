//! The pictures of RFC 0454 §Choreography Diagram, both roles against each other.

use super::*;
use crate::Step;
use crate::ack::Status;
use crate::bound::{Bound, Stranger};

/// Gives `input` to the verifier; the messages that it sends reach the prover.
fn verifier(pair: &mut (Verifier, Prover), input: VerifierInput) -> Vec<VerifierEffect> {
    let step = pair.0.clone().step(input).unwrap();
    pair.0 = step.state;
    let mut effects = Vec::new();
    for effect in step.effects {
        match effect {
            VerifierEffect::Send(message) => {
                prover(pair, ProverInput::Received(message));
            }
            check @ VerifierEffect::Check { .. } => effects.push(check),
        }
    }
    effects
}

/// Gives `input` to the prover; the messages that it sends reach the verifier.
fn prover(pair: &mut (Verifier, Prover), input: ProverInput) -> Vec<ProverEffect> {
    let step = pair.1.clone().step(input).unwrap();
    pair.1 = step.state;
    let mut effects = Vec::new();
    for effect in step.effects {
        match effect {
            ProverEffect::Send(message) => {
                verifier(pair, VerifierInput::Received(message));
            }
            present @ ProverEffect::Present { .. } => effects.push(present),
        }
    }
    effects
}

fn states(pair: &(Verifier, Prover)) -> (&'static str, &'static str) {
    (pair.0.rfc_state(), pair.1.rfc_state())
}

fn consent() -> ProverInput {
    ProverInput::Consent { credentials: vec!["c1".to_owned()] }
}

/// The happy path.
///
///   Verifier                      Prover
///      | -- request-presentation --> |
///      | <------ presentation ------ |
///      | ----------- ack ----------> |
#[test]
fn a_valid_presentation_is_acked() {
    let mut pair = Default::default();
    verifier(&mut pair, VerifierInput::Request(request("a")));
    assert_eq!(states(&pair), ("request-sent", "request-received"));

    let effects = prover(&mut pair, consent());
    let credentials = vec!["c1".to_owned()];
    assert_eq!(effects, [ProverEffect::Present { request: request("a"), credentials }]);
    assert_eq!(states(&pair), ("request-sent", "request-received"));

    prover(&mut pair, ProverInput::Presented(presentation("a")));
    assert_eq!(states(&pair), ("presentation-received", "presentation-sent"));

    verifier(&mut pair, VerifierInput::Valid);
    assert_eq!(pair, (Verifier::Verified, Prover::Accepted));
    assert_eq!(states(&pair), ("done", "done"));
}

#[test]
fn the_check_sees_request_and_presentation() {
    let state = Verifier::AwaitingPresentation { request: request("a") };
    let input = VerifierInput::Received(Message::Presentation(presentation("b")));
    let step = state.step(input).unwrap();
    let check = VerifierEffect::Check { request: request("a"), presentation: presentation("b") };
    assert_eq!(step.effects, [check]);
    assert_eq!(step.state, Verifier::AwaitingCheck { request: request("a"), wants_ack: true });
}

/// RFC 0454 §States: whether an ack is expected decides whether `presentation-sent` is used.
#[test]
fn without_will_confirm_there_is_no_ack() {
    let mut pair = Default::default();
    verifier(&mut pair, VerifierInput::Request(curt("a")));
    prover(&mut pair, consent());
    prover(&mut pair, ProverInput::Presented(presentation("a")));
    assert_eq!(pair.1, Prover::Presented);
    let step = pair.0.step(VerifierInput::Valid).unwrap();
    assert_eq!(step, Step::quiet(Verifier::Verified));
}

/// RFC 0454 §Presentation: the prover may ask for the ack itself.
#[test]
fn a_prover_that_asks_for_an_ack_gets_one() {
    let mut pair = Default::default();
    verifier(&mut pair, VerifierInput::Request(curt("a")));
    prover(&mut pair, consent());
    let asking = Presentation { please_ack: true, ..presentation("a") };
    prover(&mut pair, ProverInput::Presented(asking));
    assert_eq!(pair.1, Prover::AwaitingAck);
    verifier(&mut pair, VerifierInput::Valid);
    assert_eq!(pair, (Verifier::Verified, Prover::Accepted));
}

/// RFC 0454 §Problem Report.
#[test]
fn an_invalid_presentation_is_reported_and_ends_both_sides() {
    let mut pair = Default::default();
    verifier(&mut pair, VerifierInput::Request(request("a")));
    prover(&mut pair, consent());
    prover(&mut pair, ProverInput::Presented(presentation("a")));
    verifier(&mut pair, VerifierInput::Invalid(problem()));
    assert_eq!(pair.0, Verifier::Rejected { problem: problem() });
    assert_eq!(pair.1, Prover::Rejected { problem: problem() });
    assert_eq!(states(&pair), ("abandoned", "abandoned"));
}

/// RFC 0454 §Negotiation and Preview.
#[test]
fn proposals_and_requests_go_back_and_forth() {
    let mut pair = Default::default();
    prover(&mut pair, ProverInput::Propose(proposal("a")));
    assert_eq!(states(&pair), ("proposal-received", "proposal-sent"));
    for text in ["b", "c", "d"] {
        verifier(&mut pair, VerifierInput::Request(request(text)));
        assert_eq!(states(&pair), ("request-sent", "request-received"));
        prover(&mut pair, ProverInput::Propose(proposal(text)));
        assert_eq!(states(&pair), ("proposal-received", "proposal-sent"));
    }
}

#[test]
fn a_prover_that_cannot_present_is_asked_again() {
    let state = Prover::AwaitingProof { request: request("a") };
    let step = state.step(ProverInput::Unable).unwrap();
    assert_eq!(step, Step::quiet(Prover::AwaitingConsent { request: request("a") }));
}

#[test]
fn either_side_may_end_it_early() {
    let mut pair = Default::default();
    verifier(&mut pair, VerifierInput::Request(request("a")));
    prover(&mut pair, ProverInput::Decline(problem()));
    assert_eq!(pair.0, Verifier::Abandoned { problem: problem() });
    assert_eq!(pair.1, Prover::Declined { problem: problem() });

    let mut pair = Default::default();
    verifier(&mut pair, VerifierInput::Request(request("a")));
    verifier(&mut pair, VerifierInput::Decline(problem()));
    assert_eq!(pair.0, Verifier::Declined { problem: problem() });
    assert_eq!(pair.1, Prover::Abandoned { problem: problem() });
}

/// RFC 0015 §ack status; an ack that says "not verified" is no success.
#[test]
fn only_a_good_final_ack_is_an_acceptance() {
    let ack = |status| ProverInput::Received(Message::Ack(status));
    let pending = Prover::AwaitingAck.step(ack(Status::Pending)).unwrap();
    assert_eq!(pending.state, Prover::AwaitingAck);
    let failed = pending.state.step(ack(Status::Fail)).unwrap();
    assert!(matches!(failed.state, Prover::Rejected { .. }));
}

/// RFC 0434 §Connectionless: whoever answers first has the thread, and nobody after it.
#[test]
fn a_connectionless_thread_belongs_to_the_first_sender_that_moves_it() {
    let presented = || VerifierInput::Received(Message::Presentation(presentation("a")));
    let open = Bound::open(Verifier::AwaitingPresentation { request: request("a") });

    // What is refused binds nobody.
    let wrong = VerifierInput::Received(Message::Ack(Status::Ok));
    assert!(open.clone().receive("mallory", |verifier| verifier.step(wrong)).is_err());

    let first = open.receive("alice", |verifier| verifier.step(presented())).unwrap();
    assert_eq!(first.state.bound_to.as_deref(), Some("alice"));
    let report = VerifierInput::Received(Message::Problem(problem()));
    let refused = first.state.clone().receive("mallory", |verifier| verifier.step(report));
    assert_eq!(refused, Err(Error::Stranger(Stranger)));

    let done = first.state.act(|verifier| verifier.step(VerifierInput::Valid)).unwrap();
    assert_eq!(done.state, Bound::to("alice", Verifier::Verified));
}
