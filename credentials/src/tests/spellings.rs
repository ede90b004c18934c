//! Other spellings of a signed document, limits, and what is refused to be signed.

use serde_json::{Value, json};

use super::*;
use crate::Error;

fn rename(value: &mut Value, from: &str, to: &str) {
    let map = value.as_object_mut().unwrap();
    let moved = map.remove(from).unwrap();
    map.insert(to.into(), moved);
}

/// The RDF stays the same, so a suite that signs RDF would accept these.
#[test]
fn hiding_a_member_behind_its_iri_is_refused() {
    let suite = Suite::Ed25519Signature2018;
    let mut credential = unsigned(suite);
    credential["expirationDate"] = json!("2024-01-01T12:00:00Z");
    let expired = sign(credential, suite, 1);
    assert!(!check(&expired).is_valid());
    let mut hidden = expired.clone();
    let date = json!({
        "@value": "2024-01-01T12:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"
    });
    hidden["expirationDate"] = date;
    rename(&mut hidden, "expirationDate", "https://www.w3.org/2018/credentials#expirationDate");
    let documents = documents(&hidden);
    let contexts = Contexts::new();
    // The signature itself holds: this is why the structure check exists.
    let proof = hidden["proof"].as_object().unwrap();
    let hash = |document: &Value| suite.hash(document, proof, &contexts).unwrap();
    assert_eq!(hash(&hidden), hash(&expired));
    let report = verify_credential(&hidden, &documents, NOW, &Policy::default(), &contexts);
    assert!(!report.is_valid());
    assert!(report.failures().any(|check| check.name == "structure"));
    for (from, to) in [("type", "@type"), ("id", "@id")] {
        let mut renamed = signed(suite);
        rename(&mut renamed, from, to);
        assert!(!check(&renamed).is_valid());
        let mut renamed = signed(suite);
        rename(&mut renamed["credentialSubject"], from, to);
        assert!(!check(&renamed).is_valid());
    }
}

/// A subject that refers to its credential gives a second place for the credential's members.
#[test]
fn moving_a_member_into_another_node_of_the_same_id_is_refused() {
    let mut contexts = Contexts::new();
    let context = json!({ "@context": { "about": { "@id": "ex:about", "@type": "@id" } } });
    contexts.register("https://example.com/about/v1", &context).unwrap();
    let suite = Suite::Ed25519Signature2018;
    let mut credential = unsigned(suite);
    credential["@context"].as_array_mut().unwrap().push(json!("https://example.com/about/v1"));
    credential["expirationDate"] = json!("2024-01-01T12:00:00Z");
    credential["credentialSubject"].as_object_mut().unwrap().remove("type");
    for name in ["givenName", "familyName", "birthDate"] {
        credential["credentialSubject"].as_object_mut().unwrap().remove(name);
    }
    credential["credentialSubject"]["about"] = credential["id"].clone();
    let signed = issue(credential, suite, &signer(&key(1)), CREATED, &contexts).unwrap();
    let mut moved = signed.clone();
    let date = moved.as_object_mut().unwrap().remove("expirationDate").unwrap();
    moved["credentialSubject"]["about"] = json!({
        "id": signed["id"], "type": signed["type"], "expirationDate": date
    });
    let proof = signed["proof"].as_object().unwrap();
    let hash = |document: &Value| suite.hash(document, proof, &contexts).unwrap();
    assert_eq!(hash(&moved), hash(&signed));
    let known = documents(&moved);
    let report = verify_credential(&moved, &known, NOW, &Policy::default(), &contexts);
    assert!(report.failures().any(|check| check.name == "structure"));
}

/// A context written into the document gives other names to signed claims.
#[test]
fn renaming_claims_with_a_context_is_refused() {
    for suite in Suite::ALL {
        let mut renamed = signed(suite);
        renamed["@context"].as_array_mut().unwrap().push(json!({ "x": "ex:x" }));
        let report = check(&renamed);
        assert!(report.failures().any(|check| check.name == "context"));
        // Row 54.
        let mut unknown = signed(suite);
        unknown["@context"].as_array_mut().unwrap().push(json!("https://example.com/unknown"));
        let report = check(&unknown);
        let failure = report.failures().find(|check| check.name == "context").unwrap();
        assert!(failure.detail.starts_with("unknown-context"));
    }
}

