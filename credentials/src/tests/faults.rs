//! Promise P26: one fault at a time, and never "valid".

use serde_json::{Value, json};

use super::*;
use crate::{CREDENTIAL_CHECKS, HOLDER_CHECK, PRESENTATION_CHECKS};

/// The names of the failed checks.
fn failed(report: &Report) -> Vec<String> {
    assert!(!report.is_valid(), "{:#}", report.to_json());
    assert_eq!(report.to_json()["verified"], false);
    report.failures().map(|check| check.label()).collect()
}

fn v1(suite: Suite) -> bool {
    matches!(suite, Suite::Ed25519Signature2018 | Suite::Ed25519Signature2020)
}

/// A credential that is signed after the change, so only the named check can fail.
fn changed(suite: Suite, change: impl Fn(&mut Value)) -> Value {
    let mut credential = unsigned(suite);
    change(&mut credential);
    sign(credential, suite, 1)
}

#[test]
fn each_fault_of_a_credential_fails_its_check() {
    for suite in Suite::ALL {
        let (from, until, claim) = match v1(suite) {
            true => ("issuanceDate", "expirationDate", "givenName"),
            false => ("validFrom", "validUntil", "alumniOf"),
        };
        // Tampering.
        let mut tampered = signed(suite);
        tampered["credentialSubject"][claim] = json!("Mallory");
        assert_eq!(failed(&check(&tampered)), ["signature"], "{suite:?}");
        let mut extended = signed(suite);
        extended[until] = json!("2040-01-01T12:00:00Z");
        assert_eq!(failed(&check(&extended)), ["signature"]);
        let mut removed = signed(suite);
        removed.as_object_mut().unwrap().remove(until);
        assert_eq!(failed(&check(&removed)), ["signature"]);
        // Dates.
        let expired = changed(suite, |vc| vc[until] = json!("2024-05-31T23:58:00Z"));
        assert_eq!(failed(&check(&expired)), ["expired"]);
        let future = changed(suite, |vc| vc[from] = json!("2024-06-01T00:02:00Z"));
        assert_eq!(failed(&check(&future)), ["issued"]);
        // Just inside the leeway on either side.
        let edge = changed(suite, |vc| {
            vc[until] = json!("2024-05-31T23:59:00Z");
            vc[from] = json!("2024-06-01T00:01:00Z");
        });
        assert!(check(&edge).is_valid());
        // Status.
        let status = changed(suite, |vc| {
            vc["credentialStatus"] = json!({
                "id": "https://issuer.example/status/3#94567",
                "type": if v1(suite) { "StatusList2021Entry" } else { "BitstringStatusListEntry" },
                "statusPurpose": "revocation",
                "statusListIndex": "94567",
                "statusListCredential": "https://issuer.example/status/3"
            });
            if v1(suite) {
                vc["@context"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!("https://w3id.org/vc/status-list/2021/v1"));
            }
        });
        let report = check(&status);
        assert_eq!(failed(&report), ["status"]);
        assert_eq!(report.failures().next().unwrap().detail, "status-unknown");
        let ignore = Policy { ignore_status: true, ..Policy::default() };
        let contexts = Contexts::new();
        assert!(
            verify_credential(&status, &documents(&status), NOW, &ignore, &contexts).is_valid()
        );
    }
}

#[test]
fn each_fault_of_a_proof_fails_its_check() {
    for suite in Suite::ALL {
        let good = signed(suite);
        let with = |member: &str, value: Value| {
            let mut credential = good.clone();
            credential["proof"][member] = value;
            credential
        };
        let purpose = with("proofPurpose", json!("authentication"));
        assert_eq!(failed(&check(&purpose)), ["signature", "proof-purpose"]);
        let future = with("created", json!("2024-06-01T00:02:00Z"));
        assert_eq!(failed(&check(&future)), ["signature", "proof-time"]);
        let date = with("created", json!("2024-01-01"));
        assert!(failed(&check(&date)).contains(&"proof-time".to_owned()));
        let expires = with("expires", json!("2024-05-01T00:00:00Z"));
        assert!(failed(&check(&expires)).contains(&"proof-time".to_owned()));
        let other = signer(&key(3)).verification_method;
        let method = with("verificationMethod", json!(other));
        assert_eq!(failed(&check(&method)), ["signature", "issuer"]);
        for name in ["jws", "proofValue"] {
            let text = good["proof"][name].as_str().unwrap_or("z1").to_owned();
            for bad in [
                json!(null),
                json!(1),
                json!(""),
                json!("z"),
                json!(text.clone() + "A"),
                json!("z".repeat(500)),
                json!(text.replace('z', "y") + "."),
            ] {
                assert!(failed(&check(&with(name, bad))).contains(&"signature".to_owned()));
            }
        }
        let unknown = with("previousProof", json!("urn:x"));
        assert!(failed(&check(&unknown)).contains(&"structure".to_owned()));
        for kind in ["BbsBlsSignature2020", "Ed25519Signature2019", "none", ""] {
            assert_eq!(failed(&check(&with("type", json!(kind)))), ["signature"]);
        }
        let mut two = good.clone();
        two["proof"] = json!([good["proof"], good["proof"]]);
        assert!(failed(&check(&two)).contains(&"signature".to_owned()));
        let mut none = good.clone();
        none.as_object_mut().unwrap().remove("proof");
        assert!(failed(&check(&none)).contains(&"signature".to_owned()));
        // One that is listed alone is the same as one.
        let mut listed = good.clone();
        listed["proof"] = json!([good["proof"]]);
        assert!(check(&listed).is_valid());
    }
}

