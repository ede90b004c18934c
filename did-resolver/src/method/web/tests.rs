use serde_json::{Value, json};

use super::*;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../vectors/did_web.json")).unwrap()
}

#[test]
fn a_did_becomes_the_url_of_its_document() {
    for (did, expected) in vectors()["urls"].as_object().unwrap() {
        let url = url(&did.parse().unwrap(), &Policy::default()).unwrap();
        assert_eq!(url.as_str(), expected.as_str().unwrap(), "{did}");
    }
}

/// Row 51 of the hostile inputs: ports, traversal, `%2f`, `@`, addresses, bad IDN.
#[test]
fn a_did_that_leads_elsewhere_is_refused() {
    for did in vectors()["refused"].as_array().unwrap() {
        let did = did.as_str().unwrap();
        let result = did.parse::<Did>().and_then(|did| url(&did, &Policy::default()));
        assert!(result.is_err(), "{did} -> {result:?}");
    }
}

#[test]
fn loopback_development_uses_plain_http_and_nothing_else_does() {
    let policy = Policy { loopback: true, private: true };
    let url = |did: &str| url(&did.parse().unwrap(), &policy).map(|url| url.to_string());
    assert_eq!(url("did:web:localhost%3A8080:a").unwrap(), "http://localhost:8080/a/did.json");
    assert_eq!(url("did:web:example.com").unwrap(), "https://example.com/.well-known/did.json");
    assert!(url("did:web:127.0.0.1%3A8080").is_err());
}

/// Row 52: a document about another DID, and what is no document at all.
#[test]
fn only_a_document_about_the_did_is_accepted() {
    let did: Did = "did:web:example.com".parse().unwrap();
    let other = json!({ "id": "did:web:example.org" }).to_string();
    assert_eq!(document(&did, other.as_bytes()), Err(Error::WrongSubject));
    for bytes in [&b"<!doctype html><html></html>"[..], b"", b"[]", b"{}", b"{\"id\":5}", b"\xff"] {
        let error = document(&did, bytes).unwrap_err();
        assert_eq!(error.problem_code(), "e.p.did.not-resolvable");
    }
    let own = json!({ "id": "did:web:example.com" }).to_string();
    assert_eq!(document(&did, own.as_bytes()).unwrap().id, did);
}
