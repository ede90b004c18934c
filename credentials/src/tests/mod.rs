#![allow(clippy::unwrap_used, clippy::panic)]
//! Whole documents: each suite there and back, every single fault, vectors of others.

mod details;
mod faults;
mod spellings;
mod vectors;

use ed25519_dalek::SigningKey;
use picomesh_did_resolver::PublicKey;
use serde_json::{Value, json};

use crate::{
    Contexts, Documents, Expected, Policy, Presentation, Report, Signer, Suite, dids_needed, issue,
    present, verify_credential, verify_presentation,
};

pub(crate) const CREATED: &str = "2024-01-02T03:04:05Z";
/// 2024-06-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_717_200_000;
pub(crate) const CHALLENGE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa7";

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn did(key: &SigningKey) -> String {
    let public = PublicKey::Ed25519(key.verifying_key().to_bytes());
    format!("did:key:{}", public.to_multibase())
}

pub(crate) fn signer(key: &SigningKey) -> Signer<'_> {
    let did = did(key);
    let fragment = did.trim_start_matches("did:key:").to_owned();
    Signer { key, verification_method: format!("{did}#{fragment}") }
}

/// An unsigned credential of issuer 1 about holder 2, as the suite's data model writes it.
pub(crate) fn unsigned(suite: Suite) -> Value {
    let (issuer, holder) = (did(&key(1)), did(&key(2)));
    match suite {
        Suite::Ed25519Signature2018 | Suite::Ed25519Signature2020 => json!({
            "@context": [crate::CREDENTIALS_V1, "https://w3id.org/citizenship/v1"],
            "type": ["VerifiableCredential", "PermanentResidentCard"],
            "id": "https://issuer.example/cards/1",
            "issuer": issuer,
            "issuanceDate": "2020-01-01T12:00:00Z",
            "expirationDate": "2030-01-01T12:00:00Z",
            "credentialSubject": {
                "id": holder, "type": ["PermanentResident"],
                "givenName": "Alice", "familyName": "Smith", "birthDate": "1999-05-16T00:00:00Z"
            }
        }),
        Suite::EddsaRdfc2022 | Suite::EddsaJcs2022 => json!({
            "@context": [crate::CREDENTIALS_V2, "https://www.w3.org/ns/credentials/examples/v2"],
            "type": ["VerifiableCredential", "ExampleAlumniCredential"],
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "issuer": { "id": issuer, "name": "School" },
            "validFrom": "2020-01-01T12:00:00Z",
            "validUntil": "2030-01-01T12:00:00Z",
            "credentialSubject": { "id": holder, "alumniOf": "The School of Examples" }
        }),
    }
}

pub(crate) fn signed(suite: Suite) -> Value {
    sign(unsigned(suite), suite, 1)
}

pub(crate) fn sign(credential: Value, suite: Suite, seed: u8) -> Value {
    issue(credential, suite, &signer(&key(seed)), CREATED, &Contexts::new()).unwrap()
}

pub(crate) fn presented(credentials: Vec<Value>, suite: Suite, domain: Option<&str>) -> Value {
    let presentation =
        Presentation { credentials, challenge: CHALLENGE, domain, ..Presentation::default() };
    present(presentation, suite, &signer(&key(2)), CREATED, &Contexts::new()).unwrap()
}

pub(crate) fn documents(document: &Value) -> Documents {
    Documents::local(&dids_needed(document)).0
}

pub(crate) fn check(credential: &Value) -> Report {
    let policy = Policy::default();
    verify_credential(credential, &documents(credential), NOW, &policy, &Contexts::new())
}

pub(crate) fn check_presentation(presentation: &Value, domain: Option<&str>) -> Report {
    let expected = Expected { challenge: CHALLENGE, domain, definition: None };
    let documents = documents(presentation);
    let (policy, contexts) = (Policy::default(), Contexts::new());
    verify_presentation(presentation, &expected, &documents, NOW, &policy, &contexts)
}

#[test]
fn every_suite_issues_and_presents_what_verifies() {
    for suite in Suite::ALL {
        let credential = signed(suite);
        let report = check(&credential);
        assert!(report.is_valid(), "{suite:?} {:#}", report.to_json());
        for domain in [None, Some("verifier.example")] {
            let presentation = presented(vec![credential.clone()], suite, domain);
            let report = check_presentation(&presentation, domain);
            assert!(report.is_valid(), "{suite:?} {:#}", report.to_json());
        }
    }
}

/// The presentation's suite and the credential's need not be the same.
#[test]
fn suites_mix() {
    for outer in Suite::ALL {
        for inner in Suite::ALL {
            let result = present(
                Presentation {
                    credentials: vec![signed(inner)],
                    challenge: CHALLENGE,
                    ..Presentation::default()
                },
                outer,
                &signer(&key(2)),
                CREATED,
                &Contexts::new(),
            );
            let v2 = matches!(inner, Suite::EddsaRdfc2022 | Suite::EddsaJcs2022);
            // VCDM 2.0 does not define the 2018 suite, so a proof by it would not be signed.
            if v2 && outer == Suite::Ed25519Signature2018 {
                assert_eq!(result.unwrap_err().code(), "undefined-term");
                continue;
            }
            let report = check_presentation(&result.unwrap(), None);
            assert!(report.is_valid(), "{outer:?} {inner:?} {:#}", report.to_json());
        }
    }
}

/// For another implementation to verify: writes what we sign to the folder `HAND_OUT`.
#[test]
#[ignore = "writes files for a check by hand"]
#[expect(clippy::disallowed_methods, reason = "a test by hand writes its results")]
fn what_we_sign_for_others() {
    let out = std::env::var("HAND_OUT").unwrap();
    for suite in Suite::ALL {
        let credential = signed(suite);
        let domain = Some("verifier.example");
        let presentation = presented(vec![credential.clone()], suite, domain);
        let all = json!({
            "credential": credential, "presentation": presentation,
            "challenge": CHALLENGE, "domain": domain
        });
        std::fs::write(format!("{out}/{}.json", suite.name()), all.to_string()).unwrap();
    }
}
