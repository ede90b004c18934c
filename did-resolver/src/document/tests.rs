use serde_json::{Value, json};

use super::*;
use crate::Error;

const ID: &str = "did:web:example.com";
const ED25519: &str = "z6MkqRYqQiSgvZQdnBytw86Qbs2ZWUkGv22od935YF4s8M7V";
const X25519: &str = "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc";

fn multikey(id: &str, key: &str) -> Value {
    json!({ "id": id, "type": "Multikey", "controller": ID, "publicKeyMultibase": key })
}

fn read(value: &Value) -> Result<DidDocument, Error> {
    DidDocument::from_value(value)
}

/// The same Ed25519 and X25519 keys in every type and form (peer-did-python's vectors).
#[test]
fn every_form_of_a_key_is_read() {
    let ed25519 = PublicKey::from_multibase(ED25519).unwrap();
    let x25519 = PublicKey::from_multibase(X25519).unwrap();
    let (ed_b58, x_b58) = (ed25519.to_base58(), x25519.to_base58());
    let raw = |base58: &str| format!("z{base58}");
    let ed_jwk = json!({ "kty": "OKP", "crv": "Ed25519",
                         "x": "owBhCbktDjkfS6PdQddT0D3yjSitaSysP3YimJ_YgmA" });
    let x_jwk = json!({ "kty": "OKP", "crv": "X25519",
                        "x": "BIiFcQEn3dfvB2pjlhOQQour6jXy9d5s2FKEJNTOJik" });
    for (kind, form, material, key) in [
        ("Ed25519VerificationKey2018", "publicKeyBase58", json!(ed_b58), &ed25519),
        ("Ed25519VerificationKey2020", "publicKeyMultibase", json!(ED25519), &ed25519),
        ("Ed25519VerificationKey2020", "publicKeyMultibase", json!(raw(&ed_b58)), &ed25519),
        ("Ed25519VerificationKey2020", "publicKeyJwk", ed_jwk.clone(), &ed25519),
        ("X25519KeyAgreementKey2019", "publicKeyBase58", json!(x_b58), &x25519),
        ("X25519KeyAgreementKey2020", "publicKeyMultibase", json!(X25519), &x25519),
        ("X25519KeyAgreementKey2020", "publicKeyMultibase", json!(raw(&x_b58)), &x25519),
        ("Multikey", "publicKeyMultibase", json!(X25519), &x25519),
        ("JsonWebKey2020", "publicKeyJwk", ed_jwk, &ed25519),
        ("JsonWebKey", "publicKeyJwk", x_jwk, &x25519),
    ] {
        let entry = json!({ "id": "#k", "type": kind, "controller": ID, form: material });
        let value = json!({ "id": ID, "verificationMethod": [entry], "assertionMethod": ["#k"] });
        let document = read(&value).unwrap();
        let method = document.assertion_keys().next().unwrap();
        assert_eq!((&method.key, method.kind.as_str()), (key, kind));
        assert_eq!(method.id, format!("{ID}#k"));
        assert_eq!(
            read(&document.to_json()).unwrap(),
            document,
            "{kind} is written as it was read"
        );
    }
}

#[test]
fn kinds_that_we_do_not_know_are_left_out() {
    let p521 = "z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7";
    let document = read(&json!({
        "id": ID,
        "verificationMethod": [
            multikey("#ours", ED25519),
            multikey("#p521", p521),
            { "id": "#rsa", "type": "RsaVerificationKey2018", "publicKeyPem": "-" },
            { "id": "#jwk", "type": "JsonWebKey2020", "publicKeyJwk": { "kty": "RSA", "n": "" } },
            { "id": "did:web:other.example#k", "type": "Multikey", "publicKeyMultibase": ED25519 },
        ],
        "authentication": ["#rsa", "#ours", "#p521", "#ours", "#missing", "did:web:other.example#k",
                           { "id": "#e", "type": "EcdsaKey", "controller": ID }],
        "service": [{ "id": "#l", "type": "LinkedDomains", "serviceEndpoint": { "origins": [] } }],
    }));
    let document = document.unwrap();
    assert_eq!(document.authentication, [format!("{ID}#ours")]);
    assert_eq!(document.verification_method.len(), 1);
    assert!(document.service.is_empty() && document.didcomm_v2_service().is_none());
}

