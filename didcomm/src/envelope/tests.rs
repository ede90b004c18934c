//! Bad inputs 1, 2, 5-8: refused before any key is looked at.

use super::*;

#[test]
fn what_is_no_envelope_is_refused() {
    let deep = |depth: usize| format!("{{\"ciphertext\":{}", "[".repeat(depth));
    let cases: [(&[u8], Error); 9] = [
        (b"", Error::Empty),
        (b"hello", Error::Json("not a value")),
        (b"{\"ciphertext\":\"", Error::Json("string not closed")),
        (b"{\"a\":\"\xff\"}", Error::Json("not utf-8")),
        (b"[]", Error::Json("not an object")),
        (b"{}", Error::Envelope("neither encrypted, signed nor plain")),
        (deep(128).leak().as_bytes(), Error::TooDeep),
        (deep(100_000).leak().as_bytes(), Error::TooDeep),
        (br#"{"ciphertext":"x","protected":"e30","protected":"e30"}"#, Error::DuplicateKey),
    ];
    for (bytes, expected) in cases {
        assert_eq!(parse(bytes).unwrap_err(), expected);
    }
    let large = vec![b' '; ENVELOPE_BYTES_MAX + 1];
    let expected = Error::TooLarge { limit_bytes: ENVELOPE_BYTES_MAX };
    assert_eq!(parse(&large).unwrap_err(), expected);
}

#[test]
fn a_key_twice_in_a_protected_header_is_refused() {
    for header in [
        r#"{"typ":"JWM/1.0","alg":"Authcrypt","alg":"Anoncrypt"}"#,
        r#"{"alg":"ECDH-ES+A256KW","\u0061lg":"ECDH-1PU+A256KW"}"#,
    ] {
        let protected = base64::encode(header.as_bytes());
        let envelope = format!(r#"{{"ciphertext":"x","protected":"{protected}"}}"#);
        assert_eq!(parse(envelope.as_bytes()).unwrap_err(), Error::DuplicateKey);
        let signed = format!(
            r#"{{"payload":"e30","signatures":[{{"protected":"{protected}","signature":"x"}}]}}"#
        );
        assert_eq!(parse(signed.as_bytes()).unwrap_err(), Error::DuplicateKey);
    }
}

#[test]
fn a_plaintext_is_named_as_such() {
    for text in [r#"{"@type":"x"}"#, r#"{"type":"x","id":"1"}"#] {
        let parsed = parse(text.as_bytes()).unwrap();
        assert!(parsed.recipients().is_empty() && parsed.sender_kid().is_none());
        assert!(matches!(parsed, Envelope::Plain(bytes) if bytes == text.as_bytes()));
    }
}

/// A small deterministic fuzzer: no change of any vector makes a panic, nor opens what was broken.
#[test]
fn no_broken_vector_panics() {
    let files = [
        include_str!("../../vectors/v1-acapy.json"),
        include_str!("../../vectors/v2-didcomm-python.json"),
    ];
    for file in files {
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let packed = vector.get("packed").unwrap_or(&vector["envelope"]).to_string();
            for at in (0..packed.len()).step_by(7) {
                let mut cut = packed.clone().into_bytes();
                cut.truncate(at);
                assert!(parse(&cut).is_err());
                for byte in [0, b'"', b'}', b'A', 0xff] {
                    let mut changed = packed.clone().into_bytes();
                    changed[at] = byte;
                    let _ = parse(&changed);
                }
            }
        }
    }
}
