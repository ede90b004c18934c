use super::*;
use crate::resolve_local;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../vectors/did_jwk.json")).unwrap()
}

#[test]
fn a_jwk_becomes_a_document() {
    for vector in vectors()["resolved"].as_array().unwrap() {
        let did: Did = vector["did"].as_str().unwrap().parse().unwrap();
        let document = resolve_local(&did).unwrap().unwrap();
        let [method] = document.verification_method.as_slice() else { panic!("{did}") };
        assert_eq!(method.id, did.with_fragment("0"));
        assert_eq!(method.key.to_jwk().unwrap(), vector["jwk"]);
        assert_eq!(!document.authentication.is_empty(), vector["authentication"]);
        assert_eq!(!document.assertion_method.is_empty(), vector["authentication"]);
        assert_eq!(!document.key_agreement.is_empty(), vector["key_agreement"]);
    }
}

#[test]
fn a_did_jwk_made_of_a_key_leads_back_to_it() {
    for vector in vectors()["resolved"].as_array().unwrap() {
        let key = PublicKey::from_jwk(&vector["jwk"]).unwrap();
        let document = document(&from_key(&key).unwrap()).unwrap();
        assert_eq!(document.verification_method[0].key, key);
    }
}

#[test]
fn what_is_no_public_jwk_is_refused() {
    for vector in vectors()["refused"].as_array().unwrap() {
        let result = vector["did"].as_str().unwrap().parse::<Did>().and_then(|did| document(&did));
        assert_eq!(result.expect_err(&vector["why"].to_string()).problem_code(), "e.p.did");
    }
}
