//! Signatures by ACA-Py, our own, and what is refused.

use super::*;

fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../vectors/jws-acapy.json")).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn signed(seed: u8) -> Attachment {
    let mut attachment = Attachment::from_bytes("doc", "application/json", b"{}");
    sign_attachment(&mut attachment, &key(seed)).unwrap();
    attachment
}

#[test]
fn signatures_of_aca_py_hold() {
    for vector in vectors() {
        let attachment = Attachment::from_v1(&vector["attachment"]).unwrap();
        let keys = verify(&attachment).unwrap();
        let keys: Vec<_> = keys.iter().map(|key| bs58::encode(key).into_string()).collect();
        assert_eq!(json!(keys), vector["signers"], "{}", vector["name"]);
        assert_eq!(attachment.json().unwrap(), vector["content"]);
    }
}

#[test]
fn our_signature_holds_and_survives_the_wire() {
    let attachment = signed(7);
    let read = Attachment::from_v1(&attachment.to_v1()).unwrap();
    assert_eq!(verify(&read).unwrap(), [key(7).verifying_key().to_bytes()]);
    let mut padded = read.clone();
    padded.data.base64 = Some("e30=".to_owned());
    assert!(verify(&padded).is_ok());
}

#[test]
fn one_bad_signature_spoils_all() {
    let vector = vectors().pop().unwrap();
    let mut attachment = Attachment::from_v1(&vector["attachment"]).unwrap();
    let jws = attachment.data.jws.as_mut().unwrap();
    let first = jws["signatures"][0]["signature"].clone();
    jws["signatures"][1]["signature"] = first;
    assert!(matches!(verify(&attachment), Err(Error::Signature(_))));
}

#[test]
fn other_content_is_refused() {
    let mut attachment = signed(7);
    attachment.data.base64 = Some(encode(b"{\"a\":1}"));
    assert_eq!(verify(&attachment), Err(Error::Signature("it does not hold")));
    attachment.data.base64 = None;
    assert!(matches!(verify(&attachment), Err(Error::Attachment(_))));
    attachment.data.json = Some(json!({}));
    assert!(matches!(verify(&attachment), Err(Error::Signature(_))));
}

/// T-D10: the kid of one key on the signature of another.
#[test]
fn a_foreign_kid_is_refused() {
    let kid = |seed| {
        let key = key(seed).verifying_key().to_bytes();
        format!("did:key:{}", PublicKey::Ed25519(key).to_multibase())
    };
    let mut attachment = signed(7);
    attachment.data.jws.as_mut().unwrap()["header"]["kid"] = kid(8).into();
    assert_eq!(verify(&attachment), Err(Error::Signature("two keys for one signature")));
    attachment.data.jws = Some(sign("e30", &key(7), &kid(8)));
    assert_eq!(verify(&attachment), Err(Error::Signature("two keys for one signature")));
}

#[test]
fn malformed_signatures_are_refused() {
    let good = signed(7).data.jws.unwrap();
    let header = |header: Value| {
        let mut jws = good.clone();
        jws["protected"] = encode(header.to_string().as_bytes()).into();
        jws
    };
    let with = |key: &str, value: Value| {
        let mut jws = good.clone();
        jws[key] = value;
        jws
    };
    for jws in [
        json!(null),
        json!("x"),
        json!({}),
        json!({"signatures": []}),
        json!({"signatures": {}}),
        json!({"signatures": vec![good.clone(); SIGNATURES_MAX + 1]}),
        json!({"signatures": [1]}),
        with("signature", json!("AAAA")),
        with("signature", json!("*")),
        with("signature", json!(null)),
        with("protected", json!("*")),
        with("protected", json!(encode(b"[]"))),
        header(json!({"alg": "none"})),
        header(json!({"alg": "HS256", "kid": "did:key:z6Mk"})),
        header(json!({"alg": "EdDSA", "jwk": {"kty": "EC", "crv": "P-256"}})),
        header(json!({"alg": "EdDSA", "crit": ["b64"], "b64": false})),
        json!({"protected": encode(br#"{"alg":"EdDSA"}"#), "signature": good["signature"]}),
    ] {
        let mut attachment = signed(7);
        attachment.data.jws = Some(jws.clone());
        assert!(verify(&attachment).is_err(), "{jws}");
    }
}
