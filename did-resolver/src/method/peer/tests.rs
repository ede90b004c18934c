use serde_json::{Value, json};

use super::*;
use crate::{DID_BYTES_MAX, Service, resolve_local};

fn two() -> Value {
    serde_json::from_str(include_str!("../../../vectors/did_peer_2.json")).unwrap()
}

fn four() -> Value {
    serde_json::from_str(include_str!("../../../vectors/did_peer_4.json")).unwrap()
}

fn did(value: &Value) -> Did {
    value.as_str().unwrap().parse().unwrap()
}

fn resolved(value: &Value) -> DidDocument {
    resolve_local(&did(value)).unwrap().unwrap()
}

#[test]
fn numalgo_0_is_a_did_key_by_another_name() {
    let multibase = "z6MkqRYqQiSgvZQdnBytw86Qbs2ZWUkGv22od935YF4s8M7V";
    let document = resolved(&format!("did:peer:0{multibase}").into());
    let as_key = resolved(&format!("did:key:{multibase}").into());
    let keys = |document: DidDocument| {
        document.verification_method.into_iter().map(|method| method.key).collect::<Vec<_>>()
    };
    assert_eq!(document.authentication, [format!("did:peer:0{multibase}#{multibase}")]);
    assert_eq!(keys(document), keys(as_key));
}

#[test]
fn numalgo_1_is_the_hash_of_the_stored_document() {
    let stored = json!({
        "verificationMethod": [{
            "id": "#key-1",
            "type": "Ed25519VerificationKey2018",
            "controller": "#id",
            "publicKeyBase58": "ByHnpUCFb1vAfh9CFZ8ZkmUZguURW8nSw889hy6rD8L7",
        }],
        "authentication": ["#key-1"],
    });
    let stored = stored.to_string().into_bytes();
    let did = create_1(&stored).unwrap();
    assert_eq!(document(&did), Err(Error::NotSelfContained));
    assert_eq!(check_1(&did, &stored).unwrap().authentication, [did.with_fragment("key-1")]);
    let changed = [&stored[..], b" "].concat();
    assert_eq!(check_1(&did, &changed), Err(Error::HashMismatch));
    for stored in [&b"{\"id\":\"did:x:a\"}"[..], b"[]", b"5", b"", b"\xff"] {
        assert!(create_1(stored).is_err() && check_1(&did, stored).is_err());
    }
    assert!(create_1(&vec![b' '; crate::DOCUMENT_BYTES_MAX + 1]).is_err());
}

#[test]
fn numalgo_2_of_the_specification_is_resolved() {
    let vector = &two()["specification"];
    let (id, document) = (did(&vector["did"]), resolved(&vector["did"]));
    assert_eq!(document.authentication, [id.with_fragment("key-1")]);
    assert_eq!(document.key_agreement, [id.with_fragment("key-2")]);
    assert_eq!(document.also_known_as, [vector["peer3"].as_str().unwrap()]);
    for (service, expected) in document.service.iter().zip(vector["services"].as_array().unwrap()) {
        assert_eq!(service.id, format!("{id}{}", expected["id"].as_str().unwrap()));
        assert_eq!(
            (service.kind.as_str(), service.accept[0].as_str()),
            ("DIDCommMessaging", "didcomm/v2")
        );
        assert_eq!(service.endpoint, expected["uri"].as_str().unwrap());
        assert_eq!(service.routing_keys, [expected["routing"].as_str().unwrap()]);
    }
    assert_eq!(document.service.len(), 2);
    assert_eq!(document.didcomm_v2_service().unwrap().endpoint, "http://example.com/didcomm");
}

