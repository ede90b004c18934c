//! Bad inputs 19-25 and attacks T-D3, T-D14 to T-D16.

use x25519_dalek::StaticSecret;

use super::*;

/// An envelope of the vectors with its protected header changed.
fn with_header(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut packed = vector(name)["packed"].clone();
    let protected = base64::decode_url(packed["protected"].as_str().unwrap()).unwrap();
    let mut header: Value = serde_json::from_slice(&protected).unwrap();
    change(&mut header);
    packed["protected"] = base64::encode(header.to_string().as_bytes()).into();
    packed
}

#[test]
fn headers_that_the_specification_forbids_are_refused() {
    type Change = fn(&mut Value);
    let other = || json!(base64::encode(b"did:example:mallory#x25519"));
    let cases: [(&str, Change, Error); 19] = [
        ("enc", |h| h["enc"] = json!("A256GCM"), Error::Unsupported("enc")),
        ("enc", |h| h["enc"] = json!("XC20P"), Error::Unsupported("enc")),
        ("enc", |h| h["enc"] = json!("A128CBC-HS256"), Error::Unsupported("enc")),
        ("alg", |h| h["alg"] = json!("dir"), Error::Unsupported("alg")),
        ("alg", |h| h["alg"] = json!(1), Error::Envelope("a field is not a string")),
        ("typ", |h| h["typ"] = json!("application/json"), Error::Unsupported("typ")),
        ("crit", |h| h["crit"] = json!(["exp"]), Error::Unsupported("crit")),
        ("zip", |h| h["zip"] = json!("DEF"), Error::Unsupported("zip")),
        ("p2c", |h| h["p2c"] = json!(1_000_000), Error::Unsupported("p2c")),
        ("jku", |h| h["jku"] = json!("http://127.0.0.1/"), Error::Unsupported("jku")),
        ("x5u", |h| h["x5u"] = json!("http://127.0.0.1/"), Error::Unsupported("x5u")),
        (
            "apv",
            |h| h["apv"] = json!(base64::encode(&[0; 32])),
            Error::Envelope("`apv` is not the hash of the recipients"),
        ),
        ("apu missing", |h| h["apu"] = json!(null), Error::Envelope("`skid` is not `apu`")),
        ("skid missing", |h| h["skid"] = json!(null), Error::Envelope("a field is missing")),
        (
            "both missing",
            |h| {
                h["skid"] = json!(null);
                h["apu"] = json!(null);
            },
            Error::Envelope("a field is missing"),
        ),
        (
            "skid is no key",
            |h| h["skid"] = json!("did:example:alice"),
            Error::Envelope("a kid is not a DID URL"),
        ),
        (
            "skid is another",
            |h| h["skid"] = json!("did:example:mallory#x25519"),
            Error::Envelope("`skid` is not `apu`"),
        ),
        (
            "skid in anoncrypt",
            |h| h["alg"] = json!("ECDH-ES+A256KW"),
            Error::Envelope("`skid` in anoncrypt"),
        ),
        ("private epk", |h| h["epk"]["d"] = json!("x"), Error::Envelope("`epk` is private")),
    ];
    for (name, change, expected) in cases {
        let refused = parse(&with_header("authcrypt x25519", change));
        assert_eq!(refused.unwrap_err(), expected, "{name}");
    }
    let apu: Change = |h| h["apu"] = json!(base64::encode(b"\xff"));
    assert!(parse(&with_header("authcrypt x25519", apu)).is_err());
    assert!(parse(&with_header("authcrypt x25519", |h| h["apu"] = other())).is_err());
    let mut padded = vector("authcrypt x25519")["packed"].clone();
    padded["tag"] = format!("{}=", padded["tag"].as_str().unwrap()).into();
    assert_eq!(parse(&padded).unwrap_err(), Error::Envelope("not base64url"));
}