/// A proof may repeat contexts of its document and bring none of its own.
#[test]
fn the_contexts_of_a_proof_are_those_of_its_document() {
    for suite in Suite::ALL {
        let credential = signed(suite);
        let with = |context: Value| {
            let mut credential = credential.clone();
            credential["proof"]["@context"] = context;
            check(&credential)
        };
        let other = "https://w3id.org/security/v2";
        for context in [json!(other), json!([other]), json!({ "created": "ex:x" }), json!(null)] {
            let report = with(context.clone());
            assert!(!report.is_valid(), "{suite:?} {context}");
        }
        // eddsa-jcs-2022 signs them, so for it they stay as they were signed.
        if suite != Suite::EddsaJcs2022 {
            for context in [credential["@context"].clone(), credential["@context"][1].clone()] {
                let report = with(context.clone());
                assert!(report.is_valid(), "{suite:?} {context} {:#}", report.to_json());
            }
        }
    }
}

/// Row 55, and what else is refused to be signed.
#[test]
fn what_is_not_meant_or_not_ours_is_not_signed() {
    let contexts = Contexts::new();
    for suite in Suite::ALL {
        let code = |change: &dyn Fn(&mut Value)| {
            let mut credential = unsigned(suite);
            change(&mut credential);
            let result = issue(credential, suite, &signer(&key(1)), CREATED, &contexts);
            result.map(|_| ()).unwrap_err().code()
        };
        let undefined = |vc: &mut Value| {
            vc["@context"].as_array_mut().unwrap().truncate(1);
            vc["type"] = json!(["VerifiableCredential"]);
            vc["credentialSubject"] = json!({ "id": "did:example:1", "undefined": 1 });
        };
        assert_eq!(code(&undefined), "undefined-term", "{suite:?}");
        assert_eq!(code(&|vc| vc["issuer"] = json!("did:example:other")), "misuse");
        assert_eq!(code(&|vc| vc["issuer"] = json!({ "name": "School" })), "malformed");
        assert_eq!(code(&|vc| vc["type"] = json!(["Card"])), "malformed");
        assert_eq!(
            code(&|vc| vc["@context"][0] = json!("https://w3id.org/citizenship/v1")),
            "malformed"
        );
        assert_eq!(code(&|vc| vc["proof"] = json!({})), "misuse");
        assert_eq!(code(&|vc| vc["credentialSubject"] = json!([])), "malformed");
        assert_eq!(code(&|vc| vc["credentialSubject"]["id"] = json!("no iri")), "undefined-term");
        // Row 57: a date is not a date and time.
        for date in ["2023-11-18", "2023-11-18T00:00:00", "soon", "2023-13-18T00:00:00Z", ""] {
            assert_eq!(code(&|vc| vc["validFrom"] = json!(date)), "malformed");
        }
        assert_eq!(code(&|vc| vc["validFrom"] = json!(1_700_000_000)), "malformed");
    }
}

#[test]
fn a_signer_that_does_not_fit_is_refused() {
    let contexts = Contexts::new();
    let key_1 = key(1);
    let other = Signer { key: &key_1, verification_method: signer(&key(2)).verification_method };
    let suite = Suite::Ed25519Signature2018;
    let mut credential = unsigned(suite);
    credential["issuer"] = json!(did(&key(2)));
    assert_eq!(issue(credential, suite, &other, CREATED, &contexts).unwrap_err().code(), "misuse");
    let relative = Signer { key: &key_1, verification_method: "#key-1".into() };
    let refused = issue(unsigned(suite), suite, &relative, CREATED, &contexts);
    assert_eq!(refused.unwrap_err().code(), "misuse");
    let refused = issue(unsigned(suite), suite, &signer(&key_1), "2024-01-01", &contexts);
    assert_eq!(refused.unwrap_err().code(), "malformed");
    let empty = Presentation::default();
    let refused = present(empty, suite, &signer(&key_1), CREATED, &contexts);
    assert_eq!(refused.unwrap_err().code(), "misuse");
}

