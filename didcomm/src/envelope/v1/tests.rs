//! Envelopes of ACA-Py, our own, and bad inputs 9-18.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};

use super::*;
use crate::envelope::{self, Envelope as Any};
use ed25519_dalek::{SigningKey, VerifyingKey};

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

fn kid(seed: u8) -> String {
    bs58::encode(public(seed)).into_string()
}

fn packed(sender: Option<u8>) -> Value {
    let sender = sender.map(key);
    let mut entropy = ChaCha20Rng::seed_from_u64(1);
    let bytes = pack(b"hello", &[public(2), public(3)], sender.as_ref(), &mut entropy).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn parse(value: &Value) -> Result<Envelope, Error> {
    match envelope::parse(value.to_string().as_bytes())? {
        Any::V1(envelope) => Ok(envelope),
        Any::V2(_) | Any::Signed(_) | Any::Plain(_) => Err(Error::Misuse("not v1")),
    }
}

fn header(envelope: &Value) -> Value {
    let protected = envelope["protected"].as_str().unwrap();
    serde_json::from_slice(&base64::decode_url(protected).unwrap()).unwrap()
}

/// The authcrypt envelope with its protected header changed.
fn with_header(change: impl FnOnce(&mut Value)) -> Value {
    let mut envelope = packed(Some(1));
    let mut header = header(&envelope);
    change(&mut header);
    envelope["protected"] = base64::encode(header.to_string().as_bytes()).into();
    envelope
}

#[test]
fn envelopes_of_aca_py_open() {
    let file: Value = serde_json::from_str(include_str!("../../../vectors/v1-acapy.json")).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        let envelope = parse(&vector["envelope"]).unwrap();
        let opened = open(&envelope, vector["recipient"].as_str().unwrap(), &key(2)).unwrap();
        assert_eq!(opened.plaintext, vector["plaintext"].as_str().unwrap().as_bytes());
        let sender = opened.sender.map(|key| bs58::encode(key).into_string());
        assert_eq!(json!(sender), vector["sender"], "{}", vector["name"]);
    }
}

#[test]
fn what_we_pack_opens_for_every_recipient() {
    for sender in [None, Some(1)] {
        let envelope = parse(&packed(sender)).unwrap();
        assert_eq!(envelope.recipients(), [kid(2), kid(3)]);
        for recipient in [2, 3] {
            let opened = open(&envelope, &kid(recipient), &key(recipient)).unwrap();
            assert_eq!(opened.plaintext, b"hello");
            assert_eq!(opened.sender, sender.map(public));
        }
    }
}

/// T-D16: whoever is not meant learns nothing of why.
#[test]
fn every_failure_to_open_is_the_same() {
    for sender in [None, Some(1)] {
        let good = packed(sender);
        let envelope = parse(&good).unwrap();
        let refusal = |opened: Result<Opened, Error>| opened.unwrap_err();
        assert_eq!(refusal(open(&envelope, &kid(4), &key(4))), Error::Undecryptable);
        assert_eq!(refusal(open(&envelope, &kid(2), &key(3))), Error::Undecryptable);
        for part in ["iv", "tag", "ciphertext"] {
            let mut bad = good.clone();
            let mut bytes = base64::decode_url(bad[part].as_str().unwrap()).unwrap();
            bytes[0] ^= 1;
            bad[part] = base64::encode(&bytes).into();
            let envelope = parse(&bad).unwrap();
            assert_eq!(refusal(open(&envelope, &kid(2), &key(2))), Error::Undecryptable, "{part}");
        }
    }
    let spaced = with_header(|header| header["x"] = json!(1));
    let envelope = parse(&spaced).unwrap();
    assert_eq!(open(&envelope, &kid(2), &key(2)).unwrap_err(), Error::Undecryptable);
}

#[test]
fn padding_is_accepted_and_nothing_else_around_base64() {
    let mut padded = packed(None);
    for part in ["iv", "tag", "ciphertext"] {
        let text = padded[part].as_str().unwrap();
        padded[part] = format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4)).into();
    }
    assert!(open(&parse(&padded).unwrap(), &kid(2), &key(2)).is_ok());
    for bad in ["*", "\n", " "] {
        let mut envelope = packed(None);
        envelope["protected"] = format!("{}{bad}", envelope["protected"].as_str().unwrap()).into();
        assert!(matches!(parse(&envelope), Err(Error::Envelope(_))), "{bad:?}");
    }
}

