//! Every decoder on every vector, cut, spliced and flipped: nothing panics, nothing takes long.
//!
//! The inputs look random and are the same each time. A fuzzer starts from the same seeds.

use picomesh_did_resolver::{Did, DidDocument, DidUrl, PublicKey, legacy, method, resolve_local};
use serde_json::Value;

const VECTORS: [&str; 6] = [
    include_str!("../vectors/did_key.json"),
    include_str!("../vectors/did_jwk.json"),
    include_str!("../vectors/did_peer_2.json"),
    include_str!("../vectors/did_peer_4.json"),
    include_str!("../vectors/did_web.json"),
    include_str!("../vectors/legacy.json"),
];

const ROUNDS: usize = 100;
const ALPHABET: &[u8] = b"z1AaSV.:#%/\"{}[],0=-_\\\x00\xc3\xa9";

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), ALPHABET[random.below(ALPHABET.len())]),
            2 => {
                let part = bytes[at..].to_vec();
                bytes.splice(at..at, part);
            }
            _ if !bytes.is_empty() => bytes[at] = ALPHABET[random.below(ALPHABET.len())],
            _ => {}
        }
    }
    bytes
}

fn decode(bytes: &[u8]) {
    if let Ok(document) = DidDocument::from_json(bytes) {
        exercise(&document);
    }
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        let _ = PublicKey::from_jwk(&value);
        if let Ok(document) = legacy::read(&value) {
            exercise(&document);
        }
        if let Ok(made) = method::peer::create_4(&value) {
            exercise(&made.document);
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = text.parse::<DidUrl>();
    let _ = PublicKey::from_multibase(&text);
    let _ = method::key::naked_key(&text);
    if let Ok(did) = text.parse::<Did>() {
        let _ = method::web::url(&did, &picomesh_did_resolver::address::Policy::default());
        let _ = method::peer::short_form(&did);
        if let Some(Ok(document)) = resolve_local(&did) {
            exercise(&document);
        }
    }
}

/// What was read is whole: it writes, it reads again as the same, and its references hold.
fn exercise(document: &DidDocument) {
    let again = DidDocument::from_value(&document.to_json());
    assert_eq!(again.as_ref(), Ok(document));
    let related = document.authentication.iter().chain(&document.key_agreement);
    for id in related.chain(&document.assertion_method) {
        let method = document.method(id).expect("a related key is in the document");
        assert_eq!(method.controller, document.id.as_str());
        let _ = method.key.to_jwk().expect("a key that was read is on its curve");
    }
    for service in &document.service {
        let _ = document.recipient_ed25519_keys(service);
    }
    let _ = legacy::write(document);
}

/// Every text and every object of a vector file is a seed.
fn seeds(value: &Value, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) if text.len() < 3000 => found.push(text.clone().into_bytes()),
        Value::Array(items) => items.iter().for_each(|item| seeds(item, found)),
        Value::Object(object) => {
            if object.contains_key("id") {
                found.push(value.to_string().into_bytes());
            }
            object.iter().for_each(|(name, item)| {
                found.push(name.clone().into_bytes());
                seeds(item, found);
            });
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn no_mutation_of_a_vector_panics() {
    let mut random = Random(20_190_606);
    for file in VECTORS {
        let mut found = Vec::new();
        seeds(&serde_json::from_str(file).expect("a vector file is JSON"), &mut found);
        for seed in found {
            decode(&seed);
            for _ in 0..ROUNDS {
                decode(&mutate(&seed, &mut random));
            }
        }
    }
}