#[test]
fn numalgo_2_of_the_first_iteration_is_resolved() {
    let vector = &two()["endpoint_as_text"];
    let document = resolved(&vector["did"]);
    let service = document.didcomm_v2_service().unwrap();
    assert_eq!(service.endpoint, "https://example.com/endpoint");
    assert_eq!(service.routing_keys, ["did:example:somemediator#somekey"]);
    assert_eq!(service.accept, ["didcomm/v2", "didcomm/aip2;env=rfc587"]);
    assert_eq!(short_form(&document.id), Some(did(&vector["peer3"])));
    // A kid of that iteration is the key itself.
    let old = vector["key_agreement_fragment"].as_str().unwrap();
    let method = document.method(&document.id.with_fragment(old)).unwrap();
    assert_eq!(method.id, document.key_agreement[0]);
    assert_eq!(document.method("#6Mkother"), None);

    let document = resolved(&two()["services_as_array"]["did"]);
    let kinds: Vec<_> = document.service.iter().map(|service| service.kind.as_str()).collect();
    assert_eq!(kinds, ["DIDCommMessaging", "example"]);
    assert_eq!(document.service[1].id, document.id.with_fragment("service-1"));
}

#[test]
fn numalgo_2_of_acapy_is_resolved_and_made_alike() {
    let vector = &two()["acapy"];
    let document = resolved(&vector["did"]);
    let mut expected = DidDocument::from_value(&vector["document"]).unwrap();
    assert_eq!(document, expected);
    assert_eq!(short_form(&document.id), Some(did(&vector["peer3"])));
    let service = document.didcomm_service().unwrap();
    let PublicKey::Ed25519(key) = document.method("#key-1").unwrap().key else { panic!() };
    assert_eq!(document.recipient_ed25519_keys(service), [key]);

    let keys = document.verification_method.iter().map(|method| method.key.clone());
    let purposes = [Purpose::Verification, Purpose::Encryption];
    let keys: Vec<_> = purposes.into_iter().zip(keys).collect();
    for service in &mut expected.service {
        service.id = service.id.replace(document.id.as_str(), "");
    }
    let made = resolve_local(&create_2(&keys, &expected.service).unwrap()).unwrap().unwrap();
    let endpoints = |document: &DidDocument| {
        document.service.iter().map(|service| service.endpoint.clone()).collect::<Vec<_>>()
    };
    assert_eq!(endpoints(&made), endpoints(&document));
    assert_eq!(made.recipient_ed25519_keys(made.didcomm_service().unwrap()), [key]);
    assert!(made.service[0].id.ends_with("#didcomm-0"));
}

/// Row 49 of the hostile inputs, and what else is no did:peer:2.
#[test]
fn a_malformed_numalgo_2_is_refused() {
    for vector in two()["refused"].as_array().unwrap() {
        let did = vector["did"].as_str().unwrap();
        let error = did.parse::<Did>().and_then(|did| document(&did)).unwrap_err();
        assert_ne!(error, Error::NotSelfContained, "{}", vector["why"]);
    }
    let key =
        PublicKey::from_multibase("z6MkqRYqQiSgvZQdnBytw86Qbs2ZWUkGv22od935YF4s8M7V").unwrap();
    assert!(create_2(&vec![(Purpose::Assertion, key.clone()); 65], &[]).is_err());
    let endpoint = "x".repeat(DID_BYTES_MAX);
    let service = Service { kind: "a".into(), endpoint, ..Service::default() };
    assert!(create_2(&[(Purpose::Assertion, key)], &[service]).is_err());
}

#[test]
fn numalgo_4_of_the_specification_is_resolved() {
    let vector = &four()["specification"];
    let (long, short) = (did(&vector["long"]), did(&vector["short"]));
    assert_eq!(short_form(&long), Some(short.clone()));
    assert_eq!(short_form(&short), None);
    for (document, id, other) in [
        (resolved(&vector["long"]), &long, &short),
        (check_4(&short, &long).unwrap(), &short, &long),
    ] {
        assert_eq!((&document.id, &document.also_known_as), (id, &vec![other.to_string()]));
        let authentication = document.authentication_keys().next().unwrap();
        assert_eq!(authentication.key.to_multibase(), vector["authentication"].as_str().unwrap());
        assert_eq!(authentication.controller, id.as_str());
        let key_agreement = document.key_agreement_keys().next().unwrap();
        assert_eq!(key_agreement.key.to_multibase(), vector["key_agreement"].as_str().unwrap());
        // The text beside this DID in the specification says `didcomm://queue`; the DID says:
        assert_eq!(document.service[0].endpoint, "didcomm:transport/queue");
    }
}

