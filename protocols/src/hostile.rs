//! Every reader against damaged messages: it may refuse, it may not panic.
//!
//! Each vector is read again with one byte changed, at every place.

use ed25519_dalek::SigningKey;
use picomesh_didcomm::Message;

use crate::{
    ack::Ack,
    basic_message::BasicMessage,
    connections::{self, Inviter, InviterInput},
    did_exchange::{Origin, Requester, RequesterInput, Responder, ResponderInput},
    discover_features::{Requester as Asking, answer},
    link, out_of_band, out_of_band_v2, report_problem, trust_ping,
};

const VECTORS: [&str; 11] = [
    include_str!("trust_ping/vectors/rfc0048-ping.json"),
    include_str!("basic_message/vectors/rfc0095-message.json"),
    include_str!("discover_features/vectors/rfc0557-queries.json"),
    include_str!("discover_features/vectors/rfc0031-disclose.json"),
    include_str!("out_of_band/vectors/acapy-invitation-connectionless.json"),
    include_str!("out_of_band_v2/vectors/didcomm-v2-invitation.json"),
    include_str!("connections/vectors/acapy-request.json"),
    include_str!("connections/vectors/acapy-response.json"),
    include_str!("did_exchange/vectors/acapy-request-1.0.json"),
    include_str!("did_exchange/vectors/acapy-response-1.1.json"),
    include_str!("did_exchange/vectors/acapy-problem-report.json"),
];

/// Bytes that mean something to JSON, base64, base58 or a wildcard.
const BYTES: [u8; 6] = *b"\0\"}*0-";

#[test]
fn no_damaged_message_makes_a_reader_panic() {
    for vector in VECTORS {
        for place in 0..vector.len() {
            let mut bytes = vector.as_bytes().to_vec();
            bytes[place] = BYTES[place % BYTES.len()];
            if let Ok(message) = Message::parse(&bytes) {
                read_with_all(&message);
            }
        }
    }
}

#[test]
fn no_damaged_link_makes_the_reader_panic() {
    let vector = include_str!("out_of_band/vectors/acapy-link.txt").trim();
    for place in 0..vector.len() {
        for letter in ["%", "+", "=", "&", "\u{e9}", ""] {
            let mut text = vector.to_owned();
            text.replace_range(place..=place, letter);
            if let Ok(message) = link::read(&text) {
                read_with_all(&message);
            }
        }
    }
}

fn read_with_all(message: &Message) {
    let key = SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes();
    let sender_key = &key;
    _ = trust_ping::answer(message, "x");
    _ = trust_ping::PingResponse::read(message);
    _ = BasicMessage::read(message);
    _ = answer(message, &[], "x");
    _ = Asking::told(message);
    _ = Ack::read(message);
    _ = report_problem::told(message);
    _ = out_of_band::Receiver::receive(message, 0);
    _ = out_of_band_v2::Receiver::receive(message, 0);
    _ = connections::Invitation::read(message);
    let requested = InviterInput::Requested { message, sender_key };
    _ = Inviter::inviting(None).step(requested);
    let responded = connections::InviteeInput::Responded { message, sender_key, id: "x" };
    let thid = message.thread_id().to_owned();
    let keys = vec![crate::peer::key_text(&key)];
    _ = connections::Invitee::AwaitingResponse { thid: thid.clone(), keys }.step(responded);
    let pthid = message.pthid.clone().unwrap_or_default();
    let requested = ResponderInput::Requested { message, sender_key };
    _ = Responder::inviting(&pthid).step(requested);
    let origin = Origin::explicit(&pthid, None, &[key], 1);
    let responded = RequesterInput::Responded { message, sender_key, id: "x" };
    _ = Requester::AwaitingResponse { origin, thid }.step(responded);
}