#[test]
fn lengths_that_cannot_open_are_refused() {
    for (name, part, lengths) in [
        ("authcrypt x25519", "iv", [15, 12]),
        ("authcrypt x25519", "tag", [31, 16]),
        ("anoncrypt x25519 XC20P", "iv", [12, 25]),
        ("anoncrypt x25519 A256GCM", "tag", [15, 17]),
    ] {
        for length in lengths {
            let mut packed = vector(name)["packed"].clone();
            packed[part] = base64::encode(&vec![0; length]).into();
            assert_eq!(parse(&packed).unwrap_err(), Error::Undecryptable, "{name} {part}");
        }
    }
    for length in [0, 40, 71, 80] {
        let mut packed = vector("authcrypt x25519")["packed"].clone();
        packed["recipients"][0]["encrypted_key"] = base64::encode(&vec![0; length]).into();
        assert_eq!(parse(&packed).unwrap_err(), Error::Undecryptable, "{length}");
    }
}

#[test]
fn recipients_are_counted_and_distinct() {
    let mut packed = vector("authcrypt x25519")["packed"].clone();
    let first = packed["recipients"][0].clone();
    packed["recipients"] = json!([first, first]);
    assert_eq!(parse(&packed).unwrap_err(), Error::Envelope("one recipient twice"));
    packed["recipients"] = json!([]);
    assert_eq!(parse(&packed).unwrap_err(), Error::Envelope("a list is empty"));
    for count in [51, 10_001] {
        packed["recipients"] = json!(vec![json!({}); count]);
        assert_eq!(parse(&packed).unwrap_err(), Error::TooManyRecipients);
    }
    packed["recipients"] = json!([{"encrypted_key": "x", "header": {"kid": BOB}}]);
    assert_eq!(parse(&packed).unwrap_err(), Error::Envelope("a kid is not a DID URL"));
}

/// T-D15: points off the curve, at infinity, out of range, of low order or another curve.
#[test]
fn bad_ephemeral_keys_are_refused() {
    let zero = base64::encode(&[0; 32]);
    let max = base64::encode(&[0xff; 32]);
    let short = base64::encode(&[1; 31]);
    let x25519 = |x: &str| json!({"kty": "OKP", "crv": "X25519", "x": x});
    let p256 = |x: &str, y: &str| json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    for (name, epk) in [
        ("authcrypt x25519", x25519(&zero)),
        ("authcrypt x25519", x25519(&short)),
        ("authcrypt x25519", x25519("*")),
        ("authcrypt p256", p256(&zero, &zero)),
        ("authcrypt p256", p256(&max, &max)),
        ("authcrypt p256", p256(&short, &short)),
        ("authcrypt p256", json!({"kty": "EC", "crv": "P-256", "x": zero})),
    ] {
        let refused = parse(&with_header(name, |header| header["epk"] = epk.clone()));
        assert_eq!(refused.unwrap_err(), Error::Undecryptable, "{epk}");
    }
    for epk in [
        json!({"kty": "EC", "crv": "X25519", "x": zero}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": zero}),
        json!({"kty": "EC", "crv": "secp256k1", "x": zero, "y": zero}),
        json!({"kty": "oct", "crv": "", "k": zero}),
    ] {
        let refused = parse(&with_header("authcrypt x25519", |header| header["epk"] = epk.clone()));
        assert_eq!(refused.unwrap_err(), Error::Unsupported("epk"), "{epk}");
    }
    let [alice, _] = documents();
    let epk = |name: &str| {
        let protected = vector(name)["packed"]["protected"].as_str().unwrap().to_owned();
        let header: Value =
            serde_json::from_slice(&base64::decode_url(&protected).unwrap()).unwrap();
        header["epk"].clone()
    };
    let foreign = epk("authcrypt p256");
    let mixed = with_header("authcrypt x25519", |header| header["epk"] = foreign);
    assert_eq!(open_any(&mixed, &[&alice]).unwrap_err(), Error::Undecryptable);
}

/// Wycheproof: who agrees on zero is refused, whoever agrees on something gets the right thing.
#[test]
fn the_wycheproof_vectors_of_x25519_hold() {
    use wycheproof::xdh::{TestFlag, TestName, TestSet};
    let set = TestSet::load(TestName::X25519).unwrap();
    let mut zeros = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let Ok(public) = <[u8; 32]>::try_from(&test.public_key[..]) else {
            continue;
        };
        let Ok(private) = <[u8; 32]>::try_from(&test.private_key[..]) else {
            continue;
        };
        let shared = StaticSecret::from(private).diffie_hellman(&public.into());
        let is_zero = test.flags.contains(&TestFlag::ZeroSharedSecret);
        zeros += usize::from(is_zero);
        let is_refused = envelope::low_order::is_low_order(&public);
        assert_eq!(is_refused, is_zero, "{}", test.tc_id);
        assert_eq!(shared.was_contributory(), !is_zero, "{}", test.tc_id);
        assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "{}", test.tc_id);
        let jwk = json!({"kty": "OKP", "crv": "X25519", "x": base64::encode(&public)});
        let packed = with_header("authcrypt x25519", |header| header["epk"] = jwk);
        assert_eq!(parse(&packed).is_err(), is_zero, "{}", test.tc_id);
    }
    assert!(zeros >= 20, "{zeros}");
}