#[test]
fn numalgo_4_of_acapy_is_resolved() {
    let vector = &four()["acapy"];
    let document = resolved(&vector["long"]);
    assert_eq!(document, DidDocument::from_value(&vector["document"]).unwrap());
    let short = check_4(&did(&vector["short"]), &did(&vector["long"])).unwrap();
    assert_eq!(short, DidDocument::from_value(&vector["short_document"]).unwrap());
    let PublicKey::Ed25519(key) = document.method("#key-0").unwrap().key else { panic!() };
    for document in [document, short] {
        let service = document.didcomm_service().unwrap();
        assert_eq!(document.recipient_ed25519_keys(service), [key]);
        assert!(document.has_ed25519(&key));
    }
}

#[test]
fn a_made_numalgo_4_resolves_to_the_document_it_was_made_of() {
    let input = json!({
        "verificationMethod": [{
            "id": "#key-0",
            "type": "Multikey",
            "publicKeyMultibase": "z6MkqRYqQiSgvZQdnBytw86Qbs2ZWUkGv22od935YF4s8M7V",
        }],
        "authentication": ["#key-0"],
        "service": [{ "id": "#s", "type": "did-communication", "recipientKeys": ["#key-0"],
                      "serviceEndpoint": "http://example.com" }],
    });
    let made = create_4(&input).unwrap();
    assert_eq!(resolve_local(&made.long), Some(Ok(made.document.clone())));
    assert_eq!(check_4(&made.short, &made.long).unwrap().id, made.short);
    assert_eq!(made.document.service[0].id, made.long.with_fragment("s"));

    assert!(create_4(&json!({ "id": "did:x:a" })).is_err());
    assert!(create_4(&json!([])).is_err());
    assert!(create_4(&json!({ "service": "x".repeat(DID_BYTES_MAX) })).is_err());
    assert!(create_4(&json!({ "alsoKnownAs": ["\u{7f}".repeat(DID_BYTES_MAX / 2)] })).is_ok());
}

/// Row 50: the hash must fit; and the document behind a fitting hash is checked as any other.
#[test]
fn a_numalgo_4_that_does_not_fit_is_refused() {
    let vectors = four();
    let long = vectors["specification"]["long"].as_str().unwrap();
    let (hash, encoded) = long.strip_prefix("did:peer:4").unwrap().split_once(':').unwrap();
    let other = vectors["acapy"]["short"].as_str().unwrap();
    let cut = &encoded[..encoded.len() - 1];
    for did in [format!("{other}:{encoded}"), format!("did:peer:4{hash}:{cut}")] {
        let did: Did = did.parse().unwrap();
        assert_eq!(document(&did), Err(Error::HashMismatch));
        assert_eq!(Error::HashMismatch.problem_code(), "e.p.did");
    }
    let long: Did = long.parse().unwrap();
    assert_eq!(check_4(&other.parse().unwrap(), &long), Err(Error::HashMismatch));
    assert_eq!(check_4(&other.parse().unwrap(), &other.parse().unwrap()), Err(Error::HashMismatch));

    let with_document = |bytes: &[u8]| {
        let encoded = encoding::to_multibase(bytes);
        let hash = encoding::multihash(encoded.as_bytes());
        document(&format!("did:peer:4{hash}:{encoded}").parse().unwrap())
    };
    for bytes in [
        &b"\x80\x04"[..],
        b"\x80\x04nonsense",
        b"\x80\x04[]",
        b"\x80\x04{\"id\":\"did:x:a\"}",
        b"\x80\x04{\"service\":5}",
        b"{}",
        b"\x80\x04\xff",
    ] {
        assert!(with_document(bytes).is_err(), "{bytes:?}");
    }
    assert!(with_document(b"\x80\x04{}").is_ok());
    for did in ["did:peer:4", "did:peer:4zQm", "did:peer:4:z", "did:peer:4a:b", "did:peer:1x"] {
        let result = did.parse::<Did>().and_then(|did| document(&did));
        assert!(!matches!(result, Ok(_) | Err(Error::NotSelfContained)), "{did}");
    }
}