/// Row 52 of the hostile inputs: a key that another DID controls must not act for this one.
#[test]
fn a_key_of_another_controller_is_refused_in_a_relationship() {
    let mut key = multikey("#k", ED25519);
    key["controller"] = "did:web:other.example".into();
    assert!(read(&json!({ "id": ID, "verificationMethod": [key] })).is_ok());
    for name in ["authentication", "assertionMethod", "keyAgreement"] {
        let embedded = json!({ "id": ID, name: [key] });
        let referred = json!({ "id": ID, "verificationMethod": [key], name: ["#k"] });
        for value in [embedded, referred] {
            let error = read(&value).unwrap_err();
            assert_eq!(error, Error::ForeignController);
            assert_eq!(error.problem_code(), "e.p.did.not-resolvable");
        }
    }
}

#[test]
fn malformed_documents_are_refused() {
    let key = |changes: Value| {
        let mut key = multikey("#k", ED25519);
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        json!({ "id": ID, "verificationMethod": [key] })
    };
    let base58 = PublicKey::from_multibase(ED25519).unwrap().to_base58();
    let other = "4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS";
    for value in [
        json!(null),
        json!("did:web:example.com"),
        json!({}),
        json!({ "id": "example.com" }),
        json!({ "id": ID, "verificationMethod": 5 }),
        json!({ "id": ID, "verificationMethod": [5] }),
        json!({ "id": ID, "authentication": [[]] }),
        json!({ "id": ID, "authentication": [null] }),
        json!({ "id": ID, "service": ["x"] }),
        json!({ "id": ID, "service": [{ "type": "x" }] }),
        json!({ "id": ID, "service": [{ "serviceEndpoint": "x" }] }),
        json!({ "id": ID, "service": [{ "type": "x", "serviceEndpoint": "y", "accept": [5] }] }),
        json!({ "id": ID, "verificationMethod": [multikey("#k", ED25519), multikey("#k", X25519)] }),
        key(json!({ "id": 5 })),
        key(json!({ "type": null })),
        key(json!({ "publicKeyMultibase": null })),
        key(json!({ "publicKeyMultibase": "z0OIl" })),
        key(json!({ "type": "X25519KeyAgreementKey2020" })),
        key(json!({ "publicKeyBase58": base58 })),
        key(json!({ "type": "Ed25519VerificationKey2020", "publicKeyBase58": other })),
        key(json!({ "type": "JsonWebKey2020", "publicKeyMultibase": 5, "publicKeyJwk": 5 })),
    ] {
        assert!(read(&value).is_err(), "{value}");
    }
}

/// Row 53: bounded, whatever the document refers to.
#[test]
fn a_document_above_a_limit_is_refused() {
    let keys =
        |count: usize| (0..count).map(|n| multikey(&format!("#{n}"), ED25519)).collect::<Vec<_>>();
    let service =
        |count: usize| json!({ "id": "#s", "type": "x", "serviceEndpoint": vec!["u"; count] });
    assert!(read(&json!({ "id": ID, "verificationMethod": keys(200) })).is_ok());
    assert!(read(&json!({ "id": ID, "service": [service(200)] })).is_ok());
    for value in [
        json!({ "id": ID, "verificationMethod": keys(201) }),
        json!({ "id": ID, "verificationMethod": keys(10_000) }),
        json!({ "id": ID, "keyAgreement": keys(201) }),
        json!({ "id": ID, "verificationMethod": keys(150), "authentication": keys(150) }),
        json!({ "id": ID, "authentication": vec!["#a"; 201] }),
        json!({ "id": ID, "service": vec![service(1); 201] }),
        json!({ "id": ID, "service": [service(201)] }),
        json!({ "id": ID, "service": [service(150), service(150)] }),
        json!({ "id": ID, "service": [{ "type": "x", "serviceEndpoint": "y".repeat(100_000) }] }),
    ] {
        assert!(matches!(read(&value), Err(Error::TooLarge { .. })), "{:.80}", value.to_string());
    }
    let bytes = format!("{{\"id\":\"{ID}\"}}{}", " ".repeat(DOCUMENT_BYTES_MAX));
    assert!(matches!(DidDocument::from_json(bytes.as_bytes()), Err(Error::TooLarge { .. })));
    let nested = "[".repeat(100_000);
    assert!(DidDocument::from_json(format!("{{\"id\":{nested}").as_bytes()).is_err());
}

