//! Messages that `didcomm-node` made.

use super::super::keys::{Keys, own_kid};
use super::super::message::carried;
use super::super::{documents, open, prior, seal};
use picomesh_didcomm::Error;
use picomesh_didcomm::envelope::v2::{Secret, SecretKey};
use picomesh_didcomm::envelope::{self, Envelope};
use serde_json::{Map, Value};

/// When the messages were made, in unix seconds.
const NOW: u64 = 1_796_094_509;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../vectors/dido-didcomm-node.json")).unwrap()
}

fn keys(who: &Value) -> Keys {
    let document = documents::document(who["did"].as_str().unwrap()).unwrap();
    let bytes = |name: &str| -> [u8; 32] {
        hex::decode(who[name].as_str().unwrap()).unwrap().try_into().unwrap()
    };
    let (agreement, signing) =
        (document.key_agreement[0].clone(), document.authentication[0].clone());
    Keys {
        agreement: Secret { kid: agreement, key: SecretKey::X25519(bytes("x25519")) },
        signing: Secret { kid: signing, key: SecretKey::Ed25519(bytes("ed25519")) },
        document,
    }
}

fn open_for(packed: &Value, who: &Keys, now: u64) -> Result<open::Opened, Error> {
    let Envelope::V2(parsed) = envelope::parse(packed.to_string().as_bytes())? else {
        return Err(Error::Undecryptable);
    };
    let sender = parsed.sender_kid().and_then(|kid| carried(kid.split('#').next().unwrap()));
    let documents: Vec<_> = sender.iter().collect();
    open::open(&parsed, packed.as_object().unwrap(), &who.agreement, &documents, now)
}

#[test]
fn a_document_has_the_form_of_the_reference() {
    let vectors = vectors();
    for who in ["alice", "bob", "alice2"] {
        let did = vectors[who]["did"].as_str().unwrap();
        let document = documents::document_json(did).unwrap();
        assert_eq!(document.to_string(), vectors[who]["doc"].to_string());
        assert_eq!(documents::endpoint(&document), vectors[who]["endpoint"].as_str());
    }
    assert_eq!(documents::document_json("did:peer:2.Ez6LS"), None);
    assert_eq!(documents::document_json("did:web:example.com"), None);
    assert_eq!(documents::document_json(""), None);
}

#[test]
fn its_messages_open_and_say_the_same() {
    let vectors = vectors();
    let bob = keys(&vectors["bob"]);
    let opened = open_for(&vectors["event"], &bob, NOW).unwrap();
    assert_eq!(Value::Object(opened.message.clone()), vectors["event_value"]);
    assert_eq!(opened.sender.as_deref(), vectors["alice"]["did"].as_str());
    assert_eq!(opened.mine.as_deref(), vectors["bob"]["did"].as_str());
    assert_eq!(opened.kind(), super::EVENT);
    assert_eq!(opened.body("domain"), "dt");

    let opened = open_for(&vectors["rotated"], &bob, NOW).unwrap();
    assert_eq!(opened.metadata.to_string(), vectors["rotated_metadata"].to_string());
    let prior = opened.prior.unwrap();
    assert_eq!(Some(prior.issuer.as_str()), vectors["alice"]["did"].as_str());
    assert_eq!(Some(prior.subject.as_str()), vectors["alice2"]["did"].as_str());
    assert_eq!(Some(prior.kid.as_str()), vectors["from_prior_kid"].as_str());
}

#[test]
fn an_anonymous_message_has_no_sender() {
    let vectors = vectors();
    let opened = open_for(&vectors["anon"], &keys(&vectors["bob"]), NOW).unwrap();
    assert_eq!((opened.sender, opened.metadata["authenticated"].clone()), (None, false.into()));
    let opened = open_for(&vectors["auth_only"], &keys(&vectors["bob"]), NOW).unwrap();
    assert!(opened.sender.is_some());
    assert_eq!(opened.metadata["non_repudiation"], false);
}

#[test]
fn ours_opens_and_a_stranger_cannot_open_it() {
    let vectors = vectors();
    let (alice, bob) = (keys(&vectors["alice"]), keys(&vectors["bob"]));
    let Value::Object(mut message) = vectors["event_value"].clone() else { unreachable!() };
    message.insert("thid".into(), Value::Null);
    let packed = seal::seal(&message, &alice, &bob.document).unwrap();
    let packed: Value = serde_json::from_slice(&packed).unwrap();
    // What the reference finds keys by.
    assert_eq!(packed["recipients"][0]["header"]["kid"], bob.agreement.kid);
    let opened = open_for(&packed, &bob, NOW).unwrap();
    assert_eq!(opened.metadata["sign_from"], alice.signing.kid);
    assert!(!opened.message.contains_key("thid"), "what is null is not sent");
    assert!(open_for(&packed, &alice, NOW).is_err());
    assert!(open_for(&packed, &bob, NOW - 3600).is_err(), "made in the future");
}

#[test]
fn a_rotation_must_be_signed_by_the_old_did() {
    let vectors = vectors();
    let (alice, bob) = (keys(&vectors["alice"]), keys(&vectors["bob"]));
    let claims = serde_json::json!({ "iss": alice.did(), "sub": bob.did(), "iat": NOW });
    let Value::Object(claims) = claims else { unreachable!() };
    let token = prior::write(&claims, &alice).unwrap();
    assert_eq!(prior::read(&token).unwrap().claims, claims);
    assert!(prior::read(&prior::write(&claims, &bob).unwrap()).is_none());
    assert!(prior::read(&token.replace(".e", ".f")).is_none());
    assert!(prior::read("").is_none() && prior::read("a.b").is_none());
    assert!(prior::write(&Map::new(), &alice).is_some_and(|t| prior::read(&t).is_none()));
}

#[test]
fn keys_are_known_by_all_their_names() {
    let vectors = vectors();
    let did = vectors["bob"]["did"].as_str().unwrap();
    let bob = keys(&vectors["bob"]);
    let key = bob.agreement.kid.split('#').nth(1).unwrap();
    for name in ["key-1".to_owned(), format!("z{key}"), key.to_owned()] {
        assert_eq!(own_kid(&format!("{did}#{name}")), bob.agreement.kid);
    }
    for odd in ["key-0", "key-3", "key-99999999999999999999", ""] {
        let kid = format!("{did}#{odd}");
        assert_eq!(own_kid(&kid), kid);
    }
}
