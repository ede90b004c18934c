//! The pictures of RFC 0453 §Choreography Diagram, both roles against each other.

use super::*;
use crate::ack::Status;

/// Gives `input` to the issuer; the messages that it sends reach the holder.
fn issuer(pair: &mut (Issuer, Holder), input: IssuerInput) -> Vec<IssuerEffect> {
    let step = pair.0.clone().step(input).unwrap();
    pair.0 = step.state;
    let mut effects = Vec::new();
    for effect in step.effects {
        match effect {
            IssuerEffect::Send(message) => {
                holder(pair, HolderInput::Received(message));
            }
            sign @ IssuerEffect::Sign { .. } => effects.push(sign),
        }
    }
    effects
}

/// Gives `input` to the holder; the messages that it sends reach the issuer.
fn holder(pair: &mut (Issuer, Holder), input: HolderInput) -> Vec<HolderEffect> {
    let step = pair.1.clone().step(input).unwrap();
    pair.1 = step.state;
    let mut effects = Vec::new();
    for effect in step.effects {
        match effect {
            HolderEffect::Send(message) => {
                issuer(pair, IssuerInput::Received(message));
            }
            other @ (HolderEffect::Check { .. } | HolderEffect::Store { .. }) => {
                effects.push(other);
            }
        }
    }
    effects
}

fn states(pair: &(Issuer, Holder)) -> (&'static str, &'static str) {
    (pair.0.rfc_state(), pair.1.rfc_state())
}

/// The happy path.
///
///   Issuer                    Holder
///      | -- offer-credential --> |
///      | <- request-credential - |
///      | -- issue-credential --> |
///      | <-------- ack --------- |
#[test]
fn an_offered_credential_is_issued_stored_and_acked() {
    let mut pair = Default::default();
    issuer(&mut pair, IssuerInput::Offer(offer("a")));
    assert_eq!(states(&pair), ("offer-sent", "offer-received"));

    holder(&mut pair, HolderInput::Request(request("a")));
    assert_eq!(states(&pair), ("request-received", "request-sent"));

    let effects = issuer(&mut pair, IssuerInput::Approve);
    let sign = IssuerEffect::Sign { offer: Some(offer("a")), request: request("a") };
    assert_eq!(effects, [sign]);
    assert_eq!(states(&pair), ("request-received", "request-sent"));

    issuer(&mut pair, IssuerInput::Signed(vc("a")));
    assert_eq!(states(&pair), ("credential-issued", "credential-received"));
    assert_eq!(pair.1, Holder::AwaitingCheck { credential: credential("a") });

    let effects = holder(&mut pair, HolderInput::Valid);
    assert_eq!(effects, [HolderEffect::Store { credential: credential("a") }]);
    assert_eq!(states(&pair), ("done", "done"));
    assert!(pair.0.is_terminal() && pair.1.is_terminal());
}

#[test]
fn the_check_sees_what_was_offered_and_requested() {
    let state = Holder::AwaitingCredential { offer: Some(offer("a")), request: request("b") };
    let issued = HolderInput::Received(Message::Issue(credential("c")));
    let step = state.step(issued).unwrap();
    let check = HolderEffect::Check {
        offer: Some(offer("a")),
        request: request("b"),
        credential: credential("c"),
    };
    assert_eq!(step.effects, [check]);
}

/// RFC 0453 §Negotiation and Preview: proposal and offer answer each other.
#[test]
fn offers_and_proposals_go_back_and_forth() {
    let mut pair = Default::default();
    holder(&mut pair, HolderInput::Propose(proposal("a")));
    assert_eq!(states(&pair), ("proposal-received", "proposal-sent"));
    for text in ["b", "c", "d"] {
        issuer(&mut pair, IssuerInput::Offer(offer(text)));
        assert_eq!(states(&pair), ("offer-sent", "offer-received"));
        holder(&mut pair, HolderInput::Propose(proposal(text)));
        assert_eq!(states(&pair), ("proposal-received", "proposal-sent"));
    }
    issuer(&mut pair, IssuerInput::Offer(offer("e")));
    holder(&mut pair, HolderInput::Request(request("e")));
    assert_eq!(states(&pair), ("request-received", "request-sent"));
}

