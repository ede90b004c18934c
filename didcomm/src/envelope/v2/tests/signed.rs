//! Bad inputs 26 and 27.

use super::*;

fn refused(signed: &Value) -> Error {
    let [alice, bob] = documents();
    open_any(signed, &[&alice, &bob]).unwrap_err()
}

fn with_alg(name: &str, alg: &str) -> Value {
    let mut signed = vector(name)["packed"].clone();
    let header = json!({"typ": "application/didcomm-signed+json", "alg": alg});
    let protected = base64::encode(header.to_string().as_bytes());
    signed["signatures"][0]["protected"] = protected.into();
    signed
}

#[test]
fn other_algorithms_are_refused() {
    for alg in ["none", "HS256", "RS256", "ES384", "EDDSA", ""] {
        assert_eq!(refused(&with_alg("signed ed25519", alg)), Error::Unsupported("alg"), "{alg}");
    }
    for (name, alg) in [
        ("signed ed25519", "ES256"),
        ("signed es256", "EdDSA"),
        ("signed es256", "ES256K"),
        ("signed es256k", "ES256"),
    ] {
        let expected = Error::Signature("it does not hold");
        assert_eq!(refused(&with_alg(name, alg)), expected, "{name} {alg}");
    }
}

#[test]
fn signatures_that_do_not_hold_are_refused() {
    for name in ["signed ed25519", "signed es256", "signed es256k"] {
        let good = vector(name)["packed"].clone();
        for bytes in [vec![], vec![0; 63], vec![0; 64], vec![0xff; 64], vec![1; 65]] {
            let mut signed = good.clone();
            signed["signatures"][0]["signature"] = base64::encode(&bytes).into();
            assert_eq!(refused(&signed), Error::Signature("it does not hold"), "{name}");
        }
        let mut signed = good.clone();
        signed["payload"] = base64::encode(b"{}").into();
        assert_eq!(refused(&signed), Error::Signature("it does not hold"), "{name}");
    }
}

#[test]
fn one_bad_signature_spoils_all() {
    let good = vector("signed ed25519")["packed"].clone();
    let second = vector("signed es256")["packed"]["signatures"][0].clone();
    let mut both = good.clone();
    both["signatures"] = json!([good["signatures"][0], second]);
    let [alice, _] = documents();
    assert!(open_any(&both, &[&alice]).is_ok());
    both["signatures"][1]["signature"] = good["signatures"][0]["signature"].clone();
    assert_eq!(refused(&both), Error::Signature("it does not hold"));
    let mut bob = good["signatures"][0].clone();
    bob["header"]["kid"] = json!("did:example:bob#ed25519");
    both["signatures"] = json!([good["signatures"][0], bob]);
    assert_eq!(refused(&both), Error::Signature("more than one signer"));
    both["signatures"] = json!([]);
    assert_eq!(refused(&both), Error::Envelope("a list is empty"));
    both["signatures"] = json!(vec![good["signatures"][0].clone(); 51]);
    assert_eq!(refused(&both), Error::TooManyRecipients);
}

#[test]
fn the_flattened_form_is_read() {
    let good = vector("signed ed25519")["packed"].clone();
    let mut flat = good["signatures"][0].clone();
    flat["payload"] = good["payload"].clone();
    let [alice, _] = documents();
    let opened = open_any(&flat, &[&alice]).unwrap();
    assert_eq!(opened.signed_by.as_deref(), Some("did:example:alice#ed25519"));
}

#[test]
fn the_signer_must_authenticate() {
    let signed = vector("signed ed25519")["packed"].clone();
    let [alice, bob] = documents();
    let Any::Signed(parsed) = parse(&signed).unwrap() else { unreachable!() };
    assert_eq!(parsed.signers().collect::<Vec<_>>(), ["did:example:alice#ed25519"]);
    let unresolved = Error::Unresolved(ALICE.to_owned());
    assert_eq!(open_any(&signed, &[&bob]).unwrap_err(), unresolved);
    let not_listed = DidDocument { authentication: Vec::new(), ..alice };
    let expected = Error::Signature("the key does not authenticate its DID");
    assert_eq!(open_any(&signed, &[&not_listed]).unwrap_err(), expected);
    let mut nameless = signed.clone();
    nameless["signatures"][0]["header"] = json!({});
    assert_eq!(refused(&nameless), Error::Envelope("a field is missing"));
    let crit = json!({"alg": "EdDSA", "crit": ["b64"], "b64": false});
    let mut critical = signed;
    critical["signatures"][0]["protected"] = base64::encode(crit.to_string().as_bytes()).into();
    assert_eq!(refused(&critical), Error::Unsupported("crit"));
}