/// Row 56: nodes that cannot be told apart, and documents that are too large.
#[test]
fn hostile_documents_stop_at_a_limit() {
    let mut contexts = Contexts::new();
    let context = json!({ "@context": { "p": { "@id": "ex:p", "@type": "@id" } } });
    contexts.register("https://example.com/p/v1", &context).unwrap();
    let poison = |count: usize| {
        // Everyone knows everyone: no node differs from another.
        let nodes: Vec<_> = (0..count)
            .map(|node| {
                let others: Vec<_> =
                    (0..count).filter(|other| *other != node).map(|n| format!("_:b{n}")).collect();
                json!({ "id": format!("_:b{node}"), "p": others })
            })
            .collect();
        let mut credential = unsigned(Suite::Ed25519Signature2018);
        credential["@context"].as_array_mut().unwrap().push(json!("https://example.com/p/v1"));
        credential["evidence"] = json!(nodes);
        credential
    };
    for count in [10, 20, 40, 90] {
        let credential = poison(count);
        let suite = Suite::Ed25519Signature2018;
        let refused = issue(credential, suite, &signer(&key(1)), CREATED, &contexts).unwrap_err();
        assert_eq!(refused.code(), "too-large", "{count}");
    }
}

#[test]
fn large_documents_are_refused_before_any_work() {
    let contexts = Contexts::new();
    let mut many = signed(Suite::Ed25519Signature2018);
    many["credentialSubject"] = json!(vec![json!({ "id": "did:example:1" }); 51]);
    assert!(check(&many).failures().any(|check| check.name == "structure"));
    let credentials = vec![signed(Suite::EddsaJcs2022); 51];
    let presentation = json!({
        "@context": [crate::CREDENTIALS_V2], "type": ["VerifiablePresentation"],
        "verifiableCredential": credentials
    });
    let report = check_presentation(&presentation, None);
    assert!(report.failures().any(|check| check.name == "presentation-structure"));
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!({ "a": [deep] });
    }
    let mut credential = signed(Suite::EddsaJcs2022);
    credential["evidence"] = deep;
    assert!(check(&credential).failures().any(|check| check.name == "structure"));
    assert!(matches!(
        issue(credential, Suite::EddsaJcs2022, &signer(&key(1)), CREATED, &contexts),
        Err(Error::TooLarge("DOCUMENT_DEPTH_MAX"))
    ));
}

/// The JSON pointers of all values within a document.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let entries: Vec<(String, &Value)> = match value {
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (key, item) in entries {
        let pointer = format!("{at}/{key}");
        found.push(pointer.clone());
        pointers(item, &pointer, found);
    }
}

/// Whatever is changed in a signed document, it is not valid, and nothing panics.
#[test]
fn no_change_of_a_value_stays_valid() {
    for suite in Suite::ALL {
        let presentation = presented(vec![signed(suite)], suite, Some("verifier.example"));
        let known = documents(&presentation);
        let (policy, contexts) = (Policy::default(), Contexts::new());
        let domain = Some("verifier.example");
        let expected = Expected { challenge: CHALLENGE, domain, definition: None };
        let verify = |document: &Value| {
            verify_presentation(document, &expected, &known, NOW, &policy, &contexts)
        };
        assert!(verify(&presentation).is_valid());
        let mut places = Vec::new();
        pointers(&presentation, "", &mut places);
        assert!(places.len() > 25);
        for place in places {
            let original = presentation.pointer(&place).unwrap();
            let text = original.as_str().map(|text| format!("{text}x")).unwrap_or_default();
            for value in [json!(null), json!(0), json!(text), json!([]), json!({}), json!([[1]])] {
                let mut changed = presentation.clone();
                *changed.pointer_mut(&place).unwrap() = value.clone();
                let report = verify(&changed);
                assert!(!report.is_valid(), "{suite:?} {place} {value}");
            }
        }
    }
}
