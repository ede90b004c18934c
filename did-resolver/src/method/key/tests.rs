use super::*;
use crate::resolve_local;

// RFC 0360 §Tutorial.
const VERKEY: &str = "8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K";
const DID_KEY: &str = "did:key:z6MkmjY8GnV5i9YTDtPETC2uUAW6ejw3nk5mXF5yci5ab7th";
const X25519: &str = "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F";

#[test]
fn a_naked_key_is_read_from_each_of_its_forms() {
    let key = naked_key(VERKEY).unwrap();
    assert_eq!(from_ed25519(&key).as_str(), DID_KEY);
    let url = did_key_url(&PublicKey::Ed25519(key));
    assert_eq!(url, format!("{DID_KEY}#z6MkmjY8GnV5i9YTDtPETC2uUAW6ejw3nk5mXF5yci5ab7th"));
    for form in [DID_KEY, url.as_str()] {
        assert_eq!(naked_key(form), Ok(key), "{form}");
    }
}

#[test]
fn what_is_no_naked_key_is_refused() {
    let long = "1".repeat(100_000);
    for text in [
        "",
        "1",
        "8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7O",
        "8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K1",
        " 8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K",
        "did:key:z6MkmjY8GnV5i9YTDtPETC2uUAW6ejw3nk5mXF5yci5ab7th#other",
        "did:key:z6MkmjY8GnV5i9YTDtPETC2uUAW6ejw3nk5mXF5yci5ab7th/path",
        "did:sov:WgWxqztrNooG92RXvxSTWv",
        "did:peer:0z6MkmjY8GnV5i9YTDtPETC2uUAW6ejw3nk5mXF5yci5ab7th",
        X25519,
        &long,
    ] {
        assert!(naked_key(text).is_err(), "{text:.80}");
    }
}

#[test]
fn an_ed25519_did_key_authenticates_and_agrees() {
    let did: Did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp".parse().unwrap();
    let document = resolve_local(&did).unwrap().unwrap();
    let own = did.with_fragment("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp");
    let derived = did.with_fragment("z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW");
    assert_eq!(document.authentication, [own.as_str()]);
    assert_eq!(document.assertion_method, [own]);
    assert_eq!(document.key_agreement, [derived]);
    assert!(matches!(document.key_agreement_keys().next().unwrap().key, PublicKey::X25519(_)));
}

#[test]
fn an_x25519_did_key_only_agrees() {
    let document = document(&X25519.parse().unwrap()).unwrap();
    assert!(document.authentication.is_empty() && document.assertion_method.is_empty());
    assert_eq!(document.key_agreement.len(), 1);
}
