//! Layers: their order, their number (bad input 28), and plaintexts that only look packed.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use picomesh_did_resolver::PublicKey;
use sha2::{Digest, Sha256};

use super::*;
use crate::envelope::LAYERS_MAX;

/// Anoncrypt with fixed keys: the crate packs messages only, an attacker packs anything.
fn seal(plaintext: &[u8]) -> Vec<u8> {
    let ephemeral = x25519_dalek::StaticSecret::from([5; 32]);
    let kid = "did:example:bob#x25519";
    let jwk = PublicKey::X25519(x25519_dalek::PublicKey::from(&ephemeral).to_bytes());
    let header = json!({
        "alg": "ECDH-ES+A256KW", "enc": "A256GCM", "epk": jwk.to_jwk().unwrap(),
        "apv": base64::encode(&Sha256::digest(kid)),
    });
    let protected = base64::encode(header.to_string().as_bytes());
    let mut packed = json!({
        "protected": protected,
        "recipients": [{"header": {"kid": kid}, "encrypted_key": base64::encode(&[0; 40])}],
        "iv": base64::encode(&[0; 12]), "tag": base64::encode(&[0; 16]), "ciphertext": "",
    });
    let Any::V2(unfinished) = parse(&packed).unwrap() else { unreachable!() };
    let SecretKey::X25519(bob) = secret(BOB, "x25519").key else { unreachable!() };
    let wrapping = agreement::wrapping_key(&unfinished, &SecretKey::X25519(bob), None).unwrap();
    let cek = [6; 32];
    let wrapped = aes_kw::KekAes256::from(*wrapping).wrap_vec(&cek).unwrap();
    let payload = Payload { msg: plaintext, aad: protected.as_bytes() };
    let sealed = Aes256Gcm::new(&cek.into()).encrypt(&[0; 12].into(), payload).unwrap();
    let (ciphertext, tag) = sealed.split_at(sealed.len() - 16);
    packed["recipients"][0]["encrypted_key"] = base64::encode(&wrapped).into();
    packed["ciphertext"] = base64::encode(ciphertext).into();
    packed["tag"] = base64::encode(tag).into();
    packed.to_string().into_bytes()
}

fn authcrypted() -> Vec<u8> {
    vector("authcrypt x25519")["packed"].to_string().into_bytes()
}

fn signed() -> Vec<u8> {
    vector("signed ed25519")["packed"].to_string().into_bytes()
}

#[test]
fn the_order_of_the_specification_opens() {
    let opened = open_packed(&seal(&authcrypted())).unwrap();
    assert_eq!((opened.layers, opened.anonymous), (2, true));
    assert_eq!(opened.sender_did.as_deref(), Some(ALICE));
    let opened = open_packed(&seal(&signed())).unwrap();
    assert_eq!((opened.layers, opened.sender_did), (2, None));
    let three = vector("anoncrypt around authcrypt around signed")["packed"].clone();
    assert_eq!(open_packed(three.to_string().as_bytes()).unwrap().layers, LAYERS_MAX);
}

#[test]
fn more_layers_and_other_orders_are_refused() {
    assert_eq!(open_packed(&seal(&seal(b"{}"))).unwrap_err(), Error::TooManyLayers);
    let mut deep = authcrypted();
    for _ in 0..6 {
        deep = seal(&deep);
    }
    assert_eq!(open_packed(&deep).unwrap_err(), Error::TooManyLayers);
    let v1 = include_str!("../../../../vectors/v1-acapy.json");
    let v1: Value = serde_json::from_str(v1).unwrap();
    let v1 = v1["vectors"][0]["envelope"].to_string();
    assert_eq!(open_packed(&seal(v1.as_bytes())).unwrap_err(), Error::TooManyLayers);
}

#[test]
fn an_inner_envelope_is_read_as_strictly() {
    let twice = br#"{"ciphertext":"x","protected":"e30","protected":"e30"}"#;
    let opened = open_packed(&seal(twice)).unwrap();
    assert_eq!(Message::parse(&opened.plaintext), Err(Error::DuplicateKey));
    let bad = br#"{"ciphertext":"x","protected":"e30","recipients":[]}"#;
    assert!(open_packed(&seal(bad)).is_err());
    let inner = seal(b"x");
    let envelope: Value = serde_json::from_slice(&inner).unwrap();
    assert!(envelope["ciphertext"].is_string());
}

#[test]
fn a_message_that_mentions_envelopes_is_a_message() {
    let plaintext = br#"{"id":"1","type":"https://didcomm.org/x/1.0/y","payload":"x","body":{}}"#;
    let opened = open_packed(&seal(plaintext)).unwrap();
    assert_eq!((opened.plaintext.as_slice(), opened.layers), (&plaintext[..], 1));
    assert_eq!(open_packed(&seal(b"ciphertext")).unwrap().plaintext, b"ciphertext");
}

/// Bad inputs 35-37 survive encryption: the plaintext comes out as bytes and is read strictly.
#[test]
fn the_plaintext_is_exactly_what_was_sealed() {
    let message =
        |n: &str| format!(r#"{{"id":"1","type":"https://x.org/x/1.0/y","body":{{"n":{n}}}}}"#);
    for n in ["18446744073709551616", "1e400", "\"\\ud800\"", "1,\"n\":2"] {
        let opened = open_packed(&seal(message(n).as_bytes())).unwrap();
        assert!(Message::parse(&opened.plaintext).is_err(), "{n}");
    }
    let opened = open_packed(&seal(message("\"\\u0000\"").as_bytes())).unwrap();
    assert_eq!(Message::parse(&opened.plaintext).unwrap().body["n"], "\u{0}");
}
