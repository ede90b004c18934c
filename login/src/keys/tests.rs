//! Vectors of the RFCs, round trips, and forged tokens.

use super::*;
use crate::secret::{base64url, from_base64url};

fn bytes(text: &str) -> Vec<u8> {
    from_base64url(text).unwrap()
}

/// RFC 8037 A.1: PKCS #8 is a fixed prefix and the seed.
fn rfc8037_key() -> SigningKey {
    let mut pkcs8 = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pkcs8.extend(bytes("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"));
    SigningKey::from_pkcs8(Algorithm::EdDsa, &pkcs8).unwrap()
}

/// RFC 8037 A.2 and A.3.
#[test]
fn the_ed25519_thumbprint_is_that_of_the_rfc() {
    let key = rfc8037_key();
    assert_eq!(key.jwk()["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// RFC 8037 A.4: Ed25519 is deterministic, so the signature is known.
#[test]
fn the_ed25519_signature_is_that_of_the_rfc() {
    let key = rfc8037_key();
    let signature = key.signature(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
    let expected =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(base64url(&signature.unwrap()), expected);
}

/// RFC 7638 §3.1.
#[test]
fn the_rsa_thumbprint_is_that_of_the_rfc() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let key = PublicKey::Rsa { n: bytes(n), e: bytes("AQAB") };
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

/// RFC 7515 A.3.
#[test]
fn the_es256_signature_of_the_rfc_verifies() {
    let key = PublicKey::P256 {
        x: bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        y: bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    };
    let message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = bytes(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    );
    assert!(key.verifies(message, &signature));
    assert!(!key.verifies(b"other", &signature));
    assert!(!key.verifies(message, &[0; 64]), "r = s = 0");
    assert!(!key.verifies(message, &[]));
}

#[test]
fn every_algorithm_signs_verifies_and_survives_the_store() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let stored = key.to_pkcs8().unwrap();
        let key = SigningKey::from_pkcs8(algorithm, &stored).unwrap();
        let token = key.sign(&json!({"sub": "u"})).unwrap();
        let jwk = key.jwk();
        assert_eq!(jwk["alg"], algorithm.as_str());
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(jwk.get(private).is_none(), "{private}");
        }
        let keys = KeySet::new(vec![key]);
        assert_eq!(open::<Value>(&keys, &token), Ok(json!({"sub": "u"})));
        assert_eq!(keys.algorithms(), [algorithm]);
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let read = SigningKey::from_pkcs8(other, &stored).err();
            assert_eq!(read, Some(Error::NotAKey(other)));
        }
    }
    assert_eq!(
        SigningKey::from_pkcs8(Algorithm::Es256, b"rubbish").err(),
        Some(Error::NotAKey(Algorithm::Es256))
    );
}

#[test]
fn the_newest_key_signs_and_the_old_one_still_verifies() {
    let old = rfc8037_key();
    let token = old.sign(&json!({})).unwrap();
    let new = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let kid = new.kid().to_owned();
    let keys = KeySet::new(vec![old, new]);
    assert_eq!(keys.signer(Algorithm::EdDsa).unwrap().kid(), kid);
    assert_eq!(keys.signer(Algorithm::Rs256).err(), Some(Error::Missing(Algorithm::Rs256)));
    assert!(open::<Value>(&keys, &token).is_ok());
    assert_eq!(keys.jwks()["keys"].as_array().unwrap().len(), 2);
}

/// Bad-input row 96 and RFC 8725 §3.
#[test]
fn forged_tokens_are_refused() {
    let key = rfc8037_key();
    let kid = key.kid().to_owned();
    let keys = KeySet::new(vec![rfc8037_key()]);
    let token = key.sign(&json!({"sub": "u"})).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let forge = |header: Value| {
        let header = base64url(header.to_string().as_bytes());
        let input = format!("{header}.{}", parts[1]);
        let signature = key.signature(input.as_bytes()).unwrap();
        jwt::attach(input, &signature)
    };
    let repeated = base64url(format!(r#"{{"alg":"none","alg":"EdDSA","kid":"{kid}"}}"#).as_bytes());
    let cases = [
        (forge(json!({"alg": "none", "kid": kid})), JwtError::WrongAlgorithm),
        (forge(json!({"alg": "HS256", "kid": kid})), JwtError::WrongAlgorithm),
        (forge(json!({"alg": "eddsa", "kid": kid})), JwtError::WrongAlgorithm),
        (forge(json!({"alg": "EdDSA", "kid": "other"})), JwtError::UnknownKey),
        (forge(json!({"alg": "EdDSA"})), JwtError::Malformed),
        (forge(json!({"alg": "EdDSA", "kid": kid, "jku": "https://x"})), JwtError::Malformed),
        (forge(json!({"alg": "EdDSA", "kid": kid, "crit": []})), JwtError::Malformed),
        (format!("{repeated}.{}.{}", parts[1], parts[2]), JwtError::Malformed),
        (format!("{}.{}.", parts[0], parts[1]), JwtError::WrongSignature),
        (format!("{}.{}.{}", parts[0], base64url(b"{}"), parts[2]), JwtError::WrongSignature),
        (format!("{}.{}", parts[0], parts[1]), JwtError::Malformed),
        (format!("{token}="), JwtError::Malformed),
        (format!("{token}.x"), JwtError::Malformed),
        (String::new(), JwtError::Malformed),
        ("..".into(), JwtError::Malformed),
        ("a".repeat(20_000), JwtError::Malformed),
    ];
    for (forged, error) in cases {
        assert_eq!(open::<Value>(&keys, &forged), Err(error), "{forged}");
    }
}
