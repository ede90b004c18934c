use serde_json::{Value, json};

use super::*;
use crate::Error;

const ID: &str = "JNKL9kJxQi5pNCfA8QBXdJ";

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/legacy.json")).unwrap()
}

fn ed25519(base58: &Value) -> [u8; 32] {
    crate::method::key::naked_key(base58.as_str().unwrap()).unwrap()
}

#[test]
fn the_document_of_acapy_is_read_and_written_again_alike() {
    let vectors = vectors();
    let document = read(&vectors["acapy"]).unwrap();
    assert_eq!(document.id.as_str(), ID);
    assert!(document.has_ed25519(&ed25519(&vectors["verkey"])));
    assert_eq!(write(&document), vectors["acapy"]);
}

#[test]
fn a_document_of_ours_is_the_one_acapy_would_write() {
    let vectors = vectors();
    let (verkey, routing) = (ed25519(&vectors["verkey"]), ed25519(&vectors["routing_key"]));
    let did = format!("did:sov:{ID}").parse().unwrap();
    let document = document(did, &verkey, "http://bob:3000", &[routing]);
    assert_eq!(write(&document), vectors["acapy"]);
    assert_eq!(read(&write(&document)).unwrap().authentication, document.authentication);
}

#[test]
fn every_spelling_means_the_same_document() {
    let vectors = vectors();
    let verkey = ed25519(&vectors["verkey"]);
    for vector in vectors["spellings"].as_array().unwrap() {
        let why = &vector["why"];
        assert!(is_legacy(&vector["document"]), "{why}");
        let document = read(&vector["document"]).unwrap();
        assert_eq!(document.id.as_str(), ID, "{why}");
        assert_eq!(document.authentication, [format!("{ID}#1")], "{why}");
        assert!(document.has_ed25519(&verkey), "{why}");
        assert!(!document.has_ed25519(&ed25519(&vectors["routing_key"])), "{why}");
        let service = document.didcomm_service().unwrap();
        assert_eq!(service.endpoint, "http://bob:3000", "{why}");
        assert_eq!(document.recipient_ed25519_keys(service), [verkey], "{why}");
        let written = write(&document);
        assert_eq!(written["service"][0]["routingKeys"], json!([vectors["routing_key"]]), "{why}");
        // An ordinary document once it was read: it survives our own form too.
        assert_eq!(DidDocument::from_value(&document.to_json()).unwrap(), document, "{why}");
    }
}

#[test]
fn a_foreign_key_may_not_authenticate() {
    let mut foreign = vectors()["acapy"].clone();
    foreign["publicKey"][0]["controller"] = "did:sov:LjgpST2rjsoxYegQDRm7EL".into();
    assert_eq!(read(&foreign), Err(Error::ForeignController));
    // Under another DID's id it is not a key of this document, and cannot be referred to.
    foreign["publicKey"][0]["id"] = "did:sov:LjgpST2rjsoxYegQDRm7EL#1".into();
    foreign["authentication"][0]["publicKey"] = "did:sov:LjgpST2rjsoxYegQDRm7EL#1".into();
    assert!(read(&foreign).unwrap().authentication.is_empty());
}

#[test]
fn malformed_documents_are_refused() {
    let key = vectors()["acapy"]["publicKey"][0].clone();
    for document in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "id": 5 }),
        json!({ "id": "not base58 0OIl" }),
        json!({ "id": ID, "publicKey": {} }),
        json!({ "id": ID, "publicKey": [5] }),
        json!({ "id": ID, "publicKey": [{ "id": "1" }] }),
        json!({ "id": ID, "publicKey": [], "authentication": [5] }),
        json!({ "id": ID, "publicKey": [], "authentication": [{ "publicKey": {} }] }),
        json!({ "id": ID, "publicKey": [{ "id": "1", "type": KEY_KIND, "publicKeyBase58": "1" }] }),
        json!({ "id": ID, "publicKey": [], "service": [5] }),
        json!({ "id": ID, "publicKey": vec![key.clone(); 10_000] }),
        json!({ "id": ID, "publicKey": [], "authentication": vec![key; 10_000] }),
    ] {
        assert!(read(&document).is_err(), "{:.120}", document.to_string());
    }
}

#[test]
fn the_did_of_a_key_is_its_first_half() {
    let did = did_from_verkey(&ed25519(&vectors()["verkey"]));
    assert!(did.is_unqualified());
    assert_eq!(did_from_verkey(&[0; 32]).as_str(), "1111111111111111");
    let web: Did = "did:web:a.example".parse().unwrap();
    assert_eq!((unqualified(&web), unqualified(&did)), (web.clone(), did.clone()));
    assert_eq!(unqualified(&format!("did:sov:{did}").parse().unwrap()), did);
}