#[test]
fn malformed_headers_are_refused() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, Error); 16] = [
        ("alg", |h| h["alg"] = json!("Authcrypt2"), Error::Unsupported("alg")),
        ("enc", |h| h["enc"] = json!("A256GCM"), Error::Unsupported("enc")),
        ("typ", |h| h["typ"] = json!("JWM/2.0"), Error::Unsupported("typ")),
        ("crit", |h| h["crit"] = json!(["x"]), Error::Unsupported("crit")),
        ("none", |h| h["recipients"] = json!([]), Error::Envelope("a list is empty")),
        ("absent", |h| h["recipients"] = json!(null), Error::Envelope("a list is missing")),
        (
            "no sender",
            |h| h["recipients"][0]["header"]["sender"] = json!(null),
            Error::Envelope("no sender in authcrypt"),
        ),
        (
            "no nonce",
            |h| h["recipients"][0]["header"]["iv"] = json!(null),
            Error::Envelope("no sender in authcrypt"),
        ),
        ("sender", |h| h["alg"] = json!("Anoncrypt"), Error::Envelope("a sender in anoncrypt")),
        (
            "kid no base58",
            |h| h["recipients"][0]["header"]["kid"] = json!("0OIl"),
            Error::Envelope("`kid` is not a verkey"),
        ),
        (
            "kid short",
            |h| h["recipients"][0]["header"]["kid"] = json!("9hSR6S7WPtxmTojgo6GG3k"),
            Error::Envelope("`kid` is not a verkey"),
        ),
        (
            "kid long",
            |h| h["recipients"][0]["header"]["kid"] = json!("1".repeat(100_000)),
            Error::Envelope("`kid` is not a verkey"),
        ),
        (
            "twice",
            |h| h["recipients"][1]["header"]["kid"] = h["recipients"][0]["header"]["kid"].clone(),
            Error::Envelope("one recipient twice"),
        ),
        (
            "cek of 31 bytes",
            |h| h["recipients"][0]["encrypted_key"] = json!(base64::encode(&[1; 47])),
            Error::Undecryptable,
        ),
        (
            "nonce of 23 bytes",
            |h| h["recipients"][0]["header"]["iv"] = json!(base64::encode(&[1; 23])),
            Error::Undecryptable,
        ),
        ("header", |h| h["recipients"][0] = json!(1), Error::Envelope("an entry is not an object")),
    ];
    for (name, change, expected) in cases {
        assert_eq!(parse(&with_header(change)).unwrap_err(), expected, "{name}");
    }
    for (part, bytes) in [("iv", 11), ("iv", 24), ("tag", 15), ("tag", 17)] {
        let mut envelope = packed(None);
        envelope[part] = base64::encode(&vec![0; bytes]).into();
        assert_eq!(parse(&envelope).unwrap_err(), Error::Undecryptable, "{part} {bytes}");
    }
    let mut anoncrypt = packed(None);
    let mut header = header(&anoncrypt);
    header["alg"] = json!("Authcrypt");
    anoncrypt["protected"] = base64::encode(header.to_string().as_bytes()).into();
    assert_eq!(parse(&anoncrypt).unwrap_err(), Error::Envelope("no sender in authcrypt"));
}

/// T-D14: counted before anything is decrypted, or even decoded.
#[test]
fn many_recipients_are_refused() {
    for count in [51, 10_001] {
        let many = with_header(|header| {
            header["recipients"] = json!(vec![json!({"header": {"kid": "x"}}); count]);
        });
        assert_eq!(parse(&many).unwrap_err(), Error::TooManyRecipients);
    }
    let public: Vec<_> = (0..51).map(public).collect();
    let mut entropy = ChaCha20Rng::seed_from_u64(1);
    assert_eq!(pack(b"", &public, None, &mut entropy), Err(Error::TooManyRecipients));
}

#[test]
fn what_cannot_be_packed_is_refused() {
    let mut entropy = ChaCha20Rng::seed_from_u64(1);
    let twice = [public(2), public(2)];
    let mut neutral = [[0; 32]];
    neutral[0][0] = 1;
    let off_curve = [(0..=255).map(|y| [y; 32]).find(|y| VerifyingKey::from_bytes(y).is_err())];
    let off_curve = off_curve.map(Option::unwrap);
    for recipients in [&[][..], &twice[..], &off_curve[..], &neutral[..]] {
        let refused = pack(b"", recipients, None, &mut entropy);
        assert!(matches!(refused, Err(Error::Misuse(_))));
    }
}

/// Row 15: with a sender key of low order the box would open for anyone who made it.
#[test]
fn a_sender_of_low_order_is_refused() {
    use crypto_box::aead::Aead;
    let mut entropy = ChaCha20Rng::seed_from_u64(1);
    let mut low_order = [0; 32];
    low_order[0] = 1;
    let verkey = bs58::encode(low_order).into_string();
    let recipient = open::public_key(&public(2)).unwrap();
    let sealed = recipient.seal(&mut entropy, verkey.as_bytes()).unwrap();
    let zero = crypto_box::PublicKey::from([0; 32]);
    let boxed = crypto_box::SalsaBox::new(&zero, &crypto_box::SecretKey::from([9; 32]))
        .encrypt((&[0; 24]).into(), &[5; 32][..])
        .unwrap();
    let forged = with_header(|header| {
        header["recipients"][0]["encrypted_key"] = json!(base64::encode(&boxed));
        header["recipients"][0]["header"]["sender"] = json!(base64::encode(&sealed));
        header["recipients"][0]["header"]["iv"] = json!(base64::encode(&[0; 24]));
    });
    let envelope = parse(&forged).unwrap();
    assert_eq!(open(&envelope, &kid(2), &key(2)).unwrap_err(), Error::Undecryptable);
}

#[test]
fn a_forward_holds_the_envelope_as_json() {
    let inner = packed(Some(1));
    let bytes = forward(&kid(2), inner.to_string().as_bytes(), "f1").unwrap();
    let forward = crate::Message::parse(&bytes).unwrap();
    assert!(forward.kind.is("routing", 1));
    assert_eq!(forward.body["to"], json!(kid(2)));
    assert_eq!(forward.body["msg"], inner);
    assert!(super::forward("x", b"[]", "f1").is_err());
}
