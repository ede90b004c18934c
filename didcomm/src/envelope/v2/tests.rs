//! Envelopes of the Python library, our own through the crate `didcomm`, and every refusal.

mod encrypted;
mod layers;
mod signed;

use picomesh_did_resolver::DidDocument;
use serde_json::{Value, json};

use super::*;
use crate::envelope::{self, Envelope as Any};
use crate::{Error, Message, MessageType, Version, base64};

const ALICE: &str = "did:example:alice";
const BOB: &str = "did:example:bob";

fn file() -> Value {
    let text = include_str!("../../../vectors/v2-didcomm-python.json");
    serde_json::from_str(text).unwrap()
}

/// Alice's and Bob's documents.
fn documents() -> [DidDocument; 2] {
    let document = |index: usize| {
        let text = file()["documents"][index].to_string();
        DidDocument::from_json(text.as_bytes()).unwrap()
    };
    [document(0), document(1)]
}

fn secret(did: &str, fragment: &str) -> Secret {
    let file = file();
    let kid = format!("{did}#{fragment}");
    let entry = file["secrets"].as_array().unwrap().iter().find(|entry| entry["kid"] == *kid);
    let entry = entry.unwrap();
    let d = hex::decode(entry["d"].as_str().unwrap()).unwrap();
    let key = match entry["crv"].as_str().unwrap() {
        "X25519" => SecretKey::X25519(d.try_into().unwrap()),
        "Ed25519" => SecretKey::Ed25519(d.try_into().unwrap()),
        "P-384" => SecretKey::P384(d.try_into().unwrap()),
        _ => SecretKey::P256(d.try_into().unwrap()),
    };
    Secret { kid, key }
}

fn bobs() -> Vec<Secret> {
    ["x25519", "p256", "p384"].map(|fragment| secret(BOB, fragment)).to_vec()
}

fn vector(name: &str) -> Value {
    let file = file();
    let vectors = file["vectors"].as_array().unwrap();
    vectors.iter().find(|vector| vector["name"] == name).unwrap().clone()
}

fn parse(packed: &Value) -> Result<Any, Error> {
    envelope::parse(packed.to_string().as_bytes())
}

fn open_any(packed: &Value, documents: &[&DidDocument]) -> Result<Opened, Error> {
    match parse(packed)? {
        Any::V2(envelope) => open(&envelope, &bobs(), documents),
        Any::Signed(signed) => open_signed(&signed, documents),
        Any::V1(_) | Any::Plain(_) => Err(Error::Misuse("no v2 envelope")),
    }
}

fn open_packed(packed: &[u8]) -> Result<Opened, Error> {
    let [alice, bob] = documents();
    open_any(&serde_json::from_slice(packed).unwrap(), &[&alice, &bob])
}

fn message(from: Option<&str>) -> Message {
    let kind = MessageType::new("basicmessage", (2, 0), "message");
    let mut message = Message::new(Version::V2, "m1", kind);
    message.from = from.map(str::to_owned);
    message.to = vec![BOB.to_owned()];
    message.thid = Some("t1".to_owned());
    message.from_prior = from.map(|_| "not.a.jwt".to_owned());
    message.body.insert("content".to_owned(), json!("Grüezi\u{0} 0.30000000000000004"));
    message.decorators.insert("lang".to_owned(), json!("de"));
    message.attachments = vec![crate::Attachment::from_json("a", "application/json", json!([1]))];
    message.attachments[0].data.jws = Some(json!({"signature": "x"}));
    message
}

#[test]
fn envelopes_of_the_python_library_open() {
    let [alice, bob] = documents();
    for vector in file()["vectors"].as_array().unwrap() {
        let opened = open_any(&vector["packed"], &[&alice, &bob]).unwrap();
        assert_eq!(json!(opened.sender_kid), vector["sender"], "{}", vector["name"]);
        assert_eq!(json!(opened.signed_by), vector["signer"], "{}", vector["name"]);
        assert_eq!(json!(opened.anonymous), vector["anonymous"], "{}", vector["name"]);
        let message = Message::parse(&opened.plaintext).unwrap();
        assert_eq!(message.body["messagespecificattribute"], "Grüezi\u{0}");
        let is_named = vector["sender"].is_string() || vector["signer"].is_string();
        assert_eq!(message.from.as_deref(), is_named.then_some(ALICE));
    }
}

