//! Attacks T-D1 to T-D4 and bad inputs 22, 32, 34.

use super::*;
use crate::MessageType;

const ALICE: &str = "did:example:alice";
const BOB: &str = "did:example:bob";
const MALLORY: &str = "did:example:mallory";
const NOW: u64 = 1_700_000_000;

fn message(from: Option<&str>, to: &[&str]) -> Message {
    let mut message =
        Message::new(Version::V2, "m1", MessageType::new("basicmessage", (2, 0), "message"));
    message.from = from.map(str::to_owned);
    message.to = to.iter().map(|did| (*did).to_owned()).collect();
    message
}

fn proof(sender: Option<&str>, signer: Option<&str>) -> Proof {
    Proof {
        version: Version::V2,
        sender: sender.map(|did| Sender::Did { did: did.to_owned(), kid: format!("{did}#1") }),
        recipient_kid: Some(format!("{BOB}#1")),
        signed_by: signer.map(|did| format!("{did}#2")),
    }
}

fn peer(did: &str) -> Peer {
    Peer { did: Some(did.to_owned()), verkeys: vec![[1; 32]] }
}

fn check(message: &Message, proof: &Proof) -> Result<Authenticated, Refusal> {
    bind(message, proof, Some(BOB), None, NOW)
}

#[test]
fn a_sender_who_is_who_they_say_is_authenticated() {
    let proof = proof(Some(ALICE), None);
    let message = message(Some(ALICE), &[BOB]);
    let bound = bind(&message, &proof, Some(BOB), Some(&peer(ALICE)), NOW).unwrap();
    assert_eq!(bound.sender, proof.sender);
    assert!(bound.is_peer);
    assert!(!bind(&message, &proof, None, None, NOW).unwrap().is_peer);
}

#[test]
fn from_must_be_the_sender() {
    for from in [None, Some(MALLORY), Some(BOB), Some("did:example:alice2")] {
        let refused = check(&message(from, &[BOB]), &proof(Some(ALICE), None));
        assert_eq!(refused, Err(Refusal::From), "{from:?}");
    }
}

#[test]
fn an_anonymous_message_may_not_claim_a_sender() {
    let anonymous = proof(None, None);
    assert_eq!(check(&message(Some(ALICE), &[BOB]), &anonymous), Err(Refusal::From));
    assert_eq!(check(&message(None, &[BOB]), &anonymous).unwrap().sender, None);
    let refused = bind(&message(None, &[BOB]), &anonymous, Some(BOB), Some(&peer(ALICE)), NOW);
    assert_eq!(refused, Err(Refusal::Peer));
}

/// T-D4: signer, sender and `from`, each Alice or Mallory: only one of the eight is right.
#[test]
fn signer_sender_and_from_must_be_one() {
    for signer in [ALICE, MALLORY] {
        for sender in [ALICE, MALLORY] {
            for from in [ALICE, MALLORY] {
                let message = message(Some(from), &[BOB]);
                let bound = check(&message, &proof(Some(sender), Some(signer)));
                let is_one = signer == sender && sender == from;
                assert_eq!(bound.is_ok(), is_one, "{signer} {sender} {from}");
            }
        }
    }
    assert_eq!(
        check(&message(Some(ALICE), &[BOB]), &proof(Some(ALICE), Some(MALLORY))),
        Err(Refusal::Signer)
    );
}

/// T-D1: what Alice signed for somebody else does not speak to us.
#[test]
fn a_signed_message_must_name_us() {
    for to in [&[][..], &[MALLORY][..]] {
        for proof in [proof(None, Some(ALICE)), proof(Some(ALICE), Some(ALICE))] {
            assert_eq!(check(&message(Some(ALICE), to), &proof), Err(Refusal::To));
        }
    }
    let bound = check(&message(Some(ALICE), &[MALLORY, BOB]), &proof(None, Some(ALICE))).unwrap();
    assert_eq!((bound.sender, bound.is_peer), (None, false));
    assert_eq!(bound.signed_by.as_deref(), Some("did:example:alice#2"));
    let mut unopened = proof(None, Some(ALICE));
    unopened.recipient_kid = None;
    let refused = bind(&message(Some(ALICE), &[BOB]), &unopened, None, None, NOW);
    assert_eq!(refused, Err(Refusal::To));
}

#[test]
fn a_message_for_others_is_refused() {
    let proof = proof(Some(ALICE), None);
    assert_eq!(check(&message(Some(ALICE), &[MALLORY]), &proof), Err(Refusal::To));
    assert!(check(&message(Some(ALICE), &[]), &proof).is_ok());
    let refused = bind(&message(Some(ALICE), &[MALLORY]), &proof, Some(MALLORY), None, NOW);
    assert_eq!(refused, Err(Refusal::To));
}

#[test]
fn a_stranger_does_not_act_on_a_connection() {
    let proof = proof(Some(MALLORY), None);
    let message = message(Some(MALLORY), &[BOB]);
    let refused = bind(&message, &proof, Some(BOB), Some(&peer(ALICE)), NOW);
    assert_eq!(refused, Err(Refusal::Peer));
}

/// T-D2: the verkey decides, whatever thread the plaintext names.
#[test]
fn a_v1_sender_must_be_the_peer() {
    let kind = MessageType::new("basicmessage", (1, 0), "message");
    let mut message = Message::new(Version::V1, "m1", kind);
    message.thid = Some("alice-and-bob".to_owned());
    let proof = |key| Proof {
        version: Version::V1,
        sender: Some(Sender::Verkey([key; 32])),
        recipient_kid: None,
        signed_by: None,
    };
    let alice = peer(ALICE);
    assert!(bind(&message, &proof(1), None, Some(&alice), NOW).unwrap().is_peer);
    assert_eq!(bind(&message, &proof(2), None, Some(&alice), NOW), Err(Refusal::Peer));
    assert_eq!(
        bind(&message, &Proof::nothing(Version::V1), None, Some(&alice), NOW),
        Err(Refusal::Peer)
    );
}

#[test]
fn generations_do_not_mix() {
    let proof = proof(Some(ALICE), None);
    let mut message = message(Some(ALICE), &[BOB]);
    message.version = Version::V1;
    assert_eq!(check(&message, &proof), Err(Refusal::Generation));
}

#[test]
fn a_message_out_of_its_time_is_refused() {
    let proof = proof(Some(ALICE), None);
    let mut message = message(Some(ALICE), &[BOB]);
    message.expires_time = Some(NOW - 1);
    assert_eq!(check(&message, &proof), Err(Refusal::Expired));
    message.expires_time = Some(NOW);
    message.created_time = Some(NOW + CLOCK_SKEW_SECONDS_MAX);
    assert!(check(&message, &proof).is_ok());
    message.created_time = Some(NOW + 86_400);
    assert_eq!(check(&message, &proof), Err(Refusal::Future));
    assert_eq!(Refusal::Future.problem_code(), Some("e.p.req.time"));
}

#[test]
fn both_forms_of_a_peer_4_are_one_did() {
    let short = "did:peer:4zQmHash";
    let long = "did:peer:4zQmHash:z2Document";
    assert!(check(&message(Some(long), &[BOB]), &proof(Some(short), None)).is_ok());
    assert!(check(&message(Some(short), &[BOB]), &proof(Some(long), None)).is_ok());
    for other in ["did:peer:4zQmHas", "did:peer:4zQmHash2", "did:peer:4zQmHash:z3Document"] {
        let refused = check(&message(Some(long), &[BOB]), &proof(Some(other), None));
        assert_eq!(refused, Err(Refusal::From), "{other}");
    }
}
