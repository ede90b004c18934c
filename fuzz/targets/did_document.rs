//! DID documents and their legacy form. What is read is whole: it writes, and reads again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_did_resolver::{DidDocument, PublicKey, legacy, method};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = DidDocument::from_json(bytes) {
        whole(&document);
    }
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let _ = PublicKey::from_jwk(&value);
    if let Ok(document) = legacy::read(&value) {
        whole(&document);
    }
    if let Ok(made) = method::peer::create_4(&value) {
        whole(&made.document);
    }
});

fn whole(document: &DidDocument) {
    let again = DidDocument::from_value(&document.to_json());
    assert_eq!(again.as_ref(), Ok(document));
    for id in document.authentication.iter().chain(&document.key_agreement) {
        let method = document.method(id).expect("a related key is in the document");
        method.key.to_jwk().expect("a key that was read is on its curve");
    }
    for service in &document.service {
        let _ = document.recipient_ed25519_keys(service);
    }
    let _ = legacy::write(document);
}