#[test]
fn what_the_crate_packs_opens_unchanged() {
    let [alice, bob] = documents();
    let crate_ = DidcommCrate;
    for fragment in ["x25519", "p256"] {
        for signer in [None, Some(secret(ALICE, "ed25519")), Some(secret(ALICE, "es256"))] {
            for hide_sender in [false, true] {
                let message = message(Some(ALICE));
                let from = secret(ALICE, fragment);
                let packed = crate_.authcrypt(
                    &message.to_bytes(),
                    (&alice, &from),
                    &bob,
                    signer.as_ref(),
                    hide_sender,
                );
                let opened = open_packed(&packed.unwrap()).unwrap();
                assert_eq!(Message::parse(&opened.plaintext).unwrap(), message);
                assert_eq!(opened.sender_kid, Some(from.kid));
                assert_eq!(opened.signed_by, signer.clone().map(|signer| signer.kid));
                assert_eq!(opened.anonymous, hide_sender);
            }
        }
    }
    for enc in [Enc::A256CbcHs512, Enc::A256Gcm, Enc::Xc20p] {
        for kid in [None, Some("did:example:bob#p256")] {
            let message = message(None);
            let packed = crate_.anoncrypt(&message.to_bytes(), &bob, kid, enc).unwrap();
            let opened = open_packed(&packed).unwrap();
            assert_eq!(Message::parse(&opened.plaintext).unwrap(), message);
            assert_eq!(opened.sender_did, None);
            assert!(kid.is_none() || opened.recipient_kid.as_deref() == kid);
        }
    }
    let packed = crate_.sign(&message(Some(ALICE)).to_bytes(), (&alice, &secret(ALICE, "ed25519")));
    let opened = open_packed(&packed.unwrap()).unwrap();
    assert_eq!(Message::parse(&opened.plaintext).unwrap(), message(Some(ALICE)));
}

#[test]
fn what_cannot_be_packed_is_refused() {
    let [alice, bob] = documents();
    let crate_ = DidcommCrate;
    let from = secret(ALICE, "x25519");
    let pack = |plaintext: &[u8], from: &Secret| {
        crate_.authcrypt(plaintext, (&alice, from), &bob, None, false)
    };
    let plaintext = message(Some(ALICE)).to_bytes();
    assert!(pack(&plaintext, &from).is_ok());
    assert!(pack(b"hello", &from).is_err());
    assert!(pack(b"{}", &from).is_err());
    assert!(pack(&message(Some("did:example:carol")).to_bytes(), &from).is_err());
    assert!(pack(&plaintext, &secret(ALICE, "p384")).is_err());
    assert!(pack(&plaintext, &secret(BOB, "x25519")).is_err());
    let many = DidDocument { key_agreement: vec![from.kid.clone(); 51], ..bob.clone() };
    let refused = crate_.anoncrypt(&plaintext, &many, None, Enc::Xc20p);
    assert_eq!(refused, Err(Error::TooManyRecipients));
}

#[test]
fn a_forward_holds_the_envelope_as_an_attachment() {
    let inner = vector("authcrypt x25519")["packed"].clone();
    let bytes = forward(BOB, inner.to_string().as_bytes(), "f1", "did:example:mediator").unwrap();
    let forward = Message::parse(&bytes).unwrap();
    assert!(forward.kind.is("routing", 2));
    assert_eq!(forward.body["next"], BOB);
    assert_eq!(forward.attachments[0].json().unwrap(), inner);
    assert!(super::forward("x", b"[]", "f1", "x").is_err());
}

#[test]
fn a_secret_does_not_print() {
    let text = format!("{:?}", secret(BOB, "x25519"));
    assert_eq!(text, "Secret { kid: \"did:example:bob#x25519\", .. }");
}

/// Peers mix the long form (`<short>:<document>`) with the short one, in kids and in plaintexts.
#[test]
fn both_forms_of_a_peer_4_pack_and_open() {
    let [mut alice, mut bob] = documents();
    let short = ["did:peer:4zQmAlice", "did:peer:4zQmBob"];
    for (document, short) in [&mut alice, &mut bob].into_iter().zip(short) {
        let old = document.id.to_string();
        let text = serde_json::to_string(document).unwrap();
        let text = text.replace(&old, &format!("{short}:z2Document"));
        *document = DidDocument::from_json(text.as_bytes()).unwrap();
    }
    let rename = |secret: Secret, did: &str| Secret { kid: format!("{did}#x25519"), ..secret };
    let from = rename(secret(ALICE, "x25519"), alice.id.as_str());
    let mut message = message(Some(short[0]));
    message.to = vec![short[1].to_owned()];
    let packed =
        DidcommCrate.authcrypt(&message.to_bytes(), (&alice, &from), &bob, None, false).unwrap();
    let Any::V2(envelope) = envelope::parse(&packed).unwrap() else { unreachable!() };
    let mine = rename(secret(BOB, "x25519"), short[1]);
    let opened = open(&envelope, &[mine], &[&alice]).unwrap();
    assert_eq!(Message::parse(&opened.plaintext).unwrap(), message);
    let proof = crate::bind::Proof::from(&opened);
    assert!(crate::bind::bind(&message, &proof, Some(short[1]), None, 0).is_ok());
}