/// RFC 0453 §Choreography Diagram, third beginning.
#[test]
fn a_holder_may_begin_with_a_request() {
    let mut pair = Default::default();
    holder(&mut pair, HolderInput::Request(request("a")));
    assert_eq!(states(&pair), ("request-received", "request-sent"));
    let effects = issuer(&mut pair, IssuerInput::Approve);
    assert_eq!(effects, [IssuerEffect::Sign { offer: None, request: request("a") }]);
    issuer(&mut pair, IssuerInput::Signed(vc("a")));
    holder(&mut pair, HolderInput::Valid);
    assert_eq!(states(&pair), ("done", "done"));
}

/// RFC 0453 §Offer Credential: "to negotiate the issuing following receipt of a request".
#[test]
fn an_offer_may_negotiate_a_request_that_came_first() {
    let mut pair = Default::default();
    holder(&mut pair, HolderInput::Request(request("a")));
    issuer(&mut pair, IssuerInput::Offer(offer("b")));
    assert_eq!(states(&pair), ("offer-sent", "offer-received"));
    // Once an offer was answered, there is no more negotiation.
    holder(&mut pair, HolderInput::Request(request("b")));
    let late = pair.0.step(IssuerInput::Offer(offer("c")));
    assert!(matches!(late, Err(Error::Unexpected { .. })));
}

#[test]
fn an_issuer_may_decline_until_it_has_issued() {
    let request = Message::Request(request("a"));
    for begin in [Message::Propose(proposal("a")), request] {
        let state = Issuer::Start.step(IssuerInput::Received(begin)).unwrap().state;
        let step = state.step(IssuerInput::Decline(problem())).unwrap();
        assert_eq!(step.effects, [IssuerEffect::Send(Message::Problem(problem()))]);
        assert_eq!(step.state, Issuer::Declined { problem: problem() });
    }
    let issued = Issuer::AwaitingAck.step(IssuerInput::Decline(problem()));
    assert!(matches!(issued, Err(Error::Unexpected { .. })));
}

#[test]
fn a_declined_offer_ends_both_sides() {
    let mut pair = Default::default();
    issuer(&mut pair, IssuerInput::Offer(offer("a")));
    holder(&mut pair, HolderInput::Decline(problem()));
    assert_eq!(pair.0, Issuer::Abandoned { problem: problem() });
    assert_eq!(pair.1, Holder::Declined { problem: problem() });
    assert_eq!(states(&pair), ("abandoned", "abandoned"));
}

#[test]
fn a_credential_that_fails_the_check_is_not_stored() {
    let state = Holder::AwaitingCheck { credential: credential("a") };
    let step = state.step(HolderInput::Invalid(problem())).unwrap();
    assert_eq!(step.effects, [HolderEffect::Send(Message::Problem(problem()))]);
    assert_eq!(step.state, Holder::Rejected { problem: problem() });
}

/// RFC 0015 §ack status.
#[test]
fn only_a_final_ack_ends_the_issuance() {
    let ack = |status| IssuerInput::Received(Message::Ack(status));
    let pending = Issuer::AwaitingAck.step(ack(Status::Pending)).unwrap();
    assert_eq!(pending.state, Issuer::AwaitingAck);
    let failed = pending.state.step(ack(Status::Fail)).unwrap();
    assert_eq!(failed.state.rfc_state(), "abandoned");
}

#[test]
fn the_replacement_id_of_the_offer_goes_into_the_credential() {
    let mut state = Issuer::Start.step(IssuerInput::Offer(offer("a"))).unwrap().state;
    let input = IssuerInput::Received(Message::Request(request("a")));
    state = state.step(input).unwrap().state;
    state = state.step(IssuerInput::Approve).unwrap().state;
    let step = state.step(IssuerInput::Signed(vc("a"))).unwrap();
    assert_eq!(step.effects, [IssuerEffect::Send(Message::Issue(credential("a")))]);
}
