//! Every message of every protocol: each reader gets each message, and may refuse it.
#![no_main]

use ed25519_dalek::SigningKey;
use libfuzzer_sys::fuzz_target;
use picomesh_didcomm::{Message, Version};
use picomesh_protocols::connections::{self, Inviter, InviterInput};
use picomesh_protocols::did_exchange::{self, Responder, ResponderInput};
use picomesh_protocols::problem::Problem;
use picomesh_protocols::{
    ack::Ack, basic_message::BasicMessage, discover_features, empty, issue_credential, out_of_band,
    out_of_band_v2, present_proof, report_problem, trust_ping,
};
use std::sync::LazyLock;

static KEY: LazyLock<[u8; 32]> =
    LazyLock::new(|| SigningKey::from_bytes(&[1; 32]).verifying_key().to_bytes());

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = Message::parse(bytes) else { return };
    small(&message);
    invitations(&message);
    handshakes(&message);
    if let Ok(read) = issue_credential::Message::read(&message) {
        let _ = format!("{read:?}");
    }
    if let Ok(read) = present_proof::Message::read(&message) {
        let _ = format!("{read:?}");
    }
});

fn small(message: &Message) {
    if let Ok(text) = BasicMessage::read(message) {
        let written = text.to_message(Version::V2, "x");
        assert!(BasicMessage::read(&written).is_ok());
    }
    let _ = trust_ping::answer(message, "x");
    let _ = trust_ping::PingResponse::read(message);
    let _ = discover_features::answer(message, &[], "x");
    let _ = discover_features::Requester::told(message);
    let _ = (Ack::read(message), Problem::read(message), empty::check(message));
    let _ = report_problem::told(message);
    let _ = report_problem::answer(message, "x", "e.m.msg", "x");
}

fn invitations(message: &Message) {
    if let Ok(read) = out_of_band::Invitation::read(message) {
        let _ = (read.handshake(), read.messages(), read.is_expired(0));
        assert!(out_of_band::Invitation::read(&read.to_message()).is_ok());
    }
    if let Ok(read) = out_of_band_v2::Invitation::read(message) {
        let _ = (read.messages(), read.is_expired(0));
        assert!(out_of_band_v2::Invitation::read(&read.to_message()).is_ok());
    }
    let _ = out_of_band::Receiver::receive(message, 0);
    let _ = out_of_band_v2::Receiver::receive(message, 0);
    let _ = connections::Invitation::read(message);
}

fn handshakes(message: &Message) {
    let sender_key = &*KEY;
    let _ = Inviter::inviting(None).step(InviterInput::Requested { message, sender_key });
    let pthid = message.pthid.clone().unwrap_or_default();
    let requested = ResponderInput::Requested { message, sender_key };
    let _ = Responder::inviting(&pthid).step(requested);
    let thid = message.thread_id().to_owned();
    let origin = did_exchange::Origin::explicit(&pthid, None, &[*KEY], 1);
    let responded = did_exchange::RequesterInput::Responded { message, sender_key, id: "x" };
    let _ = did_exchange::Requester::AwaitingResponse { origin, thid }.step(responded);
}