#[test]
fn services_of_both_generations_are_read_and_chosen() {
    let document = read(&json!({
        "id": ID,
        "verificationMethod": [multikey("#key-0", ED25519), multikey("#x", X25519)],
        "authentication": ["#key-0"],
        "service": [
            { "id": "#a", "type": "did-communication", "priority": 1, "recipientKeys": ["#key-0"],
              "serviceEndpoint": "http://second.example" },
            { "id": "#b", "type": "IndyAgent", "priority": 0, "recipientKeys": ["#x", "junk"],
              "routingKeys": ["r"], "serviceEndpoint": "http://first.example" },
            { "id": "#c", "type": ["Other", "DIDCommMessaging"], "accept": ["didcomm/v2"],
              "serviceEndpoint": [{ "uri": "http://v2.example", "routingKeys": ["m"] },
                                  "ws://v2.example", { "nothing": true }] },
        ],
    }));
    let document = document.unwrap();
    let v1 = document.didcomm_service().unwrap();
    assert_eq!(
        (v1.endpoint.as_str(), v1.routing_keys.as_slice()),
        ("http://first.example", &["r".to_owned()][..])
    );
    assert!(document.recipient_ed25519_keys(v1).is_empty(), "X25519 and junk are left out");
    let v2 = document.didcomm_v2_service().unwrap();
    assert_eq!((v2.endpoint.as_str(), v2.routing_keys[0].as_str()), ("http://v2.example", "m"));
    assert_eq!((v2.accept[0].as_str(), v2.id.as_str()), ("didcomm/v2", "did:web:example.com#c"));
    assert_eq!(document.service.len(), 4);
    // An array of endpoints stays one service when it is written.
    let written = document.to_json();
    assert_eq!(written["service"].as_array().unwrap().len(), 3);
    assert_eq!(read(&written).unwrap().service.len(), 4);
}

#[test]
fn recipient_keys_are_found_behind_every_reference() {
    let key = PublicKey::from_multibase(ED25519).unwrap();
    let PublicKey::Ed25519(bytes) = key else { panic!() };
    let document = |recipient: &str| {
        let service = json!({ "id": "#a", "type": "did-communication", "serviceEndpoint": "u",
                              "recipientKeys": [recipient] });
        let key = multikey("#key-0", ED25519);
        read(&json!({ "id": ID, "verificationMethod": [key], "service": [service] })).unwrap()
    };
    for reference in [
        "#key-0",
        "did:web:example.com#key-0",
        &key.to_base58(),
        &format!("did:key:{ED25519}"),
        &format!("did:key:{ED25519}#{ED25519}"),
    ] {
        let document = document(reference);
        let service = document.didcomm_service().unwrap();
        assert_eq!(document.recipient_ed25519_keys(service), [bytes], "{reference}");
        assert!(document.has_ed25519(&bytes), "{reference}");
    }
    for reference in ["#key-1", "did:web:other.example#key-0", "key-0", ""] {
        let document = document(reference);
        let service = document.didcomm_service().unwrap();
        assert!(document.recipient_ed25519_keys(service).is_empty(), "{reference}");
        assert!(!document.has_ed25519(&bytes), "{reference}");
    }
}

#[test]
fn a_document_is_stored_as_its_json() {
    let value = json!({ "id": ID, "verificationMethod": [multikey("#key-0", ED25519)],
                        "alsoKnownAs": ["https://example.com"] });
    let document = read(&value).unwrap();
    let stored = serde_json::to_vec(&document).unwrap();
    assert_eq!(serde_json::from_slice::<DidDocument>(&stored).unwrap(), document);
    assert_eq!(DidDocument::from_json(&stored).unwrap(), document);
}
