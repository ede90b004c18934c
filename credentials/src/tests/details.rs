//! RFC 0593: what was agreed on, and what came of it.

use serde_json::{Value, json};

use super::*;
use crate::{CredentialDetail, Error, check_issued};

fn detail(suite: Suite) -> CredentialDetail {
    CredentialDetail::new(unsigned(suite), suite)
}

fn issued(detail: &CredentialDetail) -> Value {
    detail.issue(&signer(&key(1)), CREATED, &Contexts::new()).unwrap()
}

#[test]
fn what_was_requested_is_issued_and_recognized() {
    for suite in Suite::ALL {
        let mut detail = detail(suite);
        let credential = issued(&detail);
        assert!(check(&credential).is_valid());
        check_issued(&detail, &credential).unwrap();
        detail.options.created = Some("2024-02-03T04:05:06Z".into());
        detail.options.challenge = Some("c".into());
        detail.options.domain = Some("d.example".into());
        let read = CredentialDetail::parse(&detail.to_json()).unwrap();
        assert_eq!(read, detail);
        assert_eq!(check_issued(&detail, &credential).unwrap_err().code(), "differs");
        let credential = issued(&detail);
        assert_eq!(credential["proof"]["created"], "2024-02-03T04:05:06Z");
        assert!(check(&credential).is_valid());
        check_issued(&detail, &credential).unwrap();
    }
}

#[test]
fn an_issued_credential_that_differs_is_refused() {
    let suite = Suite::Ed25519Signature2020;
    let detail = detail(suite);
    let changes: [&dyn Fn(&mut Value); 8] = [
        &|vc| vc["credentialSubject"]["givenName"] = json!("Mallory"),
        &|vc| vc["credentialSubject"]["gender"] = json!("added"),
        &|vc| vc["expirationDate"] = json!("2031-01-01T12:00:00Z"),
        &|vc| {
            vc.as_object_mut().unwrap().remove("expirationDate");
        },
        &|vc| vc["name"] = json!("added"),
        &|vc| vc["id"] = json!("urn:other"),
        &|vc| vc["type"] = json!(["VerifiableCredential"]),
        &|vc| {
            vc["@context"].as_array_mut().unwrap().insert(1, json!("https://w3id.org/security/v1"));
        },
    ];
    for change in changes {
        let mut other = unsigned(suite);
        change(&mut other);
        let other = CredentialDetail::new(other, suite);
        let contexts = Contexts::new();
        let Ok(credential) = other.issue(&signer(&key(1)), CREATED, &contexts) else {
            continue;
        };
        let refused = check_issued(&detail, &credential).unwrap_err();
        assert_eq!(refused.code(), "differs");
        assert!(detail.check_request(&other).is_err());
    }
    let other = CredentialDetail::new(unsigned(suite), Suite::Ed25519Signature2018);
    let refused = check_issued(&detail, &issued(&other)).unwrap_err();
    assert_eq!(refused, Error::Differs { what: "proof.type".into() });
    assert!(detail.check_request(&other).is_err());
    assert!(check_issued(&detail, &unsigned(suite)).is_err());
}

/// The same instant, one type and one subject may be written in two ways.
#[test]
fn spelling_is_no_difference() {
    let suite = Suite::Ed25519Signature2018;
    let mut credential = unsigned(suite);
    credential["issuanceDate"] = json!("2020-01-01T13:00:00+01:00");
    credential["credentialSubject"] = json!([credential["credentialSubject"]]);
    let written = CredentialDetail::new(credential, suite);
    check_issued(&detail(suite), &issued(&written)).unwrap();
    let mut anonymous = detail(suite);
    anonymous.credential["credentialSubject"].as_object_mut().unwrap().remove("id");
    anonymous.check_request(&detail(suite)).unwrap();
    assert!(detail(suite).check_request(&anonymous).is_err());
}

#[test]
fn a_malformed_detail_is_refused() {
    let good = detail(Suite::Ed25519Signature2018).to_json();
    // ACA-Py leaves the type out when it means its default.
    let mut without = good.clone();
    without["options"] = json!({});
    let parsed = CredentialDetail::parse(&without).unwrap();
    assert_eq!(parsed.options.suite, Suite::Ed25519Signature2018);
    for (pointer, value) in [
        ("/credential", json!(1)),
        ("/options", json!([])),
        ("/options/proofType", json!("BbsBlsSignature2020")),
        ("/options/proofType", json!(1)),
        ("/options/proofPurpose", json!("authentication")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(CredentialDetail::parse(&bad).is_err(), "{bad}");
    }
    for (member, value) in [("created", json!("2024-01-01")), ("domain", json!(1))] {
        let mut bad = good.clone();
        bad["options"][member] = value;
        assert!(CredentialDetail::parse(&bad).is_err(), "{bad}");
    }
    let mut signed_already = good.clone();
    signed_already["credential"]["proof"] = json!({});
    assert!(CredentialDetail::parse(&signed_already).is_err());
    assert!(CredentialDetail::parse(&json!(null)).is_err());
    let mut status = good;
    status["options"]["credentialStatus"] = json!({ "type": "CredentialStatusList2017" });
    let status = CredentialDetail::parse(&status).unwrap();
    let refused = status.issue(&signer(&key(1)), CREATED, &Contexts::new()).unwrap_err();
    assert_eq!(refused.code(), "unsupported");
}