/// T-D16: wrong key, wrong tag, wrong sender: one error.
#[test]
fn every_failure_to_open_is_the_same() {
    let [alice, bob] = documents();
    let names = ["authcrypt x25519", "authcrypt p384", "anoncrypt p256 A256CBC-HS512"];
    for name in names.into_iter().chain(["anoncrypt x25519 A256GCM", "anoncrypt p384 XC20P"]) {
        let good = vector(name)["packed"].clone();
        let mut bad = Vec::new();
        for part in ["iv", "tag", "ciphertext"] {
            let mut packed = good.clone();
            let mut bytes = base64::decode_url(packed[part].as_str().unwrap()).unwrap();
            bytes[0] ^= 1;
            packed[part] = base64::encode(&bytes).into();
            bad.push(packed);
        }
        let mut packed = good.clone();
        let entry = &mut packed["recipients"][0]["encrypted_key"];
        let mut bytes = base64::decode_url(entry.as_str().unwrap()).unwrap();
        bytes[0] ^= 1;
        *entry = base64::encode(&bytes).into();
        bad.push(packed);
        bad.push(with_header(name, |header| header["x"] = json!(1)));
        for packed in bad {
            let refused = open_any(&packed, &[&alice]).unwrap_err();
            assert_eq!(refused, Error::Undecryptable, "{name}");
        }
        let Any::V2(envelope) = parse(&good).unwrap() else { unreachable!() };
        let kid = envelope.recipients()[0].clone();
        let wrong = |key| vec![Secret { kid: kid.clone(), key }];
        for secrets in [
            Vec::new(),
            wrong(SecretKey::X25519([9; 32])),
            wrong(SecretKey::P256([9; 32])),
            wrong(SecretKey::Ed25519([9; 32])),
            wrong(SecretKey::P256([0; 32])),
        ] {
            let refused = open(&envelope, &secrets, &[&alice, &bob]);
            assert_eq!(refused.unwrap_err(), Error::Undecryptable, "{name}");
        }
    }
}

/// T-D3: a key that is not for key agreement, and a document that lists another key.
#[test]
fn the_senders_key_comes_from_the_senders_document() {
    let [alice, bob] = documents();
    let packed = vector("authcrypt x25519")["packed"].clone();
    let unresolved = Error::Unresolved(ALICE.to_owned());
    assert_eq!(open_any(&packed, &[]).unwrap_err(), unresolved);
    assert_eq!(open_any(&packed, &[&bob]).unwrap_err(), unresolved);
    let not_listed = DidDocument { key_agreement: Vec::new(), ..alice.clone() };
    assert_eq!(open_any(&packed, &[&not_listed]).unwrap_err(), Error::Undecryptable);
    let absent = DidDocument { verification_method: Vec::new(), ..alice.clone() };
    assert_eq!(open_any(&packed, &[&absent]).unwrap_err(), Error::Undecryptable);
    let mut other = alice.clone();
    for method in &mut other.verification_method {
        if method.id.ends_with("#x25519") {
            method.key = picomesh_did_resolver::PublicKey::X25519([9; 32]);
        }
    }
    assert_eq!(open_any(&packed, &[&other]).unwrap_err(), Error::Undecryptable);
    let mut claims = bob.clone();
    claims.also_known_as = vec![ALICE.to_owned()];
    assert_eq!(open_any(&packed, &[&claims]).unwrap_err(), unresolved);
}
