use serde_json::Value;

use super::*;
use crate::{Did, method};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/did_key.json")).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn round_trip(multibase: &str) -> PublicKey {
    let key = PublicKey::from_multibase(multibase).unwrap();
    assert_eq!(key.to_multibase(), multibase);
    assert_eq!(PublicKey::from_jwk(&key.to_jwk().unwrap()).unwrap(), key);
    key
}

#[test]
fn ed25519_keys_are_read_and_turned_into_x25519() {
    for vector in vectors()["ed25519"].as_array().unwrap() {
        let key = round_trip(text(vector, "multibase"));
        assert_eq!(key.to_base58(), text(vector, "base58"));
        assert_eq!(PublicKey::ed25519_from_base58(text(vector, "base58")), Ok(key.clone()));
        let derived = key.ed25519_to_x25519().unwrap();
        assert_eq!(derived.to_multibase(), text(vector, "x25519_multibase"));
        assert_eq!(derived.to_base58(), text(vector, "x25519_base58"));
        assert_eq!(derived.ed25519_to_x25519(), None);
    }
}

#[test]
fn keys_of_the_other_kinds_are_read() {
    let vectors = vectors();
    for kind in ["x25519", "secp256k1"] {
        for vector in vectors[kind].as_array().unwrap() {
            let key = round_trip(text(vector, "multibase"));
            assert_eq!(key.to_base58(), text(vector, "base58"));
        }
    }
    for vector in vectors["ec"].as_array().unwrap() {
        let key = round_trip(text(vector, "multibase"));
        assert_eq!(key.to_jwk().unwrap(), vector["jwk"]);
    }
}

#[test]
fn keys_that_are_no_usable_points_are_refused() {
    for vector in vectors()["refused"].as_array().unwrap() {
        let result = text(vector, "did").parse::<Did>().and_then(|did| method::key::document(&did));
        let error = result.expect_err(text(vector, "why"));
        assert_eq!(error.problem_code(), "e.p.did", "{}", text(vector, "why"));
    }
}

#[test]
fn a_variant_with_wrong_bytes_has_no_jwk() {
    for bytes in [vec![], vec![2; 5], vec![0; 33], vec![0xff; 33]] {
        assert!(PublicKey::P256(bytes.clone()).to_jwk().is_err());
        assert!(PublicKey::P384(bytes.clone()).to_jwk().is_err());
        assert!(PublicKey::Secp256k1(bytes).to_jwk().is_err());
    }
    assert_eq!(PublicKey::Ed25519([0; 32]).ed25519_to_x25519(), None);
}
