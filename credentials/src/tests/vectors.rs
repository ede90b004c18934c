//! Documents that others signed.

use serde_json::Value;

use super::*;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// ACA-Py 1.7.0: issuer key of seed 1, holder key of seed 2.
#[test]
fn what_aca_py_signed_verifies() {
    let vectors = [
        (include_str!("../../vectors/acapy-Ed25519Signature2018.json"), None),
        (
            include_str!("../../vectors/acapy-Ed25519Signature2018-domain.json"),
            Some("verifier.example"),
        ),
        (include_str!("../../vectors/acapy-Ed25519Signature2020.json"), None),
        (
            include_str!("../../vectors/acapy-Ed25519Signature2020-domain.json"),
            Some("verifier.example"),
        ),
    ];
    for (text, domain) in vectors {
        let vector = read(text);
        let report = check(&vector["credential"]);
        assert!(report.is_valid(), "{:#}", report.to_json());
        let report = check_presentation(&vector["presentation"], domain);
        assert!(report.is_valid(), "{:#}", report.to_json());
        let mut forged = vector["presentation"].clone();
        forged["verifiableCredential"][0]["credentialSubject"]["givenName"] = "Mallory".into();
        assert!(!check_presentation(&forged, domain).is_valid());
    }
}

/// ACA-Py writes Data Integrity proofs without contexts of their own.
#[test]
fn what_aca_py_signed_with_eddsa_jcs_2022_verifies() {
    let vector = read(include_str!("../../vectors/acapy-eddsa-jcs-2022.json"));
    let report = check(&vector["credential"]);
    assert!(report.is_valid(), "{:#}", report.to_json());
}

/// Our signature over ACA-Py's document is ACA-Py's: Ed25519 is deterministic.
#[test]
fn the_same_document_and_key_give_the_same_proof() {
    let vector = read(include_str!("../../vectors/acapy-Ed25519Signature2020.json"));
    let mut credential = vector["credential"].clone();
    let proof = credential.as_object_mut().unwrap().remove("proof").unwrap();
    let created = proof["created"].as_str().unwrap();
    let suite = Suite::Ed25519Signature2020;
    let again = issue(credential, suite, &signer(&key(1)), created, &Contexts::new()).unwrap();
    assert_eq!(again, vector["credential"]);
}

/// DI EdDSA, Appendix B: the issuer of these is no DID, so the issuer check alone fails.
#[test]
fn the_vectors_of_the_w3c_have_true_signatures() {
    let seed = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";
    // Multicodec `ed25519-priv`, two bytes.
    let seed = bs58::decode(&seed[1..]).into_vec().unwrap()[2..].to_vec();
    let key = SigningKey::from_bytes(&seed.try_into().unwrap());
    let vectors = [
        (Suite::Ed25519Signature2020, include_str!("../../vectors/w3c-Ed25519Signature2020.json")),
        (Suite::EddsaRdfc2022, include_str!("../../vectors/w3c-eddsa-rdfc-2022.json")),
        (Suite::EddsaJcs2022, include_str!("../../vectors/w3c-eddsa-jcs-2022.json")),
    ];
    for (suite, text) in vectors {
        let credential = read(text);
        let report = check(&credential);
        let failed: Vec<_> = report.failures().map(|check| check.name).collect();
        assert_eq!(failed, ["issuer"], "{:#}", report.to_json());
        // And we make the same signature.
        let proof = credential["proof"].as_object().unwrap();
        let hashes = suite.hash(&credential, proof, &Contexts::new()).unwrap();
        let signature = ed25519_dalek::Signer::sign(&key, &suite.signing_input(&hashes).0);
        let mut again = proof.clone();
        suite.write(&mut again, "", &signature.to_bytes());
        assert_eq!(again, *proof);
    }
}
