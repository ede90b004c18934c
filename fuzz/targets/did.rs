//! DIDs, DID URLs and keys as text. What is read is written back as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_did_resolver::address::Policy;
use picomesh_did_resolver::{Did, DidDocument, DidUrl, PublicKey, method, resolve_local};

fuzz_target!(|text: &str| {
    if let Ok(url) = text.parse::<DidUrl>() {
        assert_eq!(url.to_string(), text);
    }
    if let Ok(key) = PublicKey::from_multibase(text) {
        assert_eq!(PublicKey::from_multibase(&key.to_multibase()).as_ref(), Ok(&key));
    }
    let _ = method::key::naked_key(text);
    if let Ok(did) = text.parse::<Did>() {
        assert_eq!(did.as_str(), text);
        let _ = method::web::url(&did, &Policy::default());
        let _ = method::peer::short_form(&did);
        if let Some(Ok(document)) = resolve_local(&did) {
            let again = DidDocument::from_value(&document.to_json());
            assert_eq!(again.as_ref(), Ok(&document));
        }
    }
});