/// A signature of one suite does not pass as one of another.
#[test]
fn suites_cannot_be_swapped() {
    for suite in [Suite::EddsaRdfc2022, Suite::EddsaJcs2022] {
        let mut credential = signed(suite);
        let other =
            if suite == Suite::EddsaRdfc2022 { "eddsa-jcs-2022" } else { "eddsa-rdfc-2022" };
        credential["proof"]["cryptosuite"] = json!(other);
        assert_eq!(failed(&check(&credential)), ["signature"]);
    }
    let credential = signed(Suite::Ed25519Signature2018);
    let policy = Policy { suites: vec![Suite::EddsaJcs2022], ..Policy::default() };
    let report =
        verify_credential(&credential, &documents(&credential), NOW, &policy, &Contexts::new());
    assert_eq!(failed(&report), ["signature"]);
}

#[test]
fn an_issuer_must_be_trusted_and_known() {
    for suite in Suite::ALL {
        let credential = signed(suite);
        let (contexts, known) = (Contexts::new(), documents(&credential));
        let trust = |did: String| Policy { trusted_issuers: Some(vec![did]), ..Policy::default() };
        let verify = |policy: &Policy, documents: &Documents| {
            verify_credential(&credential, documents, NOW, policy, &contexts)
        };
        assert!(verify(&trust(did(&key(1))), &known).is_valid());
        assert_eq!(failed(&verify(&trust(did(&key(2))), &known)), ["issuer"]);
        let nobody = Policy { trusted_issuers: Some(Vec::new()), ..Policy::default() };
        assert_eq!(failed(&verify(&nobody, &known)), ["issuer"]);
        let policy = Policy::default();
        assert_eq!(failed(&verify(&policy, &Documents::new())), ["signature"]);
        // The document of another DID under this name.
        let mut swapped = Documents::new();
        let other = documents(&json!({ "issuer": did(&key(3)) }));
        swapped.insert(did(&key(1)), other.0.into_values().next().unwrap());
        assert_eq!(failed(&verify(&policy, &swapped)), ["signature"]);
        // A key that is not for this purpose, is another's, or is gone.
        let with = |change: &dyn Fn(&mut picomesh_did_resolver::DidDocument)| {
            let mut documents = known.clone();
            change(documents.0.get_mut(&did(&key(1))).unwrap());
            documents
        };
        let purpose = with(&|document| document.assertion_method.clear());
        assert_eq!(failed(&verify(&policy, &purpose)), ["signature"]);
        let control = with(&|document| document.verification_method[0].controller = did(&key(3)));
        assert_eq!(failed(&verify(&policy, &control)), ["signature"]);
        let gone = with(&|document| document.verification_method.clear());
        assert_eq!(failed(&verify(&policy, &gone)), ["signature"]);
        let agreement = with(&|document| {
            document.verification_method[0].key = PublicKey::X25519([9; 32]);
        });
        assert_eq!(failed(&verify(&policy, &agreement)), ["signature"]);
    }
}

