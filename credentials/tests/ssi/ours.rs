//! The documents that are signed, and our side of it.

use ed25519_dalek::SigningKey;
use picomesh_credentials::{
    CREDENTIALS_V1, CREDENTIALS_V2, Contexts, DATA_INTEGRITY_V2, Documents, ED25519_2020_V1,
    Expected, Policy, Presentation, Report, Signer, Suite, dids_needed, issue, present,
    verify_credential, verify_presentation,
};
use picomesh_did_resolver::PublicKey;
use serde_json::{Value, json};

pub(crate) const CREATED: &str = "2024-01-02T03:04:05Z";
/// 2024-06-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_717_200_000;
pub(crate) const CHALLENGE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa7";
pub(crate) const DOMAIN: &str = "verifier.example";
/// The seed of the issuer's key.
pub(crate) const ISSUER: u8 = 1;
/// The seed of the holder's key.
pub(crate) const HOLDER: u8 = 2;

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn did(seed: u8) -> String {
    let public = PublicKey::Ed25519(key(seed).verifying_key().to_bytes());
    format!("did:key:{}", public.to_multibase())
}

pub(crate) fn method(seed: u8) -> String {
    let did = did(seed);
    format!("{did}#{}", did.trim_start_matches("did:key:"))
}

/// The contexts of a document for this suite, that of the suite among them.
pub(crate) fn contexts(suite: Suite, base: &[&str]) -> Value {
    let own = match suite {
        Suite::Ed25519Signature2018 => None,
        Suite::Ed25519Signature2020 => Some(ED25519_2020_V1),
        Suite::EddsaRdfc2022 | Suite::EddsaJcs2022 if base.contains(&CREDENTIALS_V2) => None,
        Suite::EddsaRdfc2022 | Suite::EddsaJcs2022 => Some(DATA_INTEGRITY_V2),
    };
    base.iter().copied().chain(own).collect()
}

/// VCDM 1.1.
pub(crate) fn card(suite: Suite) -> Value {
    json!({
        "@context": contexts(suite, &[CREDENTIALS_V1, "https://w3id.org/citizenship/v1"]),
        "type": ["VerifiableCredential", "PermanentResidentCard"],
        "id": "https://issuer.example/cards/1",
        "issuer": did(ISSUER),
        "issuanceDate": "2020-01-01T12:00:00Z",
        "expirationDate": "2030-01-01T12:00:00Z",
        "credentialSubject": {
            "id": did(HOLDER), "type": ["PermanentResident", "Person"],
            "givenName": "Alice", "familyName": "Smith \"Z\u{fc}rich\"\r\n\\ \u{1f600}",
            "birthDate": "1999-05-16T00:00:00Z"
        }
    })
}

/// No identifiers, and two subjects alike: blank nodes get their names by being compared.
pub(crate) fn nameless(suite: Suite) -> Value {
    json!({
        "@context": contexts(suite, &[CREDENTIALS_V1, "https://w3id.org/citizenship/v1"]),
        "type": "VerifiableCredential",
        "issuer": did(ISSUER),
        "issuanceDate": "2020-01-01T12:00:00Z",
        "credentialSubject": [
            { "type": "PermanentResident", "givenName": "Alice" },
            { "type": "PermanentResident", "givenName": "Alice" },
            { "type": "PermanentResident", "givenName": "Bob" }
        ]
    })
}

/// VCDM 2.0.
pub(crate) fn degree(suite: Suite) -> Value {
    let examples = "https://www.w3.org/ns/credentials/examples/v2";
    json!({
        "@context": contexts(suite, &[CREDENTIALS_V2, examples]),
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "issuer": { "id": did(ISSUER), "name": "School" },
        "validFrom": "2020-01-01T12:00:00Z",
        "validUntil": "2030-01-01T12:00:00Z",
        "credentialSubject": { "id": did(HOLDER), "alumniOf": "The School of Examples" }
    })
}

/// Credentials about the holder that the suite can sign, each with the place of a claim.
pub(crate) fn held(suite: Suite) -> Vec<(Value, &'static str)> {
    let mut all = vec![(card(suite), "/credentialSubject/givenName")];
    // VCDM 2.0 does not define the proof of 2018.
    if suite != Suite::Ed25519Signature2018 {
        all.push((degree(suite), "/credentialSubject/alumniOf"));
    }
    all
}

/// All credentials that the suite can sign, each with the place of a claim.
pub(crate) fn credentials(suite: Suite) -> Vec<(Value, &'static str)> {
    let mut all = held(suite);
    all.push((nameless(suite), "/credentialSubject/1/givenName"));
    all
}

fn signer(key: &SigningKey, seed: u8) -> Signer<'_> {
    Signer { key, verification_method: method(seed) }
}

pub(crate) fn we_issue(credential: Value, suite: Suite) -> Value {
    let key = key(ISSUER);
    issue(credential, suite, &signer(&key, ISSUER), CREATED, &Contexts::new()).unwrap()
}

pub(crate) fn we_present(credential: Value, suite: Suite, domain: Option<&str>) -> Value {
    let (key, holder) = (key(HOLDER), did(HOLDER));
    let presentation = Presentation {
        credentials: vec![credential],
        submission: None,
        holder: Some(&holder),
        challenge: CHALLENGE,
        domain,
    };
    present(presentation, suite, &signer(&key, HOLDER), CREATED, &Contexts::new()).unwrap()
}

pub(crate) fn we_check(credential: &Value) -> Report {
    let documents = Documents::local(&dids_needed(credential)).0;
    verify_credential(credential, &documents, NOW, &Policy::default(), &Contexts::new())
}

pub(crate) fn we_check_presentation(presentation: &Value, domain: Option<&str>) -> Report {
    let documents = Documents::local(&dids_needed(presentation)).0;
    let expected = Expected { challenge: CHALLENGE, domain, definition: None };
    let policy = Policy::default();
    verify_presentation(presentation, &expected, &documents, NOW, &policy, &Contexts::new())
}
