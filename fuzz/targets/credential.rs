//! Credentials and presentations: verified, with the documents of the DIDs that need no network.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picomesh_credentials::{
    Contexts, CredentialDetail, Documents, Expected, Policy, check_issued, claims, dids_needed,
    exchange, verify_credential, verify_presentation,
};
use serde_json::Value;
use std::sync::LazyLock;

static CONTEXTS: LazyLock<Contexts> = LazyLock::new(Contexts::new);
static INLINE: LazyLock<Contexts> = LazyLock::new(|| Contexts::new().with_inline());
/// 2026, in the validity of the vectors.
const NOW: i64 = 1_770_000_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let (documents, _) = Documents::local(&dids_needed(&value));
    let expected = Expected { challenge: "challenge", domain: None, definition: None };
    for contexts in [&*CONTEXTS, &*INLINE] {
        let policy = Policy::default();
        let report = verify_credential(&value, &documents, NOW, &policy, contexts);
        let _ = report.to_json();
        let report = verify_presentation(&value, &expected, &documents, NOW, &policy, contexts);
        let _ = report.to_json();
    }
    let _ = (claims::signer(&value), exchange::submitted(&value));
    if let Ok(detail) = CredentialDetail::parse(&value) {
        assert!(CredentialDetail::parse(&detail.to_json()).is_ok());
        let _ = check_issued(&detail, &value);
    }
});