#[test]
fn each_fault_of_a_presentation_fails_its_check() {
    let domain = Some("verifier.example");
    for suite in Suite::ALL {
        let good = presented(vec![signed(suite)], suite, domain);
        assert!(check_presentation(&good, domain).is_valid());
        let with = |member: &str, value: Value| {
            let mut presentation = good.clone();
            presentation["proof"][member] = value;
            presentation
        };
        let checked = |presentation: &Value| failed(&check_presentation(presentation, domain));
        let other = with("challenge", json!("another"));
        assert_eq!(checked(&other), ["presentation-signature", "challenge"]);
        let other = with("domain", json!("another.example"));
        assert_eq!(checked(&other), ["presentation-signature", "domain"]);
        let purpose = with("proofPurpose", json!("assertionMethod"));
        assert_eq!(checked(&purpose), ["presentation-signature", "proof-purpose"]);
        let method = with("verificationMethod", json!(signer(&key(3)).verification_method));
        assert_eq!(checked(&method), ["presentation-signature", "credential[0]-holder"]);
        let mut unsigned = good.clone();
        unsigned.as_object_mut().unwrap().remove("proof");
        assert!(checked(&unsigned).contains(&"presentation-signature".to_owned()));
        // Row 66: a true presentation for another verifier, and one without a domain.
        let expected = Expected { challenge: "other", domain, definition: None };
        let (policy, contexts, known) = (Policy::default(), Contexts::new(), documents(&good));
        let verify = |expected: &Expected<'_>| {
            verify_presentation(&good, expected, &known, NOW, &policy, &contexts)
        };
        assert_eq!(failed(&verify(&expected)), ["challenge"]);
        let expected = Expected { challenge: "", domain, definition: None };
        assert_eq!(failed(&verify(&expected)), ["challenge"]);
        for other in [None, Some("verifier.example.org")] {
            let expected = Expected { challenge: CHALLENGE, domain: other, definition: None };
            assert_eq!(failed(&verify(&expected)), ["domain"]);
        }
        let open = presented(vec![signed(suite)], suite, None);
        assert_eq!(checked(&open), ["domain"]);
        // A forged credential inside a true presentation.
        let mut forged = signed(suite);
        forged["proof"]["created"] = json!("2024-01-03T03:04:05Z");
        let forged = presented(vec![signed(suite), forged], suite, domain);
        assert_eq!(checked(&forged), ["credential[1]-signature"]);
        // Nothing presented.
        let empty = presented(Vec::new(), Suite::Ed25519Signature2018, domain);
        assert_eq!(checked(&empty), ["submission"]);
    }
}

/// Row 67: somebody else's credential.
#[test]
fn the_holder_must_be_the_subject() {
    for suite in Suite::ALL {
        for subject in [json!({}), json!({ "id": did(&key(3)) }), json!({ "id": did(&key(1)) })] {
            let foreign = changed(suite, |vc| vc["credentialSubject"] = subject.clone());
            let presentation = presented(vec![foreign], suite, None);
            let report = check_presentation(&presentation, None);
            assert_eq!(failed(&report), ["credential[0]-holder"]);
            let policy = Policy { require_holder_binding: false, ..Policy::default() };
            let expected = Expected { challenge: CHALLENGE, domain: None, definition: None };
            let known = documents(&presentation);
            let contexts = Contexts::new();
            assert!(
                verify_presentation(&presentation, &expected, &known, NOW, &policy, &contexts)
                    .is_valid()
            );
        }
        let both = changed(suite, |vc| {
            vc["credentialSubject"] = json!([{ "id": did(&key(2)) }, { "id": did(&key(3)) }]);
        });
        let report = check_presentation(&presented(vec![both], suite, None), None);
        assert_eq!(failed(&report), ["credential[0]-holder"]);
        // A holder that is named must be the one who signs.
        let mut named = presented(vec![signed(suite)], suite, None);
        named["holder"] = json!(did(&key(3)));
        assert!(
            failed(&check_presentation(&named, None)).contains(&"presentation-holder".to_owned())
        );
    }
}

#[test]
fn every_check_is_made_whatever_the_document_is() {
    let unnamed = json!({ "type": "VerifiablePresentation", "verifiableCredential": [1] });
    for document in [json!(null), json!([]), json!("x"), json!({}), json!({ "proof": 1 }), unnamed]
    {
        let report = check(&document);
        assert!(!report.is_valid());
        assert_eq!(report.checks.len(), CREDENTIAL_CHECKS.len());
        let report = check_presentation(&document, None);
        assert!(!report.is_valid());
        let credentials = crate::claims::credentials(&document).len();
        let each = CREDENTIAL_CHECKS.len() + [HOLDER_CHECK].len();
        assert_eq!(report.checks.len(), PRESENTATION_CHECKS.len() + credentials * each);
    }
}
