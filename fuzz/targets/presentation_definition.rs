//! Presentation definitions: read, and held against a credential of ACA-Py.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_credentials::Contexts;
use picomesh_credentials::exchange::{Definition, Request, matching};
use serde_json::Value;
use std::sync::LazyLock;

static CONTEXTS: LazyLock<Contexts> = LazyLock::new(Contexts::new);
static HELD: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = include_str!("../../credentials/vectors/acapy-Ed25519Signature2020.json");
    let vector: Value = serde_json::from_str(text).expect("a vector file is JSON");
    vec![vector["credential"].clone()]
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let _ = Request::parse(&value).map(|request| request.to_json());
    let inner = value.get("presentation_definition").unwrap_or(&value);
    let Ok(definition) = Definition::parse(inner) else { return };
    let holder = HELD[0].pointer("/credentialSubject/id").and_then(Value::as_str);
    if let Ok(selection) = matching(&definition, &HELD, holder, &CONTEXTS) {
        let _ = (selection.credentials(), selection.submission("x"));
    }
});
