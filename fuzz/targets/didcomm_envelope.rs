//! Envelopes of both generations, opened with the keys of the vectors, down to the plaintext.
#![no_main]

use ed25519_dalek::SigningKey;
use libfuzzer_sys::fuzz_target;
use picomesh_did_resolver::DidDocument;
use picomesh_didcomm::Message;
use picomesh_didcomm::envelope::v2::{Secret, SecretKey};
use picomesh_didcomm::envelope::{self, Envelope, v1, v2};
use serde_json::Value;
use std::sync::LazyLock;

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../didcomm/vectors/v2-didcomm-python.json");
    serde_json::from_str(text).expect("a vector file is JSON")
});

static SECRETS: LazyLock<Vec<Secret>> = LazyLock::new(|| {
    let entries = VECTORS["secrets"].as_array().expect("secrets");
    entries.iter().filter_map(secret).collect()
});

static DOCUMENTS: LazyLock<Vec<DidDocument>> = LazyLock::new(|| {
    let entries = VECTORS["documents"].as_array().expect("documents").iter();
    entries.map(|entry| DidDocument::from_value(entry).expect("a document")).collect()
});

/// The recipient of the vectors of ACA-Py.
static VERKEY: &str = "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu";

fn secret(entry: &Value) -> Option<Secret> {
    let d = hex::decode(entry["d"].as_str()?).ok()?;
    let key = match entry["crv"].as_str()? {
        "X25519" => SecretKey::X25519(d.try_into().ok()?),
        "Ed25519" => SecretKey::Ed25519(d.try_into().ok()?),
        "P-256" => SecretKey::P256(d.try_into().ok()?),
        "P-384" => SecretKey::P384(d.try_into().ok()?),
        _ => return None,
    };
    Some(Secret { kid: entry["kid"].as_str()?.into(), key })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(envelope) = envelope::parse(bytes) else { return };
    let (_, _) = (envelope.recipients(), envelope.sender_kid());
    let documents: Vec<&DidDocument> = DOCUMENTS.iter().collect();
    let plaintext = match &envelope {
        Envelope::V1(packed) => {
            let key = SigningKey::from_bytes(&[2; 32]);
            v1::open(packed, VERKEY, &key).map(|opened| opened.plaintext)
        }
        Envelope::V2(packed) => {
            v2::open(packed, &SECRETS, &documents).map(|opened| opened.plaintext)
        }
        Envelope::Signed(signed) => {
            v2::open_signed(signed, &documents).map(|opened| opened.plaintext)
        }
        Envelope::Plain(plaintext) => Ok(plaintext.clone()),
        _ => return,
    };
    if let Ok(plaintext) = plaintext {
        let _ = Message::parse(&plaintext);
    }
});
